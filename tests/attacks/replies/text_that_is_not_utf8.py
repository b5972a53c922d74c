"""Reply with texts that are no UTF-8, in every place where a text can stand.

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
    reply(b"t\x04\0\0\0s\x06\0\0\0raisedl\x01\0\0\0s\x02\0\0\0\xff\xfes\x02\0\0\0\xc3(l\0\0\0\0")


def tally(text):
    reply(b"t\x03\0\0\0s\x05\0\0\0valued\x01\0\0\0s\x02\0\0\0\xc0\x80i\x01\0\0\0\x01d\0\0\0\0")
