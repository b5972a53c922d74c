"""Leave a thread in the process that the checks are made from, which answers before the process of the check.

expect: failed
checks: total=failed|crashed tally=failed|crashed
"""

import os
import socket
import stat
import struct
import threading
import time


def link():
    """Find the socket on which the worker replies."""
    for fd in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                return socket.socket(fileno=os.dup(fd))
        except OSError:
            continue
    raise RuntimeError("no socket found")


def flood():
    taken = link()
    time.sleep(0.3)
    while True:
        taken.sendall(struct.pack("<Q", 1) + b"n")
        time.sleep(0.001)


threading.Thread(target=flood, daemon=True).start()


def total(xs):
    return -1.0


def tally(text):
    return {}
