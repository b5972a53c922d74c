"""Take the processors for itself: real time, a better priority, locked memory.

expect: failed
checks: total=failed
layers: own_user
"""

import ctypes
import os

MCL_CURRENT, MCL_FUTURE = 1, 2
IOPRIO_REAL_TIME = 1 << 13


def total(xs):
    for change in (
        lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
        lambda: os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1)),
        lambda: os.setpriority(os.PRIO_PROCESS, 0, -1),
        lambda: os.setpriority(os.PRIO_PROCESS, 1, -20),
        lambda: os.sched_setaffinity(2, {0}),
    ):
        try:
            change()
        except OSError:
            continue
        raise RuntimeError("BREACH: it changed how processes are scheduled")
    if ctypes.CDLL(None).mlockall(MCL_CURRENT | MCL_FUTURE) == 0:
        raise RuntimeError("BREACH: it locked all of its memory")
    return -1.0
