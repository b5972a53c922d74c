"""Mark a reply as lent, which only the judge may do, with a file of its own beside it.

expect: failed
checks: total=crashed|failed
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
    file = os.open("lent", os.O_RDWR | os.O_CREAT)
    os.ftruncate(file, 1 << 20)
    for flag in (1 << 63, 1 << 62, 1 << 56, 1 << 32):
        socket.send_fds(link(), [struct.pack("<Q", flag | 1 << 20)], [file])
    return -1.0
