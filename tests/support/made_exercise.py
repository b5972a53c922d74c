"""An exercise that is written for one test."""

from pathlib import Path
from typing import Any

from grader.core.models import Check, Exercise, Mutant, ReadingRef

SOLUTION = "def f(x):\n    return x + 1\n"
STUB = "def f(x: int) -> int:\n    raise NotImplementedError\n"


def make_exercise(
    folder: Path,
    checks: str,
    *declared: Check,
    mutants: dict[str, tuple[str, str]] | None = None,
    stub: str = STUB,
    solution: str = SOLUTION,
    **settings: Any,
) -> Exercise:
    """Write an exercise's files; `mutants` is {id: (caught_by, source)}."""
    (folder / "mutants").mkdir(parents=True)
    (folder / "stub.py").write_text(stub)
    (folder / "solution.py").write_text(solution)
    (folder / "checks.py").write_text(checks)
    made = []
    for name, (caught_by, source) in (mutants or {"raises": (declared[0].id, "raise ValueError\n")}).items():
        (folder / "mutants" / f"{name}.py").write_text(source)
        made.append(Mutant(name, f"The mistake {name}.", caught_by))
    return Exercise(
        id="made_up",
        title="Made up",
        readings=(ReadingRef("none"),),
        difficulty=1,
        minutes=1,
        statement="None.",
        hints=("None.",),
        checks=declared,
        mutants=tuple(made),
        **settings,
    )
