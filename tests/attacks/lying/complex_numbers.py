"""Answer with complex numbers that have the right real part.

expect: failed
checks: scale=failed total=failed running_total=failed
"""

import numpy as np
import torch


def scale(x, k):
    return torch.complex(x * k, torch.ones_like(x))


def total(xs):
    return complex(sum(xs), 1)


def running_total(a):
    return np.cumsum(a) + 1j
