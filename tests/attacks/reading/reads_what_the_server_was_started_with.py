"""Read the variables and arguments of process 1 and of itself, as the kernel and Python show them.

expect: failed
checks: total=failed tally=failed
layers: clean_environment pid_namespace mount_namespace
"""

import os
import sys
from pathlib import Path

NAMES = (b"HOME=", b"TMPDIR=", b"PYTHONPATH=", b"XDG_RUNTIME_DIR=", b"STUDY_", b"VIRTUAL_ENV=", b".sock", b"grader")


def total(xs):
    if len(list(Path("/proc").glob("[0-9]*/environ"))) < 2:
        raise RuntimeError("no process to look at: this proves nothing")
    for path in (path for name in ("environ", "cmdline") for path in Path("/proc").glob(f"[0-9]*/{name}")):
        text = path.read_bytes()
        if found := [name for name in NAMES if name in text]:
            raise RuntimeError(f"BREACH: {found} in {path}")
    return -1.0


def tally(text):
    shown = os.fsencode(repr([sys.argv, sys.orig_argv[1:]]))
    if found := [name for name in NAMES if name in shown]:
        raise RuntimeError(f"BREACH: {found} in the arguments")
    return {}
