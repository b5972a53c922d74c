"""End the process with code 0 in the middle of the first call.

expect: failed
checks: total=crashed
"""

import os


def total(xs):
    os._exit(0)
