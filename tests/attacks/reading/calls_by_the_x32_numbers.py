"""Call the kernel by the numbers of x32, which a careless filter does not know.

expect: failed
checks: total=failed|crashed
layers: seccomp
"""

import ctypes
import platform

X32 = 0x40000000
#: ptrace (both tables), process_vm_readv, socket, unshare, mount, and getpid, which harms nobody but must not pass.
NUMBERS = (521, 101, 539, 310, 41, 272, 165, 39)


def total(xs):
    if platform.machine() == "x86_64":
        libc = ctypes.CDLL(None, use_errno=True)
        for number in NUMBERS:
            if libc.syscall(ctypes.c_long(X32 | number), 0, 0, 0, 0, 0, 0) >= 0:
                raise RuntimeError(f"BREACH: x32 call {number} is allowed")
    return -1.0
