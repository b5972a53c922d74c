"""Tell another grade something by a lock on a file that both may read, or by opening one that the other watches.

expect: failed
checks: total=failed tally=failed
layers: seccomp
"""

import ctypes
import errno
import fcntl
import json
import os
import struct

F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW = 36, 37, 38
RECORD = struct.pack("hhqqi4x", fcntl.F_RDLCK, os.SEEK_SET, 0, 1, 0)


def tries(fd):
    yield "flock", lambda: fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    yield "flock, shared", lambda: fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    for command in (fcntl.F_SETLK, fcntl.F_SETLKW, fcntl.F_GETLK, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW):
        yield f"fcntl {command}", lambda command=command: fcntl.fcntl(fd, command, RECORD)
    yield "a lease", lambda: fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    yield "a notice", lambda: fcntl.fcntl(fd, fcntl.F_NOTIFY, fcntl.DN_ACCESS)


def total(xs):
    for path in (json.__file__, os.path.dirname(json.__file__)):
        fd = os.open(path, os.O_RDONLY)
        for what, attempt in tries(fd):
            try:
                attempt()
            except PermissionError:
                continue
            except OSError as error:
                raise RuntimeError(f"BREACH: {what} reached the kernel: {error}") from None
            raise RuntimeError(f"BREACH: {what} on {path}")
    return -1.0


def tally(text):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.inotify_init1(0) >= 0 or ctypes.get_errno() != errno.EPERM:
        raise RuntimeError("BREACH: it may watch who opens a file")
    return {}
