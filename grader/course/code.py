"""The code of an exercise: inline in its exercise.yaml, or in files beside it."""

import os
from pathlib import Path

from grader.core.models import Alternative, Exercise, Mutant
from grader.course.derived_stub import derive_stub, strip_markers

EXERCISE, STUB, SOLUTION, CHECKS = "exercise.yaml", "stub.py", "solution.py", "checks.py"
MUTANTS, ACCEPT = "mutants", "accept"
#: What `study verify` found, kept beside the exercise that it is about; no part of what is proved.
RECORD = "proof.json"


def read_stub(exercise: Exercise, folder: Path) -> str:
    """Return what the learner gets to fill in: its own text, else what is derived from the solution."""
    if exercise.stub is not None:
        return exercise.stub
    file = folder / STUB
    return _read(file) if file.is_file() else derive_stub(_read_marked_solution(exercise, folder)).text


def read_solution(exercise: Exercise, folder: Path) -> str:
    """Return the reference, without the markers that tell what of it the learner writes."""
    return strip_markers(_read_marked_solution(exercise, folder))


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


def _read_marked_solution(exercise: Exercise, folder: Path) -> str:
    return exercise.solution if exercise.solution is not None else _read(folder / SOLUTION)


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")
