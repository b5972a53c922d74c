"""Take from its parent, which makes the process of each check, the right to start processes.

expect: failed
checks: total=failed tally=failed|crashed|passed scale=failed|crashed
layers: pid_namespace own_user
"""

import contextlib
import resource


def total(xs):
    for kind in (resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE):
        with contextlib.suppress(OSError, ValueError):
            resource.prlimit(1, kind, (0, 0))
    return -1.0


def tally(text):
    return {}


def scale(x, k):
    with contextlib.suppress(OSError):
        resource.prlimit(1, resource.RLIMIT_CPU, (0, 0))
    return x
