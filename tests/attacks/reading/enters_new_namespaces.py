"""Become root in namespaces of its own, or enter those of others.

expect: failed
checks: total=failed
layers: seccomp
"""

import ctypes
import errno
import os
import platform
import signal

FLAGS = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x80)
NUMBERS = {
    "x86_64": {"clone": 56, "unshare": 272, "setns": 308},
    "aarch64": {"clone": 220, "unshare": 97, "setns": 268},
}
CLONE3 = 435
libc = ctypes.CDLL(None, use_errno=True)


def must_be(expected, name, *arguments):
    ctypes.set_errno(0)
    number = CLONE3 if name == "clone3" else NUMBERS[platform.machine()][name]
    result = libc.syscall(ctypes.c_long(number), *arguments)
    if result == 0 and name.startswith("clone"):
        os._exit(0)
    if result >= 0 or ctypes.get_errno() != expected:
        raise RuntimeError(f"BREACH: {name} {arguments[:1]} gave {result} ({os.strerror(ctypes.get_errno())})")


def total(xs):
    for flag in FLAGS:
        must_be(errno.EPERM, "unshare", ctypes.c_long(flag))
        if flag != 0x80:  # CLONE_NEWTIME cannot be asked of clone, where its bit is part of a signal's number
            must_be(errno.EPERM, "clone", ctypes.c_ulong(flag | signal.SIGCHLD), None, None, None, None)
    new_user = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, signal.SIGCHLD)
    must_be(errno.ENOSYS, "clone3", ctypes.byref(new_user), ctypes.c_size_t(ctypes.sizeof(new_user)))
    for kind in ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time"):
        space = os.open(f"/proc/1/ns/{kind}", os.O_RDONLY)
        must_be(errno.EPERM, "setns", space, 0)
    for name in ("uid_map", "gid_map", "setgroups", "projid_map"):
        for whose in ("self", "1"):
            try:
                os.write(os.open(f"/proc/{whose}/{name}", os.O_WRONLY), b"deny" if name == "setgroups" else b"0 0 1")
            except OSError:
                continue
            raise RuntimeError(f"BREACH: wrote {name}")
    return -1.0
