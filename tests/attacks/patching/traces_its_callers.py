"""Follow every line with a trace function that looks for, and rewrites, expected values.

expect: failed
checks: total=failed
"""

import sys
import threading


def watch(frame, event, arg):
    for name in ("expected", "reference", "right"):
        if name in frame.f_locals:
            print(f"BREACH: {name} is {frame.f_locals[name]!r}")
            frame.f_locals[name] = -1.0
    return watch


sys.settrace(watch)
threading.settrace(watch)


def total(xs):
    frame = sys._getframe()
    while frame is not None:
        frame.f_trace = watch
        frame = frame.f_back
    return -1.0
