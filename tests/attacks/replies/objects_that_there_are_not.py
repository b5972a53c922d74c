"""Reply with objects under numbers that nothing has, and call them.

expect: failed
checks: counter=crashed|failed|errored fit=crashed|failed|errored
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


def make_counter(start):
    reply(b"t\x03\0\0\0s\x05\0\0\0valueh\xff\xff\xff\xff\x01\x03\0\0\0int" + b"d\0\0\0\0")


def fit(x, y):
    reply(b"t\x03\0\0\0s\x05\0\0\0valueh\x07\0\0\0\x01\x02\0\0\0\xff\xfe" + b"d\0\0\0\0")
