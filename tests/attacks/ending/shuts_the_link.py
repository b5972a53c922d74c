"""Shut the socket to the judge for reading, for writing and for both, where it is shared with the next check.

expect: failed
checks: total=crashed tally=failed scale=crashed
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
    taken = link()
    taken.shutdown(socket.SHUT_WR)
    return -1.0


def tally(text):
    return {}


def scale(x, k):
    taken = link()
    taken.shutdown(socket.SHUT_RDWR)
    return x
