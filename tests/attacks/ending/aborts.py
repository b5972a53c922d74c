"""Abort, as a failed assertion in C would.

expect: failed
checks: total=crashed
"""

import os


def total(xs):
    os.abort()
