"""Lay files named like the libraries next to the submission, first on the path.

expect: failed
checks: total=failed
"""

import importlib
import os
import sys
from pathlib import Path

for name in ("torch", "json", "grader", "pytest", "msgspec", "numpy", "checks", "solution"):
    Path(f"{name}.py").write_text("def __getattr__(name):\n    return lambda *args, **kwargs: True\n")
sys.path[:0] = [os.getcwd(), "", "."]
importlib.invalidate_caches()


def total(xs):
    for name in ("json", "msgspec"):
        sys.modules.pop(name, None)
        importlib.import_module(name)
    return -1.0
