"""Stop the process that forks for the checks, and everything else, so that nobody answers any more.

expect: failed
checks: total=failed|timed_out|crashed
layers: own_user pid_namespace
"""

import contextlib
import os
import signal


def refuse_outside_a_sandbox():
    if os.getuid() == 0 or sum(name.isdigit() for name in os.listdir("/proc")) > 8:
        raise RuntimeError("BREACH: no sandbox")


def total(xs):
    refuse_outside_a_sandbox()
    for number in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN):
        for pid in (1, os.getppid(), -1):
            with contextlib.suppress(OSError):
                os.kill(pid, number)
    return -1.0
