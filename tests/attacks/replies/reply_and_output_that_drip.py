"""Drip lines of output and bytes of a reply in turn.

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
    out.sendall(struct.pack("<Q", 2**20))
    while True:
        print("nearly there", flush=True)
        out.sendall(b"\0")
        time.sleep(0.02)
