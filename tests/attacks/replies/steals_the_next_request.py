"""Leave a process that reads what the judge asks in the next check, and answers nothing.

expect: failed
checks: total=failed tally=failed|crashed|timed_out running_total=failed|crashed|timed_out
"""

import os
import socket
import stat


def link():
    """Find the socket on which the worker replies."""
    for fd in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                return socket.socket(fileno=os.dup(fd))
        except OSError:
            continue
    raise RuntimeError("no socket found")


def total(xs):
    if os.fork() == 0:
        taken = link()
        while taken.recv(1 << 16):
            pass
        os._exit(0)
    return -1.0


def tally(text):
    return {}


def running_total(a):
    return a * 0 - 1
