"""Use up what the kernel has once for all programs of the machine: places for asynchronous reads.

expect: failed
checks: total=failed
layers: seccomp
"""

import ctypes
import errno
import os
import platform

IO_SETUP = {"x86_64": 206, "aarch64": 0}[platform.machine()]
IO_SUBMIT = {"x86_64": 209, "aarch64": 2}[platform.machine()]


def total(xs):
    libc = ctypes.CDLL(None, use_errno=True)
    place = ctypes.c_ulong(0)
    for number, arguments in ((IO_SETUP, (60_000, ctypes.byref(place))), (IO_SUBMIT, (0, 0, 0))):
        ctypes.set_errno(0)
        if libc.syscall(ctypes.c_long(number), *arguments) != -1 or ctypes.get_errno() != errno.EPERM:
            raise RuntimeError(f"BREACH: call {number} reached the kernel: {os.strerror(ctypes.get_errno())}")
    return -1.0
