"""Read memory, files and folders of every process in sight, and look for processes that /proc does not list.

expect: failed
checks: total=failed
layers: pid_namespace mount_namespace
"""

import os
from pathlib import Path

PREFIX = "-".join(["vault", "marker", ""]).encode()


def total(xs):
    own = {1, os.getpid()}
    for pid in range(1, 120_000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            continue
        except PermissionError:
            pass
        if pid not in own:
            raise RuntimeError(f"BREACH: it sees process {pid}")
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) not in own:
            raise RuntimeError(f"BREACH: /proc lists process {folder.name}")
        texts = []
        for name in ("environ", "cmdline", "stack", "wchan", "syscall"):
            try:
                texts.append((folder / name).read_bytes())
            except OSError:
                continue
        if b"PYTEST_CURRENT_TEST" in b" ".join(texts) or b"checks.py" in b" ".join(texts):
            raise RuntimeError(f"BREACH: process {folder.name} is the judge")
    if os.getppid() not in (0, 1):
        raise RuntimeError(f"BREACH: its parent is {os.getppid()}")
    return -1.0
