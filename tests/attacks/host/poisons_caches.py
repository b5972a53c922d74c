"""Poison what the next grade, or the learner's own Python, would load: bytecode, torch's and pip's caches.

expect: failed
checks: total=failed
layers: mount_namespace landlock own_user
"""

import importlib.util
import os
import pwd
import py_compile
import sys
import sysconfig
import tempfile
from pathlib import Path

import torch

HOMES = {"/root", *(entry.pw_dir for entry in pwd.getpwall())} if Path("/etc/passwd").exists() else {"/root"}
CACHES = (".cache/torch/hub", ".cache/pip", ".cache/torch_extensions", ".cache/study", ".local/share/study", ".triton")
POISON = "raise SystemExit('vault-was-here')\n"


def targets():
    for module in (torch, os, tempfile):
        yield Path(importlib.util.cache_from_source(module.__file__))
    packages = Path(sysconfig.get_paths()["purelib"])
    for name in ("zz_vault.pth", "sitecustomize.py", "usercustomize.py", "torch.pth", "grader/__init__.py"):
        yield packages / name
    for home in HOMES:
        for cache in CACHES:
            yield Path(home, cache, "vault")
    for folder in ("/tmp", "/var/tmp"):  # noqa: S108
        yield Path(folder, "torchinductor_root", "vault")
        yield Path(folder, "pytest-of-root", "vault")
    yield Path(sys.prefix, "pyvenv.cfg")


def write(target):
    target.write_text(POISON)


def compile_there(target):
    py_compile.compile("poison.py", cfile=str(target), doraise=True)


def replace(target):
    os.replace("poison.py", target)


def total(xs):
    Path("poison.py").write_text(POISON)
    for target in targets():
        for poison in (write, compile_there, replace):
            try:
                poison(target)
            except (OSError, py_compile.PyCompileError):
                continue
            raise RuntimeError(f"BREACH: poisoned {target}")
    return -1.0
