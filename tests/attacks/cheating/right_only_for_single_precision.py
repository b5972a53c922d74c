"""Answer rightly in float32 only, and in float32 always.

expect: failed
checks: softmax=failed scale=failed
"""

import torch


def softmax(x):
    e = torch.exp(x.float() - x.float().amax(-1, keepdim=True))
    return e / e.sum(-1, keepdim=True)


def scale(x, k):
    return x.float() * k
