"""Return tensors that are negated and conjugated when they are read, of numbers that are not the answer.

expect: failed
checks: scale=failed|errored
"""

import torch


def scale(x, k):
    return torch._neg_view(x * k)


def scale_all(xs, k):
    return [torch._neg_view(x * k) for x in xs]
