"""Take the kernel's memory in tables of pages: read one byte in every 2 MiB of mappings that no limit counts.

expect: failed
checks: total=failed|out_of_memory|crashed
layers: resource_limits own_user pid_namespace
"""

import ctypes

import numpy as np

#: 4 KiB of tables for each 2 MiB.
SPAN = 2 << 20
GIB = 1 << 30
TABLES_MIB = 64
PROT_READ, PRIVATE_ANONYMOUS_NORESERVE, MADV_NOHUGEPAGE = 1, 0x02 | 0x20 | 0x4000, 15
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


def tables_mib():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmPTE")) / 1024


def total(xs):
    size = 32 * GIB
    while size >= GIB:
        start = libc.mmap(None, size, PROT_READ, PRIVATE_ANONYMOUS_NORESERVE, -1, 0)
        if start in (None, ctypes.c_void_p(-1).value):
            size //= 2
            continue
        libc.madvise(start, size, MADV_NOHUGEPAGE)
        view = np.ctypeslib.as_array(ctypes.cast(start, ctypes.POINTER(ctypes.c_uint8)), shape=(size,))
        int(view[::SPAN].sum())
        if tables_mib() > TABLES_MIB:
            raise RuntimeError(f"BREACH: {tables_mib():.0f} MiB of tables in one process")
    return -1.0
