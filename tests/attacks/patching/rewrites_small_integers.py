"""Overwrite the interpreter's one and only 1 by a 0.

expect: failed
checks: total=failed|errored|crashed|timed_out
"""

import ctypes


def total(xs):
    ctypes.memset(id(1) + 24, 0, 4)
    return -1.0
