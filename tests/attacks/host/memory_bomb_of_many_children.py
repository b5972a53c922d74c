"""Take memory in many children, each of which stays below the limit.

expect: failed
checks: total=failed|crashed|out_of_memory|timed_out
layers: resource_limits own_user pid_namespace
"""

import mmap
import os
import signal
import time

#: Together more than twice the exercise's limit.
EACH_MIB = 200
CHILDREN = 6
#: Have the kernel find the pages at once.
MAP_POPULATE = 0x8000


def refuse_outside_a_sandbox():
    if os.getuid() == 0 or sum(name.isdigit() for name in os.listdir("/proc")) > 8:
        raise RuntimeError("BREACH: no sandbox")


def total(xs):
    refuse_outside_a_sandbox()
    told, tell = os.pipe()
    for _ in range(CHILDREN):
        if os.fork() == 0:
            try:
                held = mmap.mmap(-1, EACH_MIB << 20, mmap.MAP_PRIVATE | MAP_POPULATE)
                os.write(tell, b"x" * (not held.closed))
                signal.pause()
            finally:
                os._exit(1)
    os.close(tell)
    for _ in range(CHILDREN):
        if not os.read(told, 1):  # nobody is left who could still write
            return -1.0
    time.sleep(0.3)  # whoever watches gets a chance
    raise RuntimeError(f"BREACH: {CHILDREN} times {EACH_MIB} MiB")
