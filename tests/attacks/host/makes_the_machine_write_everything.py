"""Have the whole machine write what every program left to be written, over and over.

expect: failed
checks: total=failed
layers: seccomp
"""

import ctypes
import errno
import os
import platform

SYNC, SYNCFS = {"x86_64": (162, 306), "aarch64": (81, 267)}[platform.machine()]


def total(xs):
    libc = ctypes.CDLL(None, use_errno=True)
    folder = os.open("/usr", os.O_RDONLY)
    for number in (SYNC, SYNCFS):
        ctypes.set_errno(0)
        if libc.syscall(ctypes.c_long(number), folder) != -1 or ctypes.get_errno() != errno.EPERM:
            raise RuntimeError(f"BREACH: call {number} reached the kernel")
    return -1.0
