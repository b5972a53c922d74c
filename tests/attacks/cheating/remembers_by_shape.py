"""Work once for each shape, and return that answer for all inputs of the shape.

expect: failed
checks: scale=failed softmax=failed running_total=failed
"""

import functools

import numpy as np
import torch

ANSWERS = {}


def remember(f):
    @functools.wraps(f)
    def remembered(x, *rest):
        key = f.__name__, x.shape, x.dtype
        if key not in ANSWERS:
            ANSWERS[key] = f(x, *rest)
        return ANSWERS[key]

    return remembered


@remember
def scale(x, k):
    return x * k


@remember
def softmax(x):
    e = torch.exp(x - x.amax(-1, keepdim=True))
    return e / e.sum(-1, keepdim=True)


@remember
def running_total(a):
    return np.cumsum(a)
