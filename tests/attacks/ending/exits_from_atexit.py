"""Leave exit handlers that end the process with code 0, whoever ends it first.

expect: failed
checks: total=failed
"""

import atexit
import os
import sys

atexit.register(os._exit, 0)
sys.exitfunc = sys.excepthook = lambda *args: os._exit(0)


def total(xs):
    return -1.0
