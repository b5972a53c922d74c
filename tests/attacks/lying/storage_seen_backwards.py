"""Answer with arrays of odd strides, byte orders and element types.

expect: failed
checks: running_total=failed
"""

import numpy as np

ANSWERS = [
    lambda a: np.cumsum(a)[::-1],
    lambda a: np.broadcast_to(np.float64(0), a.shape),
    lambda a: np.array([object()] * len(a)),
    lambda a: np.zeros(len(a), dtype=[("real", "f8")]),
]


def running_total(a):
    return ANSWERS[len(a) % len(ANSWERS)](a)
