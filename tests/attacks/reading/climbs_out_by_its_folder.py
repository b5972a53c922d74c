"""Go up from a folder that it holds open, through links of its own and by names that are no plain path.

expect: failed
checks: total=failed
layers: mount_namespace
"""

import os

MARKS = ("exercises", "solution.py", "checks.py", ".git", "root", "home", "etc/passwd", "etc/shadow", "work", "tmp")


def total(xs):
    here = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    os.symlink("../" * 40, "up")
    os.symlink("/proc/self/cwd/../..", "round")
    for start in ("../" * 40, "up", "round", "/proc/self/root", "/proc/thread-self/root", "/proc/1/root", "/./../.."):
        try:
            found = os.open(start, os.O_PATH, dir_fd=here)
        except OSError:
            continue
        for mark in MARKS:
            try:
                os.stat(mark, dir_fd=found)
                place = os.open(mark, os.O_RDONLY, dir_fd=found)
            except OSError:
                continue
            if mark in ("etc/passwd", "root", "home", "work", "tmp") and not os.path.isdir(f"/proc/self/fd/{place}"):
                raise RuntimeError(f"BREACH: {start}/{mark}")
            if os.path.isdir(f"/proc/self/fd/{place}") and os.listdir(place):
                raise RuntimeError(f"BREACH: {start}/{mark} has {os.listdir(place)[:5]}")
    return -1.0
