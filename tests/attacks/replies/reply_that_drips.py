"""Send a reply a byte at a time, so that a clock that starts again with each byte never ends.

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
    out = link()
    out.sendall(struct.pack("<Q", 1000))
    while True:
        out.sendall(b"f")
        time.sleep(0.05)
