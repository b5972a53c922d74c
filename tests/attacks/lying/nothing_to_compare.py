"""Answer with empty tensors and arrays, of which all elements are right.

expect: failed
checks: scale=failed softmax=failed running_total=failed
"""

import numpy as np


def scale(x, k):
    return x[..., :0]


def softmax(x):
    return x.exp()[..., :0]


def running_total(a):
    return np.empty((0,))
