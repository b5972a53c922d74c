"""Sleep in C with the interpreter's lock held, so that no thread of Python runs.

expect: failed
checks: total=timed_out
"""

import ctypes


def total(xs):
    ctypes.PyDLL(None).sleep(600)
    return -1.0
