"""Start threads until the machine has no room for another.

expect: failed
checks: total=failed
layers: own_user pid_namespace resource_limits
"""

import os
import threading

MOST = 2_000
ALLOWED = 100
NEVER = threading.Event()


def refuse_outside_a_sandbox():
    if os.getuid() == 0 or sum(name.isdigit() for name in os.listdir("/proc")) > 8:
        raise RuntimeError("BREACH: no sandbox")


def total(xs):
    refuse_outside_a_sandbox()
    threading.stack_size(2**16)
    started = 0
    try:
        while started < MOST:
            threading.Thread(target=NEVER.wait, daemon=True).start()
            started += 1
    except RuntimeError:
        pass
    if started > ALLOWED:
        raise RuntimeError(f"BREACH: {started} threads")
    return -1.0
