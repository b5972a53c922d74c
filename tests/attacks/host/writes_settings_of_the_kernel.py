"""Write wherever /proc lets it: settings of the kernel, of its own process and of the first one.

expect: failed
checks: total=failed
layers: own_user mount_namespace
"""

import os


def writes(path):
    """Write back what is there: the kernel may refuse at the last moment what the file's rights allow."""
    try:
        with open(path, "r+b", buffering=0) as file:
            return file.write(file.read(4096)) > 0
    except OSError:
        return False


def total(xs):
    for place in ("/proc/sys", "/proc/irq", "/proc/fs", "/proc/driver", "/proc/acpi", "/proc/bus"):
        for folder, _, files in os.walk(place):
            for name in files:
                if writes(f"{folder}/{name}"):
                    raise RuntimeError(f"BREACH: {folder}/{name} can be written")
    for name in ("sysrq-trigger", "kcore", "kmsg", "timer_list", "slabinfo", "mtrr"):
        if writes(f"/proc/{name}"):
            raise RuntimeError(f"BREACH: /proc/{name} can be written")
    return -1.0
