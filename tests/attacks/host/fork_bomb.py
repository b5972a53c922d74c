"""Fork until the machine has no room for another process.

expect: failed
checks: total=failed
layers: own_user pid_namespace resource_limits
"""

import os
import signal

MOST = 2_000
ALLOWED = 100


def refuse_outside_a_sandbox():
    if os.getuid() == 0 or sum(name.isdigit() for name in os.listdir("/proc")) > 8:
        raise RuntimeError("BREACH: no sandbox")


def total(xs):
    refuse_outside_a_sandbox()
    forked = 0
    while forked < MOST:
        try:
            pid = os.fork()
        except OSError:
            break
        if pid == 0:
            signal.pause()
        forked += 1
    if forked > ALLOWED:
        raise RuntimeError(f"BREACH: {forked} processes")
    return -1.0
