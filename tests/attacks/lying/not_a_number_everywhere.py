"""Answer with NaN, which is neither above nor below any tolerance.

expect: failed
checks: softmax=failed scale=failed total=failed running_total=failed
"""

import numpy as np
import torch


def softmax(x):
    return x.exp() * torch.nan


def scale(x, k):
    return torch.full_like(x, torch.nan)


def total(xs):
    return float("nan") if xs else 0.0


def running_total(a):
    return np.full_like(a, np.nan)
