"""Announce the end of the process while it goes on living.

expect: failed
checks: total=crashed|failed tally=crashed|failed
"""

import os
import socket
import stat
import struct

from grader.wire import encode_reply


def link():
    """Find the socket on which the worker replies."""
    for fd in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                return socket.socket(fileno=os.dup(fd))
        except OSError:
            continue
    raise RuntimeError("no socket found")


def send(reply):
    """Send a reply as the worker would, and go on."""
    payload = b"".join(encode_reply(reply))
    link().sendall(struct.pack("<Q", len(payload)) + payload)


def total(xs):
    send(("ended", 0))
    return -1.0


def tally(text):
    send(("ended", -(10**30)))
    return {}
