"""Announce a reply of 64 MiB, send three bytes of it and wait.

expect: failed
checks: total=timed_out
"""

import os
import socket
import stat
import struct
import time


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
    link().sendall(struct.pack("<Q", 2**26) + b"abc")
    time.sleep(600)
    return -1.0
