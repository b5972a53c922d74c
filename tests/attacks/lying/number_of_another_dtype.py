"""Answer rightly up to rounding in a dtype nobody asked for.

expect: failed
checks: scale=failed softmax=failed running_total=failed total=failed
"""

import numpy as np
import torch


def scale(x, k):
    return (x * k).to(torch.bfloat16)


def softmax(x):
    e = (x - x.amax(-1, keepdim=True)).exp()
    return (e / e.sum(-1, keepdim=True)).float().double()


def running_total(a):
    return np.cumsum(a).astype(">f4")


def total(xs):
    return np.float32(sum(xs))
