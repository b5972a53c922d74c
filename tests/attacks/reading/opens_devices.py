"""Open the devices that show all memory, the kernel's log, disks, and the kernel's own tree.

expect: failed
checks: total=failed
layers: mount_namespace
"""

import glob
import os
import stat

DEVICES = ("mem", "kmem", "port", "kmsg", "kvm", "fuse", "userfaultfd", "vhost-net", "net/tun", "loop0", "vda", "sda")
PATHS = [*(f"/dev/{name}" for name in DEVICES), "/proc/kcore", "/proc/kmsg", "/proc/sysrq-trigger", "/proc/kpagecount"]
PATHS += ["/sys/kernel/debug", "/sys/kernel/tracing", "/sys/fs/cgroup", "/sys/firmware", "/sys/kernel/security"]
NEW_DEVICES = {"mem": os.makedev(1, 1), "disk": os.makedev(254, 0)}


def total(xs):
    for path in PATHS + glob.glob("/dev/vd*") + glob.glob("/sys/class/*"):
        for mode in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR):
            try:
                os.open(path, mode)
            except OSError:
                continue
            raise RuntimeError(f"BREACH: {path} can be opened")
    for name, number in NEW_DEVICES.items():
        for kind in (stat.S_IFCHR, stat.S_IFBLK):
            try:
                os.mknod(name, kind | 0o600, number)
            except OSError:
                continue
            raise RuntimeError(f"BREACH: made the device {name}")
    return -1.0
