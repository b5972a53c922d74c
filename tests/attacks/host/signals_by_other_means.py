"""Have another process signalled by a descriptor, as its owner; widen a socket's buffer by a number of 33 bits.

expect: failed
checks: total=failed tally=failed
layers: seccomp
"""

import ctypes
import errno
import fcntl
import os
import platform
import socket
import struct

SETSOCKOPT = {"x86_64": 54, "aarch64": 208}[platform.machine()]
F_SETOWN_EX, FIOSETOWN, SIOCSPGRP = 15, 0x8901, 0x8902
libc = ctypes.CDLL(None, use_errno=True)


def total(xs):
    ours, _ = socket.socketpair()
    for attempt in (
        lambda: fcntl.fcntl(ours, fcntl.F_SETOWN, 1),
        lambda: fcntl.fcntl(ours, F_SETOWN_EX, struct.pack("ii", 1, 1)),
        lambda: fcntl.ioctl(ours, FIOSETOWN, struct.pack("i", 1)),
        lambda: fcntl.ioctl(ours, SIOCSPGRP, struct.pack("i", 1)),
    ):
        try:
            attempt()
        except PermissionError:
            continue
        raise RuntimeError("BREACH: another process is the owner of a socket of ours")
    return -1.0


def tally(text):
    ours, _ = socket.socketpair()
    size = ours.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
    wide = struct.pack("i", 1 << 20)
    for level, option in ((1, 7), (1 | 1 << 32, 7), (1, 7 | 1 << 32)):
        libc.syscall(ctypes.c_long(SETSOCKOPT), ours.fileno(), ctypes.c_ulong(level), ctypes.c_ulong(option), wide, 4)
    if ours.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) != size:
        raise RuntimeError("BREACH: a socket's buffer is larger")
    ctypes.set_errno(0)
    if libc.socketpair(30, 1, 0, (ctypes.c_int * 2)()) != -1 or ctypes.get_errno() != errno.EPERM:
        raise RuntimeError(f"BREACH: a pair of another family: {os.strerror(ctypes.get_errno())}")
    return {}
