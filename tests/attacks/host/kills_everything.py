"""Kill all that it may: everything, its group, its parent, process 1, every process in sight.

expect: failed
checks: total=failed|crashed tally=crashed scale=failed|crashed
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
    targets = {-1, 1, os.getppid(), *(int(name) for name in os.listdir("/proc") if name.isdigit())} - {0, os.getpid()}
    for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
        for pid in targets:
            with contextlib.suppress(OSError):
                os.kill(pid, number)
    return -1.0


def tally(text):
    refuse_outside_a_sandbox()
    os.killpg(0, signal.SIGKILL)
    return {}


def scale(x, k):
    refuse_outside_a_sandbox()
    for number in (signal.SIGINT, signal.SIGSEGV, signal.SIGABRT, signal.SIGXCPU):
        with contextlib.suppress(OSError):
            os.kill(1, number)
    return x
