"""Ask for io_uring, BPF, perf, userfaultfd, key rings and handles on files: ways around other layers.

expect: failed
checks: total=failed
layers: seccomp
"""

import ctypes
import errno
import os
import platform

#: The numbers from 424 on are the same everywhere.
NEW = {
    **{"io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428, "move_mount": 429},
    **{"fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_open": 434, "pidfd_getfd": 438},
    **{"process_madvise": 440, "mount_setattr": 442, "memfd_secret": 447},
}
OLD = {
    "x86_64": {
        **{"bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "keyctl": 250, "add_key": 248, "request_key": 249},
        **{"open_by_handle_at": 304, "name_to_handle_at": 303, "fanotify_init": 300, "memfd_create": 319, "kcmp": 312},
        **{"lookup_dcookie": 212, "syslog": 103, "quotactl": 179, "modify_ldt": 154, "iopl": 172, "ioperm": 173},
        **{"shmget": 29, "msgget": 68, "semget": 64, "mq_open": 240, "acct": 163},
    },
    "aarch64": {
        **{"bpf": 280, "perf_event_open": 241, "userfaultfd": 282, "keyctl": 219, "add_key": 217, "request_key": 218},
        **{"open_by_handle_at": 265, "name_to_handle_at": 264, "fanotify_init": 262, "memfd_create": 279, "kcmp": 272},
        **{"syslog": 116, "quotactl": 60, "shmget": 194, "msgget": 186, "semget": 190, "mq_open": 180, "acct": 89},
    },
}[platform.machine()]


def total(xs):
    libc = ctypes.CDLL(None, use_errno=True)
    for name, number in (NEW | OLD).items():
        ctypes.set_errno(0)
        result = libc.syscall(ctypes.c_long(number), 0, 0, 0, 0, 0, 0)
        # Any other reason would be the kernel's own, which has then looked at what was asked.
        if result >= 0 or ctypes.get_errno() != errno.EPERM:
            raise RuntimeError(f"BREACH: {name} reached the kernel: {os.strerror(ctypes.get_errno())}")
    return -1.0
