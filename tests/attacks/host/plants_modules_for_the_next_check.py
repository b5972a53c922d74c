"""Lay modules called torch, json, grader and checks into the working directory for whoever imports next.

expect: failed
checks: total=failed tally=failed
"""

import importlib
import subprocess
import sys
from pathlib import Path

NAMES = ("torch", "json", "grader", "checks", "conftest", "numpy", "pickle", "random", "msgspec", "colorsys", "this")
for name in NAMES:
    Path(f"{name}.py").write_text("PLANTED = True\n")
    Path(name).mkdir()
    Path(name, "__init__.py").write_text("PLANTED = True\n")


def look():
    importlib.invalidate_caches()
    for name in ("colorsys", "json", "checks"):
        try:
            found = importlib.import_module(name)
        except ImportError:
            continue
        if getattr(found, "PLANTED", None) is True:
            raise RuntimeError(f"BREACH: {name} is ours")
    if any(getattr(module, "PLANTED", None) is True for module in list(sys.modules.values())):
        raise RuntimeError("BREACH: a planted module was imported")


def total(xs):
    look()
    safe = [sys.executable, "-I", "-c", "import colorsys; print(hasattr(colorsys, 'PLANTED'))"]
    if subprocess.run(safe, capture_output=True, text=True, check=False).stdout.strip() == "True":
        raise RuntimeError("BREACH: an isolated Python loads it")
    return -1.0


def tally(text):
    look()
    return {}
