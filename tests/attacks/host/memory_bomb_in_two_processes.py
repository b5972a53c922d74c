"""Take the limit twice: in the process that imported the file, by a thread, and in the child for a check.

expect: failed
checks: total=out_of_memory
layers: resource_limits own_user pid_namespace
"""

import mmap
import os
import threading
import time

EACH_MIB = 440
MAP_POPULATE = 0x8000
CAN_SEE, SAYS = os.pipe()
held = []


def take():
    held.append(mmap.mmap(-1, EACH_MIB << 20, mmap.MAP_PRIVATE | MAP_POPULATE))


def wait_and_take():
    os.read(CAN_SEE, 1)
    take()
    time.sleep(60)


threading.Thread(target=wait_and_take, daemon=True).start()


def total(xs):
    if os.getuid() == 0 or sum(name.isdigit() for name in os.listdir("/proc")) > 8:
        raise RuntimeError("BREACH: no sandbox")
    os.write(SAYS, b"x")
    take()
    time.sleep(1)  # whoever watches gets a chance
    raise RuntimeError(f"BREACH: {EACH_MIB} MiB, twice")
