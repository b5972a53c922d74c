"""Open the hidden files by their absolute path, by detours through /proc, and with other programs.

expect: failed
checks: total=failed
layers: landlock mount_namespace
"""

import ctypes
import mmap
import os
import subprocess
import sys
from pathlib import Path

#: The package was imported from a checkout; the course lies beside it.
CHECKOUT = Path(sys.modules["grader"].__file__).parent.parent
FOLDER = CHECKOUT / "tests" / "attacks" / "course" / "exercises" / "v01_vault"
HIDDEN = [FOLDER / name for name in ("checks.py", "solution.py", "exercise.yaml", "mutants/adds_no_negatives.py")]
DETOURS = ("", "/proc/self/root", "/proc/1/root", "/proc/self/cwd/..", "/proc/thread-self/root", "/..", "/private/..")


def with_open(path):
    with open(path, "rb") as file:
        return file.read()


def with_openat(path):
    root = os.open("/proc/self/root", os.O_PATH | os.O_DIRECTORY)
    return os.read(os.open(path.lstrip("/"), os.O_RDONLY, dir_fd=root), 10)


def with_mmap(path):
    fd = os.open(path, os.O_RDONLY)
    return mmap.mmap(fd, 0, prot=mmap.PROT_READ)[:10]


def with_libc(path):
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    return libc.fopen(path.encode(), b"r")


def with_symlink(path):
    link = Path(f"link-{abs(hash(path))}")
    link.symlink_to(path)
    return link.read_bytes()


def with_hard_link(path):
    os.link(path, f"hard-{abs(hash(path))}")
    return True


def with_rename(path):
    os.rename(path, "mine-now")
    return True


def with_list(path):
    return os.listdir(os.path.dirname(path))


WAYS = (with_open, with_openat, with_mmap, with_libc, with_symlink, with_hard_link, with_rename, with_list)


def total(xs):
    for path in HIDDEN:
        for detour in DETOURS:
            for way in WAYS:
                try:
                    got = way(f"{detour}{path}")
                except OSError:
                    continue
                if got:
                    raise RuntimeError(f"BREACH: {way.__name__} {detour}")
    shown = subprocess.run(["cat", *HIDDEN], capture_output=True, check=False)
    if shown.stdout or not shown.stderr:
        raise RuntimeError("BREACH: cat could read it")
    return -1.0
