"""Set alarms while it is imported, which end the process that the checks are made from.

expect: failed
checks: total=failed|crashed tally=failed|crashed scale=failed|crashed
"""

import signal

signal.setitimer(signal.ITIMER_REAL, 0.02)


def total(xs):
    return -1.0


def tally(text):
    return {}


def scale(x, k):
    return x
