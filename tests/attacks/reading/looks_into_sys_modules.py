"""Import the checks, the solution and a mutant by every name they could have.

expect: failed
checks: total=failed
layers: landlock mount_namespace
"""

import importlib
import sys

PREFIX = "-".join(["vault", "marker", ""])
NAMES = ("checks", "solution", "stub", "mutants", "adds_no_negatives", "v01_vault", "v01_vault.checks")
FOLDERS = ("exercises.v01_vault", "grader.content.exercises.v01_vault", "tests.attacks.course.exercises.v01_vault")


def total(xs):
    for name in (*NAMES, *(f"{folder}.{name}" for folder in FOLDERS for name in NAMES)):
        try:
            found = importlib.import_module(name)
        except ImportError:
            continue
        raise RuntimeError(f"BREACH: imported {found.__name__}")
    for name, module in list(sys.modules.items()):
        if name == __name__ or module is None:
            continue
        for value in list(getattr(module, "__dict__", {}).values()):
            if type(value) is str and PREFIX in value:
                raise RuntimeError(f"BREACH: a secret in {name}")
    return -1.0
