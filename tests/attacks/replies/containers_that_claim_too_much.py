"""Reply with containers that announce four billion items, and nothing in them.

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
    reply(b"l\xff\xff\xff\xff")


def tally(text):
    reply(b"t\x03\0\0\0s\x05\0\0\0valued\xff\xff\xff\x7fd\0\0\0\0")
