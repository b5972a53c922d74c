"""Write into the folders that others read: the system, the packages, the homes, the course, the caches.

expect: failed
checks: total=failed
layers: mount_namespace landlock own_user
"""

import os
import sys
from pathlib import Path

import numpy as np
import torch

CHECKOUT = Path(sys.modules["grader"].__file__).parent.parent
FOLDERS = [
    *("/", "/tmp", "/var/tmp", "/dev/shm", "/dev", "/etc", "/usr/lib", "/usr/local/lib", "/run", "/root", "/home"),  # noqa: S108
    *("/proc", "/proc/self", "/private/..", "/proc/1/cwd/..", "/proc/1/root", "/sys/fs/cgroup", "/var/log"),
    *(str(Path(module.__file__).parent) for module in (os, torch, np)),
    *(str(CHECKOUT / name) for name in ("", "grader", "exercises", "tests/attacks/course/exercises/v01_vault")),
    *(path for path in sys.path if path),
    *(os.path.expanduser(f"~root/{name}") for name in (".cache", ".cache/torch", ".config", ".local/lib", ".ssh")),
]

#: What each does to the path of a new file.
MAKE = (os.mkdir, lambda path: os.symlink("/", path), lambda path: os.link(sys.executable, path))
#: What each does to a file that is there.
CHANGE = (
    lambda file: os.open(file, os.O_WRONLY),
    lambda file: os.truncate(file, 0),
    lambda file: os.chmod(file, 0o777),  # noqa: S103
    os.utime,
    os.unlink,
    lambda file: os.rename(file, "taken"),
    lambda file: os.setxattr(file, "user.vault", b"1"),
)


def total(xs):
    for folder in FOLDERS:
        path = os.path.join(folder, "vault-was-here")
        for flags in (os.O_CREAT | os.O_WRONLY, os.O_TMPFILE | os.O_WRONLY):
            try:
                os.open(path if flags & os.O_CREAT else folder, flags, 0o600)
            except OSError:
                pass
            else:
                raise RuntimeError(f"BREACH: made a file in {folder}")
        for make in MAKE:
            try:
                make(path)
            except OSError:
                continue
            raise RuntimeError(f"BREACH: made something in {folder}")
    for file in (os.__file__, torch.__file__, sys.executable, "/etc/ld.so.cache", "/usr/bin/env"):
        for change in CHANGE:
            try:
                change(file)
            except OSError:
                continue
            raise RuntimeError(f"BREACH: changed {file}")
    return -1.0
