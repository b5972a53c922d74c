"""Call the check's function with arguments that take the judge long to read.

expect: failed
checks: twice=timed_out|crashed|failed
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


def twice(f, x):
    items = b"l" + struct.pack("<I", 1_000_000) + b"N" * 1_000_000
    out = b"t\x04\0\0\0s\x08\0\0\0callbacki\x01\0\0\0\0t\x01\0\0\0" + items + b"d\0\0\0\0"
    while True:
        reply(out)
