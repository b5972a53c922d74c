"""Send a reply of its own for this call and for the calls to come, before the real ones.

expect: failed
checks: total=failed|crashed tally=failed|crashed
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
    for _ in range(20):
        send(("value", 0.0, {"args": (xs,), "kwargs": {}}))
    return -1.0


def tally(text):
    for _ in range(20):
        send(("value", {}, {}))
    return {}
