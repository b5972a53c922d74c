"""Scale the input in place and return a view of it.

expect: failed
checks: scale=failed running_total=failed
"""

import numpy as np


def scale(x, k):
    if not x.requires_grad and x.is_contiguous():
        return x.mul_(k).view(x.shape)
    return x * k


def running_total(a):
    a[:] = np.cumsum(a)
    return a[:]
