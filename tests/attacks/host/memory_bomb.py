"""Take ever more private memory.

expect: failed
checks: total=out_of_memory
layers: resource_limits own_user
"""

import os

ALLOWED_MIB = 2048
held = []


def refuse_outside_a_sandbox():
    if os.getuid() == 0 or sum(name.isdigit() for name in os.listdir("/proc")) > 8:
        raise RuntimeError("BREACH: no sandbox")


def total(xs):
    refuse_outside_a_sandbox()
    for _ in range(ALLOWED_MIB // 64):
        held.append(b"\1" * (64 << 20))
    raise RuntimeError(f"BREACH: {64 * len(held)} MiB")
