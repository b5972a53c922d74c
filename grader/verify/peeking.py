"""Two automatic mutants of an exercise that measures models: one whose models are poor, and one whose models peek besides.

What the poor one fails and the peeking one passes was found in the questions, not learned. What the poor one passes, too,
proves nothing: nothing in that check depends on how good a model is.
"""

import ast
from collections.abc import Mapping
from pathlib import Path

from grader.core.models import Exercise
from grader.course.code import find_checks, read_solution, read_stub

POOR, PEEKING = "poor", "poor and peeking"
_CODE = Path(__file__).with_name("peeks.py")
_MEASURE = "measure_losses"


def measures_models(exercise: Exercise, folder: Path) -> bool:
    """Tell whether the checks of an exercise ask models what follows, by `grader.testing.measure_losses`."""
    file = find_checks(folder)
    return file is not None and _MEASURE in file.read_text(encoding="utf-8")


def may_measure(exercise: Exercise, folder: Path) -> bool:
    """Tell whether an exercise may hold a model's loss against a number, in whatever way."""
    return exercise.corpus or bool(exercise.thresholds) or measures_models(exercise, folder)


def make_peeking(exercise: Exercise, folder: Path) -> dict[str, str]:
    """Return the two mutants by their names, as whole files."""
    solution, stub = read_solution(exercise, folder), read_stub(exercise, folder)
    asked = _find_asked(stub, solution)
    behind = f"{solution}\n\n{_CODE.read_text(encoding='utf-8')}\n\n"
    return {name: f"{behind}_fade_all({asked!r}, {name == PEEKING})\n" for name in (POOR, PEEKING)}


def _find_asked(stub: str, solution: str) -> list[str]:
    """Return the functions and classes of the solution that the stub asks for."""
    definitions = (ast.FunctionDef, ast.ClassDef)
    wanted = {
        node.name
        for node in ast.parse(stub).body
        if isinstance(node, definitions) and "NotImplementedError" in ast.dump(node)
    }
    return [node.name for node in ast.parse(solution).body if isinstance(node, definitions) and node.name in wanted]


def judge_peeking(statuses: Mapping[str, Mapping[str, str]], *, measures: bool) -> list[str]:
    """Say what two grades of these mutants show.

    Args:
        statuses: By mutant, the status of every check.
        measures: Whether the checks measure models.
    """
    if POOR not in statuses or PEEKING not in statuses:
        return []
    poor, peeking = statuses[POOR], statuses[PEEKING]
    problems = [
        f"`{name}` is passed by a poor model that looks for the answers in the questions: ask in the order of time, as "
        "`grader.testing.measure_losses` does"
        for name, status in peeking.items()
        if status == "passed" and poor[name] != "passed"
    ]
    if measures and all(status == "passed" for status in poor.values()):
        problems.append(
            "checks.py measures a model, but a poor one passes every check: no threshold depends on it, or `study verify` "
            "does not find the model behind the functions and classes of the stub"
        )
    return problems
