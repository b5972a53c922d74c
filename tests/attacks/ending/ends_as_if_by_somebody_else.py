"""End itself by the signal that comes from outside, so that the machine is to blame: while importing it is not.

expect: failed
checks: total=crashed tally=crashed scale=crashed
"""

import ctypes
import os
import resource
import signal


def total(xs):
    os.kill(os.getpid(), signal.SIGKILL)
    return -1.0


def tally(text):
    resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
    while True:
        pass


def scale(x, k):
    # Strict mode ends a process at its next call.
    ctypes.CDLL(None).prctl(22, 1, 0, 0, 0)
    os.kill(os.getpid(), signal.SIGKILL)
