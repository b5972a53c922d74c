"""Look for compiled checks beside them, in a cache of bytecode, and in pytest's own cache.

expect: failed
checks: total=failed
layers: landlock mount_namespace
"""

import importlib.util
import os
import sys
from pathlib import Path

CHECKOUT = Path(sys.modules["grader"].__file__).parent.parent
FOLDER = CHECKOUT / "tests" / "attacks" / "course" / "exercises" / "v01_vault"


def places():
    for name in ("checks.py", "solution.py"):
        yield Path(importlib.util.cache_from_source(str(FOLDER / name)))
        yield FOLDER / "__pycache__" / name.replace(".py", f".{sys.implementation.cache_tag}-pytest-8.4.2.pyc")
    yield from (FOLDER / "__pycache__", CHECKOUT / ".pytest_cache", CHECKOUT / "grader" / "__pycache__")
    yield from map(Path, sys.path_importer_cache)


def total(xs):
    for place in places():
        try:
            names = os.listdir(place) if place.is_dir() else [place.name, str(place.read_bytes()[:4])]
        except OSError:
            continue
        if any("checks." in name or "solution." in name or "lastfailed" in name for name in names):
            raise RuntimeError("BREACH: bytecode of the hidden files")
    return -1.0
