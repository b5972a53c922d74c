"""Return a tensor that only means something inside the transform that made it.

expect: failed
checks: scale=failed|errored|crashed|timed_out

Torch imports a second's worth of code for this, which a busy machine makes longer than the vault allows.
"""

import torch

ESCAPED = []


def keep(x):
    ESCAPED.append(x * 2)
    return x.sum()


def scale(x, k):
    torch.func.grad(keep)(x.detach().flatten().double())
    torch.vmap(keep)(x.detach().reshape(1, -1).double())
    return ESCAPED[-1]


def scale_all(xs, k):
    return ESCAPED[-2:]
