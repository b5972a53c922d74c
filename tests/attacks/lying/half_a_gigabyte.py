"""Return so much that the judge, which has no limit of the learner's, takes gigabytes to compare it.

expect: failed
checks: scale=out_of_memory running_total=out_of_memory|errored softmax=failed
layers: resource_limits
"""

import numpy as np
import torch


def softmax(x):
    return torch.zeros(1, dtype=torch.float64).expand(2**26 - 512)


def scale(x, k):
    return torch.zeros(2**28, dtype=torch.bool)


def running_total(a):
    return [np.zeros(2**24 - 512) for _ in range(2)]
