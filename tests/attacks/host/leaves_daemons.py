"""Leave processes behind: forked twice, in a session of their own, deaf to signals and to their parent's death.

expect: failed
checks: total=failed
layers: pid_namespace
"""

import contextlib
import ctypes
import os
import signal
import time

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15


def become_a_daemon():
    libc = ctypes.CDLL(None)
    for step in (os.setsid, lambda: os.setpgid(0, 0), lambda: os.chdir("/")):
        with contextlib.suppress(OSError):
            step()
    libc.prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0)
    libc.prctl(PR_SET_NAME, b"[kworker/0:1]", 0, 0, 0)
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    os.closerange(0, 256)
    if os.fork():
        os._exit(0)
    time.sleep(60)
    os._exit(0)


def total(xs):
    for _ in range(5):
        if os.fork() == 0:
            become_a_daemon()
    if os.fork() == 0:
        os.execvp("sleep", ["sleep", "60"])
    return -1.0


if os.fork() == 0:  # while importing, too
    become_a_daemon()
