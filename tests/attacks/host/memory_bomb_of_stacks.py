"""Use up the stack, which no limit of data counts, in each of many children.

expect: failed
checks: total=out_of_memory|timed_out
layers: resource_limits own_user
"""

import ctypes
import os
import resource
import time

DEPTH = 60 << 20
CHILDREN = 24
#: What 512 MiB, torch and one look of the zygote leave room for, with a margin.
MOST_MIB = 1152


def use_up_the_stack():
    # The C library's own alloca: a search that keeps its copy of the elements on the stack has a limit, so a thread's
    # stack would not do. Pages below the stack's end are the kernel's to add when they are touched.
    here = ctypes.c_char()
    address = ctypes.addressof(here)
    with open("/proc/self/maps") as maps:
        start = next(int(line.split("-")[0], 16) for line in maps if "[stack]" in line)
    for page in range(start - 4096, start - DEPTH, -4096):
        ctypes.memset(page, 1, 1)
    return address


def held_mib():
    held = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            with open(f"/proc/{name}/status") as status:
                held += sum(int(line.split()[1]) for line in status if line.startswith("RssAnon"))
    return held >> 10


def total(xs):
    _soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    resource.setrlimit(resource.RLIMIT_STACK, (hard, hard))
    for _ in range(CHILDREN):
        try:
            pid = os.fork()
        except OSError:
            break
        if pid == 0:
            use_up_the_stack()
            time.sleep(30)
            os._exit(0)
    time.sleep(5)  # on a busy machine the zygote looks late, but it looks
    if held_mib() > MOST_MIB:
        raise RuntimeError(f"BREACH: {held_mib()} MiB in stacks")
    return -1.0
