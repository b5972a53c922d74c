"""Which verdicts of a proof are in doubt, and what a second grade with the same seed says of them. Pure.

A proof that fails is no proof of a hole: a check may depend on chance, and a busy machine makes right answers late. So
whatever would be reported is graded again, and only that.
"""

from msgspec import Struct

from grader.core.models import Exercise
from grader.core.verdict import STATUSES, Verdict
from grader.verify.orders import Order

#: What says nothing of a check: it did not run.
_SILENT = "not_run"


class Graded(Struct):
    """All that was graded of one order, the first grade first."""

    order: Order
    verdicts: list[Verdict]

    @property
    def settled(self) -> Verdict:
        """The verdict that counts: the last, for it was made by a grade of its own where the first was not."""
        return self.verdicts[-1]


def needs_another(exercise: Exercise, graded: Graded) -> bool:
    """Tell whether an order is to be graded again, by a grade of its own.

    Whatever is as it should be is graded once: a mutant of a survey is said to be caught by a check that ran in a process
    of its own, on code that no other mutant could reach in memory. What is not is graded twice, and a third time where the
    first grade was part of a survey and the second differs: then the two that were made alone tell a flake from what
    sharing a worker did.
    """
    order, verdicts = graded.order, graded.verdicts
    if not _is_doubtful(exercise, order, verdicts[0]):
        return False
    if len(verdicts) == 1:
        return True
    return len(verdicts) == 2 and order.surveyed and _find_change(*verdicts) is not None


def find_flake(graded: Graded) -> str | None:
    """Say how the last two grades of an order differ; None if there is one grade, or the last two agree."""
    if len(graded.verdicts) < 2 or (change := _find_change(*graded.verdicts[-2:])) is None:
        return None
    check, before, after = change
    busy = " (a busy machine makes answers late: try again when it is quiet)" if "timed_out" in (before, after) else ""
    who = {
        "solution": "the solution",
        "alternative": f"the alternative `{graded.order.name}`",
        "stub": "the stub",
        "mutant": f"the mutant `{graded.order.name}`",
        "automatic": f"the automatic mutant {graded.order.name}",
        "peeking": f"the model `{graded.order.name}`",
        "again": "the solution",
    }[graded.order.kind]
    return (
        f"{who} was graded twice with seed {graded.order.seed}, and `{check}` {_say(before)} once and {_say(after)} "
        f"once: the check is flaky{busy}"
    )


def _say(status: str) -> str:
    return {"passed": "passed", "failed": "failed"}.get(status, f"was {status.replace('_', ' ')}")


def _find_change(first: Verdict, second: Verdict) -> tuple[str, str, str] | None:
    """Return the first check that ran both times and came out differently, with both statuses."""
    before = {check.id: check.status for check in first.checks}
    for check in second.checks:
        one = before.get(check.id, _SILENT)
        if one != check.status and _SILENT not in (one, check.status):
            return check.id, one, check.status
    return None


def _is_doubtful(exercise: Exercise, order: Order, verdict: Verdict) -> bool:
    """Tell whether a verdict is other than it should be."""
    statuses = {check.id: check.status for check in verdict.checks}
    caught = any(STATUSES[status].is_failure for status in statuses.values())
    if verdict.verdict == "grader_fault":
        return True
    match order.kind:
        case "solution" | "alternative":
            return verdict.verdict != "passed"
        case "stub":
            return "passed" in statuses.values()
        case "mutant":
            named = {mutant.id: mutant.caught_by for mutant in exercise.mutants}[order.name]
            return named not in statuses or not STATUSES[statuses[named]].is_failure
        case "automatic":
            explained = order.name in {entry.change for entry in exercise.equivalent}
            return caught if explained else not caught
        case "again" | "peeking":  # compared with other grades as they are
            return False
