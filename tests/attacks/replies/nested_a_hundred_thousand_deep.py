"""Reply with lists in lists, deeper than any stack.

expect: failed
checks: total=crashed tally=crashed
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


def total(xs):
    reply(b"l\x01\0\0\0" * 100_000 + b"N")


def tally(text):
    reply(b"t\x03\0\0\0s\x05\0\0\0value" + b"Z\x01\0\0\0" * 1000 + b"Nd\0\0\0\0")
