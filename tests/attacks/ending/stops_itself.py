"""Send itself the signal that stops a process without ending it.

expect: failed
checks: total=timed_out
"""

import os
import signal


def total(xs):
    os.kill(os.getpid(), signal.SIGSTOP)
    return -1.0
