"""Have work done by a grandchild whose parent does not wait for it: its time is charged to the next one up.

expect: failed
checks: total=failed
layers: seccomp pid_namespace
"""

import os
import time


def total(xs):
    before = os.getpid()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            until_s = time.process_time() + 0.1
            while time.process_time() < until_s:
                pass
            os.write(writing, str(os.getppid()).encode())
            time.sleep(5)
            os._exit(0)
        os._exit(0)
    os.waitpid(child, 0)
    parent = int(os.read(reading, 20))
    if parent not in (1, before):
        raise RuntimeError(f"BREACH: its parent is {parent}")
    return -1.0
