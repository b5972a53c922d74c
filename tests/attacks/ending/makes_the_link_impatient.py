"""Have the socket to the judge wait for nothing, where it is shared with the next check.

expect: failed
checks: total=failed|crashed tally=failed|crashed running_total=failed
"""

import os
import socket
import stat
import struct


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
    os.set_blocking(taken.fileno(), False)
    return -1.0


def tally(text):
    taken = link()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("qq", 0, 1000))
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1 << 20)
    return {}


def running_total(a):
    return a * 0 - 1
