"""Answer with infinity, relative to which every error is small.

expect: failed
checks: softmax=failed scale=failed total=failed
"""

import torch


def softmax(x):
    return x.exp() + torch.inf


def scale(x, k):
    return torch.full_like(x, torch.inf)


def total(xs):
    return float("inf") if xs else 0.0
