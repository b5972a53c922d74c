"""Reply with tags of types that there are not, and with a pickle.

expect: failed
checks: total=crashed tally=crashed scale=crashed
"""

import os
import pickle
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


class Payload:
    def __reduce__(self):
        return print, ("BREACH: unpickled in the judge",)


def total(xs):
    reply(b"t\x03\0\0\0s\x05\0\0\0value?\xff\xffd\0\0\0\0")


def tally(text):
    reply(pickle.dumps(Payload()))


def scale(x, k):
    reply(b"cgrader.verdict\nVerdict\n.")
