"""Burn all processors in children while it sleeps itself, longer than the check may take.

expect: failed
checks: total=timed_out
layers: pid_namespace
"""

import os
import time


def total(xs):
    for _ in range(8):
        if os.fork() == 0:
            until_s = time.monotonic() + 20
            while time.monotonic() < until_s:
                pass
            os._exit(0)
    time.sleep(20)
    return -1.0
