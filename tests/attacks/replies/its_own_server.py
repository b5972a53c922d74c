"""Read the judge's requests off the socket in place of the worker, and answer the rest of the check.

expect: failed
checks: total=failed|crashed|timed_out
"""

import os
import socket
import stat
import struct

from grader.wire import decode_request, encode_reply


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
    out = link()
    send(("value", 0.0, {"args": (xs,), "kwargs": {}}))
    while head := out.recv(8):
        payload = bytearray(out.recv(struct.unpack("<Q", head)[0], socket.MSG_WAITALL))
        request = decode_request(payload, lambda kind, number: None)
        if request is None:
            raise SystemExit
        for name in ("expected", "right", "reference", "tolerance"):
            if name in request:
                print(f"BREACH: the request tells the {name}")
        send(("value", 0.0, {"args": request["args"], "kwargs": {}}))
