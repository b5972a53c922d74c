"""Return the same buffer for every answer, each overwriting the one before.

expect: failed
checks: scale=failed
"""

import torch

BUFFER = torch.zeros(3, dtype=torch.float64)


def scale(x, k):
    return x * k


def scale_all(xs, k):
    return [BUFFER.copy_(x).mul_(k) for x in xs]
