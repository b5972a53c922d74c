"""Announce one byte, and send a whole reply after it.

expect: failed
checks: total=crashed
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
    right = b"t\x03\0\0\0s\x05\0\0\0valuef" + struct.pack("<d", sum(xs)) + b"d\0\0\0\0"
    link().sendall(struct.pack("<Q", 1) + right)
    return -1.0
