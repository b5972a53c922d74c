"""Return arrays of records, of objects, of texts and of moments in the place of numbers.

expect: failed
checks: running_total=failed|errored
"""

import numpy as np

KINDS = [
    np.dtype([("a", float)]),
    np.dtype(object),
    np.dtype("U8"),
    np.dtype("M8[ns]"),
    np.dtype("V16"),
    np.dtype(">f2"),
]


def running_total(a):
    KINDS.append(KINDS.pop(0))
    return np.zeros(a.shape, KINDS[-1])
