"""Write through a null pointer.

expect: failed
checks: total=crashed
"""

import ctypes


def total(xs):
    ctypes.memset(0, 1, 64)
