"""Announce, while importing, that the import went well and all functions are there.

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


send(("ready", dict.fromkeys(["softmax", "scale", "total", "tally", "running_total", "twice", "fit"], "function"), []))
send(("value", 0.0, {"args": ([],), "kwargs": {}}))


def total(xs):
    return -1.0
