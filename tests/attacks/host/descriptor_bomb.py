"""Open descriptors until the machine has none left, here and in children.

expect: failed
checks: total=failed
layers: own_user pid_namespace resource_limits
"""

import contextlib
import os

MOST = 20_000
ALLOWED = 1024
#: pipe() gives them in pairs
opened = []


def refuse_outside_a_sandbox():
    if os.getuid() == 0 or sum(name.isdigit() for name in os.listdir("/proc")) > 8:
        raise RuntimeError("BREACH: no sandbox")


def total(xs):
    refuse_outside_a_sandbox()
    with contextlib.suppress(OSError):
        while len(opened) < MOST:
            opened.extend(os.pipe())
    if len(opened) > ALLOWED:
        raise RuntimeError(f"BREACH: {len(opened)} descriptors")
    with contextlib.suppress(OSError):  # the spare ones, one by one
        while len(opened) < MOST:
            opened.append(os.dup(0))
    return -1.0
