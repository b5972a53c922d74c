"""Free memory that was never allocated, and let the allocator abort.

expect: failed
checks: total=crashed
"""

import ctypes


def total(xs):
    libc = ctypes.CDLL(None)
    libc.free.argtypes = [ctypes.c_void_p]
    libc.free(id(xs) + 1)
    libc.free(id(xs) + 1)
    return -1.0
