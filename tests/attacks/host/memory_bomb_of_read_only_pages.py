"""Fill memory and forbid itself to write there again and again: what cannot be written no limit of data counts.

expect: failed
checks: total=out_of_memory
layers: resource_limits
"""

import ctypes
import mmap

PIECE = 32 << 20
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]


def total(xs):
    for _ in range(3 * 2**30 // PIECE):
        start = libc.mmap(None, PIECE, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
        if start in (None, 2**64 - 1):
            raise MemoryError
        ctypes.memset(start, 1, PIECE)
        libc.mprotect(ctypes.c_void_p(start), ctypes.c_size_t(PIECE), mmap.PROT_READ)
    raise RuntimeError("BREACH: 3 GiB")
