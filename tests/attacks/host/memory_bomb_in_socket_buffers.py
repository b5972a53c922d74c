"""Take the kernel's memory: write into pairs of sockets, with the largest buffers there are, and never read.

expect: failed
checks: total=failed
layers: seccomp own_user pid_namespace
"""

import contextlib
import os
import socket

ALLOWED_MIB = 256
BLOCK = bytes(1 << 16)
held = []


def refuse_outside_a_sandbox():
    if os.getuid() == 0 or sum(name.isdigit() for name in os.listdir("/proc")) > 8:
        raise RuntimeError("BREACH: no sandbox")


def fill(end):
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30)
    end.setblocking(False)
    written = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            written += end.send(BLOCK)
    return written


def total(xs):
    refuse_outside_a_sandbox()
    written = 0
    with contextlib.suppress(OSError):
        while written < ALLOWED_MIB << 20:
            held.append(socket.socketpair())
            written += sum(map(fill, held[-1]))
    if written >= ALLOWED_MIB << 20:
        raise RuntimeError(f"BREACH: {written >> 20} MiB in one process")
    return -1.0
