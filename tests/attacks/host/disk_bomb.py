"""Fill the private folder, with one large file and with many.

expect: failed
checks: total=failed
layers: tmp_size own_user
"""

import contextlib
import os

MOST_MIB = 1024
ALLOWED_MIB = 256
BLOCK = bytes(1 << 20)


def refuse_outside_a_sandbox():
    if os.getuid() == 0 or sum(name.isdigit() for name in os.listdir("/proc")) > 8:
        raise RuntimeError("BREACH: no sandbox")


def total(xs):
    refuse_outside_a_sandbox()
    written_mib = 0
    for i in range(4):
        with contextlib.suppress(OSError), open(f"large-{i}", "wb", buffering=0) as file:
            while written_mib < MOST_MIB:
                written_mib += file.write(BLOCK) >> 20
    with contextlib.suppress(OSError):
        os.posix_fallocate(os.open("at-once", os.O_CREAT | os.O_RDWR), 0, MOST_MIB << 20)
        written_mib += MOST_MIB
    if written_mib > ALLOWED_MIB:
        raise RuntimeError(f"BREACH: {written_mib} MiB")
    return -1.0
