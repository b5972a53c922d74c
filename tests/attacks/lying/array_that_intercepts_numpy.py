"""Return an array subclass whose ufuncs and functions call everything equal.

expect: failed
checks: running_total=failed
"""

import numpy as np


class Agreeable(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return np.True_ if ufunc in (np.equal, np.isfinite) else np.float64(0)

    def __array_function__(self, func, types, args, kwargs):
        return True

    def __array__(self, *args, **kwargs):
        return np.zeros(1)


def running_total(a):
    return a.view(Agreeable)
