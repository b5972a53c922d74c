"""Look for a descriptor that the grader forgot to close.

expect: failed
checks: total=failed
layers: closed_descriptors
"""

import os
import stat

ALLOWED = {0: stat.S_ISCHR, 1: stat.S_ISFIFO, 2: stat.S_ISFIFO}


def open_descriptors():
    for fd in range(65_536):
        try:
            yield fd, os.fstat(fd).st_mode
        except OSError:
            continue


def look():
    links = 0
    for fd, mode in open_descriptors():
        if fd in ALLOWED and ALLOWED[fd](mode):
            continue
        links += stat.S_ISSOCK(mode)
        if not stat.S_ISSOCK(mode) or links > 1:
            raise RuntimeError(f"BREACH: descriptor {fd} leads to {os.readlink(f'/proc/self/fd/{fd}')}")


def total(xs):
    look()
    return -1.0


look()
