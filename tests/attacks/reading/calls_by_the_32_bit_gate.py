"""Enter the kernel by `int 0x80`, where the filter sees the numbers of another architecture.

expect: failed
checks: total=crashed|failed
layers: seccomp
"""

import ctypes
import mmap
import platform

#: mov eax, 20 (getpid of i386); int 0x80; ret
CODE = bytes.fromhex("b814000000cd80c3")


def total(xs):
    if platform.machine() == "x86_64":
        page = mmap.mmap(-1, mmap.PAGESIZE, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        page.write(CODE)
        start = ctypes.addressof(ctypes.c_char.from_buffer(page))
        if ctypes.CFUNCTYPE(ctypes.c_int)(start)() > 0:
            raise RuntimeError("BREACH: a 32-bit call is allowed")
    return -1.0
