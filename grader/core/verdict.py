"""The verdict: pure data and the rule that makes it. No torch, no I/O."""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from grader.core.models import Check
from grader.core.pictures import Picture

Status = Literal["passed", "failed", "errored", "timed_out", "out_of_memory", "crashed", "not_run", "grader_fault"]


class CheckResult(Struct, frozen=True):
    """What came of one check. `message` is for the learner; `cause` is the likely mistake, if one was found."""

    id: str
    title: str
    status: Status
    points: int
    message: str
    cause: str | None
    elapsed_s: float


class Verdict(Struct, frozen=True):
    """What came of one grade; also the object that `study grade --json` prints."""

    exercise: str
    verdict: Literal["passed", "failed", "grader_fault"]
    checks: tuple[CheckResult, ...]
    score: int
    max_score: int
    seed: int
    device: str
    corpus: str | None
    isolation: dict[str, bool]
    elapsed_s: float
    pictures: tuple[Picture, ...] = ()


def decide(declared: Sequence[Check], results: Mapping[str, CheckResult]) -> tuple[CheckResult, ...]:
    """Return one result per declared check, in order; a check nobody reported was not run."""
    return tuple(
        results.get(check.id)
        or CheckResult(
            check.id, name_check(check), "not_run", check.points, "the judge did not report this check", None, 0.0
        )
        for check in declared
    )


def name_check(check: Check) -> str:
    """Name a check that has not run: a hidden one keeps its title until then."""
    return "a hidden check" if check.hidden else check.title


def name_verdict(checks: Sequence[CheckResult]) -> Literal["passed", "failed", "grader_fault"]:
    """Name the verdict: passed only if every check passed; a fault of ours is nobody's failure."""
    if any(check.status == "grader_fault" for check in checks):
        return "grader_fault"
    return "passed" if checks and all(check.status == "passed" for check in checks) else "failed"


def add_up(checks: Sequence[CheckResult]) -> tuple[int, int]:
    """Return (score, highest possible score)."""
    return sum(c.points for c in checks if c.status == "passed"), sum(c.points for c in checks)
