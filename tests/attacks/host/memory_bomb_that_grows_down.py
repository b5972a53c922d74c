"""Take memory that counts as a stack, for which the limit of data does not hold: by mmap, and by a shadow stack.

expect: failed
checks: total=failed|out_of_memory tally=failed|crashed|out_of_memory
layers: seccomp resource_limits
"""

import ctypes
import errno
import os
import resource

MIB = 1 << 20
#: More than the exercise allows.
CAP_MIB, STEP = 600, 64 * MIB
PRIVATE, ANONYMOUS, GROWSDOWN = 0x02, 0x20, 0x0100
#: The same number on every machine.
MAP_SHADOW_STACK = 453
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
FAILED = ctypes.c_void_p(-1).value


def grow_down():
    taken = 0
    while taken < CAP_MIB * MIB:
        block = libc.mmap(None, STEP, 3, PRIVATE | ANONYMOUS | GROWSDOWN, -1, 0)
        if block in (None, FAILED):
            return
        ctypes.memset(block, 1, STEP)
        taken += STEP
    raise RuntimeError(f"BREACH: {CAP_MIB} MiB of stack")


def total(xs):
    grow_down()
    ctypes.set_errno(0)
    if libc.syscall(ctypes.c_long(MAP_SHADOW_STACK), None, STEP, 0) >= 0 or ctypes.get_errno() != errno.EPERM:
        raise RuntimeError(f"BREACH: a shadow stack reached the kernel: {os.strerror(ctypes.get_errno())}")
    return -1.0


def tally(text):
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    if hard == resource.RLIM_INFINITY or hard > 512 * MIB:
        raise RuntimeError(f"BREACH: the stack itself may grow to {hard}")
    return {}
