"""Take ever more memory in tensors, and in one that is too large at once.

expect: failed
checks: total=out_of_memory softmax=out_of_memory
layers: resource_limits own_user
"""

import os

import torch

ALLOWED_MIB = 2048
held = []


def refuse_outside_a_sandbox():
    if os.getuid() == 0 or sum(name.isdigit() for name in os.listdir("/proc")) > 8:
        raise RuntimeError("BREACH: no sandbox")


def total(xs):
    refuse_outside_a_sandbox()
    for _ in range(ALLOWED_MIB // 64):
        held.append(torch.ones(64 << 20, dtype=torch.uint8))
    raise RuntimeError(f"BREACH: {64 * len(held)} MiB")


def softmax(x):
    refuse_outside_a_sandbox()
    torch.empty(2 << 30, dtype=torch.uint8)
    raise RuntimeError("BREACH: 2 GiB at once")
