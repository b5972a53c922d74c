"""Take memory as shared pages, which are not counted with a process's own data.

expect: failed
checks: total=failed|out_of_memory|errored tally=failed|out_of_memory|errored
layers: resource_limits own_user
"""

import mmap
import os

#: Twice the exercise's limit.
ALLOWED_MIB = 1024
#: Have the kernel find the pages at once.
MAP_POPULATE = 0x8000
held = []


def refuse_outside_a_sandbox():
    if os.getuid() == 0 or sum(name.isdigit() for name in os.listdir("/proc")) > 8:
        raise RuntimeError("BREACH: no sandbox")


def fill(fd):
    refuse_outside_a_sandbox()
    taken_mib = 0
    while taken_mib < ALLOWED_MIB:
        try:
            held.append(mmap.mmap(fd, 64 << 20, mmap.MAP_SHARED | MAP_POPULATE))
        except OSError:
            return
        taken_mib += 64
    raise RuntimeError(f"BREACH: {taken_mib} MiB")


def total(xs):
    fill(-1)
    return -1.0


def tally(text):
    fill(os.open("/dev/zero", os.O_RDWR))  # which gives shared memory too
    return {}
