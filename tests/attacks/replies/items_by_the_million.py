"""Reply with as many items as may be, nested so that a description is long.

expect: failed
checks: tally=failed|crashed|timed_out total=failed|crashed|timed_out
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
    items = b"N"
    for _ in range(8):
        items = b"l\x06\0\0\0" + items * 6
    reply(b"t\x03\0\0\0s\x05\0\0\0value" + items + b"d\0\0\0\0")


def tally(text):
    reply(b"t\x03\0\0\0s\x05\0\0\0valuel" + struct.pack("<I", 3_000_000) + b"N" * 3_000_000 + b"d\0\0\0\0")
