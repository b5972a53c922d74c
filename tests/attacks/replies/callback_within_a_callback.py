"""Hand the check's function an object, and answer each question about it by the next call of the function.

expect: failed
checks: twice=crashed|failed|errored|timed_out
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


def reply(payload):
    """Send one well-formed frame, whatever is in it."""
    link().sendall(struct.pack("<Q", len(payload)) + payload)


def _head(name):
    return b"h\x01\0\0\0\x01" + struct.pack("<I", len(name)) + name


def twice(f, x):
    out = b"t\x04\0\0\0s\x08\0\0\0callbacki\x01\0\0\0\0t\x01\0\0\0" + _head(b"Thing") + b"d\0\0\0\0"
    for _ in range(5000):
        reply(out)
    return x
