"""Leave its root through the links that /proc shows of the first process.

expect: failed
checks: total=failed
layers: landlock mount_namespace
"""

import os
from pathlib import Path

OUTSIDE = ("etc/passwd", "etc/shadow", "root/.bashrc", "var/log/dpkg.log", "home", "tmp", "run", "boot", "sys/kernel")


def total(xs):
    for link in ("/proc/1/root", "/proc/1/cwd", "/proc/self/root", "/proc/1/task/1/root"):
        for up in ("", "..", "../..", "../../../.."):
            for name in OUTSIDE:
                path = Path(link, up, name)
                try:
                    found = os.listdir(path) if path.is_dir() else path.read_bytes()
                except OSError:
                    continue
                if found:
                    raise RuntimeError(f"BREACH: {path} can be read")
    for link in Path("/proc/1/fd").iterdir():
        if not os.readlink(link).startswith(("/dev/null", "pipe:", "socket:", "/proc/1/fd")):
            raise RuntimeError(f"BREACH: process 1 holds {os.readlink(link)}")
    return -1.0
