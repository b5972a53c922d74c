"""Send open descriptors along the link, so that the judge runs out of its own.

expect: failed
checks: total=failed|crashed|timed_out
"""

import contextlib
import os
import socket
import stat

ROUNDS = 400


def the_link():
    for fd in range(3, 1024):
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                return socket.socket(fileno=os.dup(fd))
    raise RuntimeError("no socket")


def total(xs):
    link = the_link()
    with contextlib.suppress(OSError):
        for _ in range(ROUNDS):
            socket.send_fds(link, [bytes(1)], [0] * 100, socket.MSG_DONTWAIT)
    return -1.0
