"""Take memory as files that have no name, and as segments of System V.

expect: failed
checks: total=failed
layers: seccomp own_user
"""

import ctypes
import os

ALLOWED_MIB = 256
BLOCK = bytes(1 << 20)


def refuse_outside_a_sandbox():
    if os.getuid() == 0 or sum(name.isdigit() for name in os.listdir("/proc")) > 8:
        raise RuntimeError("BREACH: no sandbox")


def total(xs):
    refuse_outside_a_sandbox()
    libc = ctypes.CDLL(None)
    if libc.shmget(0, ctypes.c_size_t(1 << 30), 0o1600) >= 0:
        raise RuntimeError("BREACH: 1 GiB of System V")
    taken_mib = 0
    for how in (lambda: os.memfd_create("vault"), lambda: os.open(".", os.O_TMPFILE | os.O_RDWR, 0o600)):
        try:
            file = how()
            while taken_mib < ALLOWED_MIB:
                taken_mib += os.write(file, BLOCK) >> 20
        except OSError:
            continue
        raise RuntimeError(f"BREACH: {taken_mib} MiB")
    return -1.0
