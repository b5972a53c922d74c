"""Answer with a shape of a trillion elements over one number.

expect: failed
checks: scale=failed running_total=failed
"""

import numpy as np
import torch


def scale(x, k):
    return torch.zeros(1, dtype=x.dtype).expand(2**40)


def running_total(a):
    return np.lib.stride_tricks.as_strided(a, (2**28, 2**10), (0, 0))
