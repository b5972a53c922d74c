"""Send the longest frame there may be at all, where the request leaves room for a small part of it.

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
    size = 512 << 20
    link().sendall(struct.pack("<Q", size))
    block = b"b" + struct.pack("<I", size - 5) + bytes(1 << 20)
    while True:
        link().sendall(block)
