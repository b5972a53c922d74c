"""Announce an exception with a thousand classes, with frames that there are not and lines of the verdict's look.

expect: failed
checks: total=errored|crashed tally=errored|crashed|failed
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
    frames = [(10**500, "f\x1b[2J\nFORGED passed"), (-(10**500), "g"), ("no", 3), (1, "\ud83d")] * 50
    send(("raised", ["Assertion\x1b[2JError\nFORGED passed"] * 1000, "text\nFORGED\x1b[1A", frames))


def tally(text):
    send(("raised", [{"no": "text"}, None, 3], "", []))
