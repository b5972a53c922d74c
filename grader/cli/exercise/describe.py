"""An exercise as `--json` shows it, for the commands that show one."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.core.models import Exercise


def describe_exercise(exercise: "Exercise") -> dict[str, Any]:
    """Return an exercise as plain data, without hints, solutions, mutants and what a pass reveals."""
    from msgspec import to_builtins

    from grader.core.verdict import name_check

    hidden = {"hints", "mutants", "solution", "accept", "equivalent", "checks", "taught", "questions"}
    data = {key: value for key, value in to_builtins(exercise).items() if key not in hidden}
    data["checks"] = [
        {"id": c.id, "title": name_check(c), "points": c.points, "needs": c.needs, "timeout_s": c.timeout_s}
        for c in exercise.checks
    ]
    return data
