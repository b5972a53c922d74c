"""Make every warning raise, and print escape codes where one is shown.

expect: failed
checks: total=failed
"""

import warnings

warnings.simplefilter("error")
warnings.showwarning = lambda *args, **kwargs: print("\x1b[2J9 passed")
warnings.formatwarning = lambda *args, **kwargs: "\x1b[2J9 passed"


def total(xs):
    warnings.resetwarnings()
    return -1.0
