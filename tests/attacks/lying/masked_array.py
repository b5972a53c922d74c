"""Return arrays in which everything is masked, so that nothing is left to compare.

expect: failed
checks: running_total=failed|errored
"""

import numpy as np


def running_total(a):
    return np.ma.masked_all(a.shape)
