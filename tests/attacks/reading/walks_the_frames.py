"""Climb every frame of every thread up to the judge, and search its variables.

expect: failed
checks: total=failed
"""

import sys
import threading

PREFIX = "-".join(["vault", "marker", ""])


def frames():
    for frame in [*sys._current_frames().values(), sys._getframe()]:
        while frame is not None:
            yield frame
            frame = frame.f_back


def search():
    for frame in frames():
        for space in (frame.f_locals, frame.f_globals, frame.f_builtins):
            for name, value in list(space.items()):
                looked_at = name not in ("PREFIX", "value") and isinstance(value, str | bytes | dict | list | tuple)
                if looked_at and PREFIX in f"{value}":
                    raise RuntimeError(f"BREACH: a secret in {frame.f_code.co_qualname}: {name}")
        if frame.f_code.co_filename.endswith("checks.py") or "_pytest" in frame.f_code.co_filename:
            raise RuntimeError(f"BREACH: a frame of the judge, {frame.f_code.co_qualname}")


def total(xs):
    search()
    thread = threading.Thread(target=search)
    thread.start()
    thread.join()
    return -1.0


search()
