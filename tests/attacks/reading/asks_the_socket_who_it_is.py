"""Get a handle on the judge's side from the socket itself, then kill it or take its descriptors.

expect: failed
checks: total=failed
layers: pid_namespace seccomp
"""

import ctypes
import os
import signal
import socket
import stat
import struct

SO_PEERCRED, SO_PEERPIDFD = 17, 77
PIDFD_SEND_SIGNAL, PIDFD_OPEN, PIDFD_GETFD = 424, 434, 438
syscall = ctypes.CDLL(None, use_errno=True).syscall


def the_link():
    for fd in range(3, 1024):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                return socket.socket(fileno=os.dup(fd))
        except OSError:
            continue
    raise RuntimeError("no socket")


def total(xs):
    link = the_link()
    pid, _, _ = struct.unpack("iII", link.getsockopt(socket.SOL_SOCKET, SO_PEERCRED, 12))
    if pid not in (0, 1, os.getpid()):
        raise RuntimeError(f"BREACH: the other end is process {pid}")
    try:
        handle = link.getsockopt(socket.SOL_SOCKET, SO_PEERPIDFD)
    except OSError:
        return -1.0  # a kernel before 6.5
    for number in (signal.SIGSTOP, signal.SIGKILL):
        if syscall(PIDFD_SEND_SIGNAL, handle, int(number), None, 0) == 0:
            raise RuntimeError("BREACH: the other end got a signal")
    for fd in range(32):
        if syscall(PIDFD_GETFD, handle, fd, 0) >= 0:
            raise RuntimeError("BREACH: took a descriptor of the other end")
    with open(f"/proc/self/fdinfo/{handle}") as about:
        told = dict(line.split(":", 1) for line in about if ":" in line)
    if int(told.get("Pid", "0")) > 1:
        raise RuntimeError(f"BREACH: the other end is process {told['Pid']}")
    return -1.0
