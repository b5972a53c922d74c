"""Answer by a reply of its own and die at once: the next check must not hear of it.

expect: failed
checks: total=passed tally=passed running_total=failed
"""

import os
import socket
import stat
import struct

import numpy as np

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
    if len(xs) > 100:  # the last list of the check, which is asked about twice
        total.last = getattr(total, "last", 0) + 1
        if total.last == 2:
            send(("value", float(sum(xs)), {"args": (xs,), "kwargs": {}}))
            os._exit(0)
    return float(sum(xs))


def tally(text):
    return {c: text.count(c) for c in text}


def running_total(a):
    return np.zeros_like(a)
