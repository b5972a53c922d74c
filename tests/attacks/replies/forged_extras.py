"""Send what a check wants to know besides the value, in types and numbers it does not expect.

expect: failed
checks: total=failed|crashed softmax=failed|crashed softmax_gradient=failed|crashed scale=failed|crashed
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
    send(("value", -1.0, {"args": 3, "kwargs": "no", "peak_bytes": -1}))


def softmax(x):
    send(("value", x.exp(), {"args": (x,), "kwargs": {}, "ops": (3, None, "exp"), "grads": [None]}))


def scale(x, k):
    send(("value", x * k, {"args": (), "kwargs": {}}))
