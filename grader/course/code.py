"""The code of an exercise: inline in its exercise.yaml, or in files beside it."""

import os
from pathlib import Path

from grader.core.models import Alternative, Exercise, Mutant

EXERCISE, STUB, SOLUTION, CHECKS = "exercise.yaml", "stub.py", "solution.py", "checks.py"
MUTANTS, ACCEPT = "mutants", "accept"


def read_stub(exercise: Exercise, folder: Path) -> str:
    """Return what the learner gets to fill in."""
    return exercise.stub if exercise.stub is not None else _read(folder / STUB)


def read_solution(exercise: Exercise, folder: Path) -> str:
    """Return the reference."""
    return exercise.solution if exercise.solution is not None else _read(folder / SOLUTION)


def read_mutant(mutant: Mutant, folder: Path) -> str:
    """Return what a mutant redefines on top of the solution."""
    return mutant.code if mutant.code is not None else _read(folder / MUTANTS / f"{mutant.id}.py")


def read_alternative(alternative: Alternative, folder: Path) -> str:
    """Return another right answer: a whole file."""
    return alternative.code if alternative.code is not None else _read(folder / ACCEPT / f"{alternative.id}.py")


def list_python(folder: Path) -> list[Path]:
    """List the Python files in a folder; none if there is no such folder, or it cannot be read."""
    try:
        return sorted(folder.glob("*.py"))
    except OSError:  # that the exercise cannot be read is reported at its exercise.yaml
        return []


def find_checks(folder: Path) -> Path | None:
    """Return the file with the checks that are written in Python, if there are any."""
    file = folder / CHECKS
    return file if os.path.isfile(file) else None


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")
