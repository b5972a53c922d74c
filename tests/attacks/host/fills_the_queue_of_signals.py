"""Take all places for signals that wait, which its user has once for all programs.

expect: failed
checks: total=failed
layers: resource_limits
"""

import resource

#: Far more than a debugger or a profiler would want.
MOST = 4096


def total(xs):
    most = resource.getrlimit(resource.RLIMIT_SIGPENDING)[1]
    if not 0 <= most <= MOST:
        raise RuntimeError(f"BREACH: {most} signals and timers may wait")
    return -1.0
