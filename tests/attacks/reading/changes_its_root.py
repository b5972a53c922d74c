"""Mount, unmount and change the root, to see what lies under and beside its own.

expect: failed
checks: total=failed
layers: seccomp
"""

import ctypes
import errno
import os

libc = ctypes.CDLL(None, use_errno=True)
MS_BIND, MS_REMOUNT, MNT_DETACH = 4096, 32, 2


def must_be_refused(name, *arguments):
    ctypes.set_errno(0)
    if getattr(libc, name)(*arguments) == 0 or ctypes.get_errno() != errno.EPERM:
        raise RuntimeError(f"BREACH: {name} {arguments[:3]} reached the kernel")


def total(xs):
    os.mkdir("here")
    for kind in (b"proc", b"tmpfs", b"sysfs", b"overlay", b"devpts", b"cgroup2"):
        must_be_refused("mount", b"none", b"here", kind, ctypes.c_ulong(0), None)
    must_be_refused("mount", b"/", b"here", None, ctypes.c_ulong(MS_BIND), None)
    must_be_refused("mount", b"none", b"/usr", None, ctypes.c_ulong(MS_BIND | MS_REMOUNT), None)
    for place in (b"/proc", b"/private", b"/usr", b"/", b"/dev/null"):
        must_be_refused("umount2", place, MNT_DETACH)
    must_be_refused("chroot", b"here")
    must_be_refused("pivot_root", b".", b"here")
    return -1.0
