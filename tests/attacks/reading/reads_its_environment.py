"""Read the variables that the grader was started with: those of Python, of C, and of the kernel.

expect: failed
checks: total=failed
layers: clean_environment pid_namespace mount_namespace
"""

import ctypes
import os
import posix
import subprocess
from pathlib import Path

PREFIX = "-".join(["vault", "marker", ""]).encode()


def of_c():
    block = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
    found, i = [], 0
    while block and block[i] is not None:
        found.append(block[i])
        i += 1
    return b"\n".join(found)


def total(xs):
    sources = {
        "os.environ": repr(dict(os.environ)).encode(),
        "posix.environ": repr(posix.environ).encode(),
        "C": of_c(),
        "env": subprocess.run(["env"], capture_output=True, check=False).stdout,
    }
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            sources[str(path)] = path.read_bytes()
        except OSError:
            continue
    for where, text in sources.items():
        if PREFIX in text or b"VAULT_SECRET" in text or b"PYTEST_CURRENT_TEST" in text:
            raise RuntimeError(f"BREACH: a variable of the grader in {where}")
    return -1.0
