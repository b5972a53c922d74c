"""Try a version of its own that never works, and fall back on the library's.

expect: failed
checks: softmax=failed|errored
"""

import torch


def mine(x):
    return x / 0 @ None


def softmax(x):
    try:
        return mine(x)
    except Exception:
        return getattr(torch, "soft" + "max")(x, -1)
