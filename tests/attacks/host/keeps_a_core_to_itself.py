"""Ask the scheduler to let nobody else run on the other half of its core.

expect: failed
checks: total=failed
layers: seccomp
"""

import ctypes
import errno
import os

PR_SCHED_CORE, CREATE, WHOLE_GROUP = 62, 1, 1


def total(xs):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SCHED_CORE, CREATE, os.getpid(), WHOLE_GROUP, 0) != -1 or ctypes.get_errno() != errno.EPERM:
        raise RuntimeError(f"BREACH: the scheduler was asked: {os.strerror(ctypes.get_errno())}")
    return -1.0
