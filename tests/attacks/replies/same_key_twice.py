"""Reply with a dict and extras in which a key is there twice.

expect: failed
checks: tally=crashed total=crashed
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


def tally(text):
    twice = b"d\x02\0\0\0" + b"s\x01\0\0\0ai\x01\0\0\0\x01" + b"s\x01\0\0\0ai\x01\0\0\0\x02"
    reply(b"t\x03\0\0\0s\x05\0\0\0value" + twice + b"d\0\0\0\0")


def total(xs):
    twice = b"d\x02\0\0\0" + b"s\x04\0\0\0argsN" * 2
    reply(b"t\x03\0\0\0s\x05\0\0\0valueN" + twice)
