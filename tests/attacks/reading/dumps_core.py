"""Make a child dump its core, which would hold what the processes before it knew.

expect: failed
checks: total=failed
layers: resource_limits
"""

import os
import resource
import signal


def total(xs):
    for limit in (resource.RLIM_INFINITY, 2**20):
        try:
            resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))
        except (ValueError, OSError):
            continue
        raise RuntimeError("BREACH: core dumps can be switched on")
    for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGQUIT):
        pid = os.fork()
        if pid == 0:
            os.kill(os.getpid(), number)
            os._exit(0)
        if os.WCOREDUMP(os.waitpid(pid, 0)[1]):
            raise RuntimeError(f"BREACH: {number.name} left a core")
    if [name for name in os.listdir() if "core" in name]:
        raise RuntimeError("BREACH: a core in the working directory")
    return -1.0
