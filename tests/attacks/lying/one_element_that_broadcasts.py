"""Answer with one element, which would stretch to any shape.

expect: failed
checks: scale=failed running_total=failed
"""

import numpy as np


def scale(x, k):
    return x.flatten()[0] * k


def running_total(a):
    return np.asarray(a[0])
