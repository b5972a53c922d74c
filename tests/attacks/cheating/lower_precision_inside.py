"""Compute in half the precision and convert the answer back.

expect: failed
checks: softmax=failed scale=failed total=failed running_total=failed
"""

import numpy as np
import torch


def softmax(x):
    e = torch.exp(x.float() - x.float().amax(-1, keepdim=True))
    return (e / e.sum(-1, keepdim=True)).to(x.dtype)


def scale(x, k):
    return (x.float() * k).to(x.dtype)


def total(xs):
    return float(np.float32(sum(xs)))


def running_total(a):
    return np.cumsum(a.astype(np.float32)).astype(np.float64)
