"""Let every process fork another and end, so that no list of processes is ever complete.

expect: failed
checks: total=timed_out
layers: own_user pid_namespace resource_limits
"""

import os
import time


def refuse_outside_a_sandbox():
    if os.getuid() == 0 or sum(name.isdigit() for name in os.listdir("/proc")) > 8:
        raise RuntimeError("BREACH: no sandbox")


def total(xs):
    refuse_outside_a_sandbox()
    if os.fork() == 0:
        until_s = time.monotonic() + 20
        while time.monotonic() < until_s:
            try:
                if os.fork() > 0:
                    os._exit(0)
            except OSError:
                time.sleep(0.001)
        os._exit(0)
    while True:
        time.sleep(1)
