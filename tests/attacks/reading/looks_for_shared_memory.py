"""Look for memory that other programs share: System V, POSIX, queues, /dev/shm.

expect: failed
checks: total=failed
layers: ipc_namespace mount_namespace seccomp
"""

import ctypes
import os
from multiprocessing import shared_memory

libc = ctypes.CDLL(None, use_errno=True)


def total(xs):
    for name in ("shm", "msg", "sem"):
        with open(f"/proc/sysvipc/{name}") as table:
            if len(table.readlines()) > 1:
                raise RuntimeError(f"BREACH: it sees {name} of others")
    for key in range(64):
        if libc.shmget(key, 0, 0) >= 0 or libc.shmat(key, None, 0) != -1:
            raise RuntimeError("BREACH: it has shared memory")
    if os.path.isdir("/dev/shm") or os.path.isdir("/dev/mqueue"):  # noqa: S108
        raise RuntimeError("BREACH: it sees folders of shared memory")
    try:
        shared_memory.SharedMemory("vault", create=True, size=10)
    except OSError:
        return -1.0
    raise RuntimeError("BREACH: it made shared memory")
