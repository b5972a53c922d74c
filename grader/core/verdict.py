"""The verdict: pure data and the rule that makes it. No torch, no I/O."""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from grader.core.models import Check
from grader.core.pictures import Picture

Status = Literal["passed", "failed", "errored", "timed_out", "out_of_memory", "crashed", "not_run", "grader_fault"]

VerdictName = Literal["passed", "failed", "grader_fault"]
#: What colour means; no meaning depends on a colour alone.
Tone = Literal["good", "bad", "dim", "warning"]


class StatusFacts(Struct, frozen=True, kw_only=True):
    """All that anything shows or decides of a status."""

    #: One character, for terminals and pages.
    mark: str
    tone: Tone
    #: For Markdown.
    emoji: str
    #: In the matrix of `study verify`.
    letter: str
    #: What follows the title of a check; nothing where the mark says it all.
    words: str = ""
    #: Whether it says that the learner's code is wrong.
    is_failure: bool = False
    #: The element of JUnit XML: in xunit2 a failure is a wrong answer, an error anything else that went wrong.
    junit: Literal["failure", "error", "skipped"] | None = None


def _failure(letter: str, words: str = "") -> StatusFacts:
    junit: Literal["failure", "error"] = "error" if words else "failure"
    return StatusFacts(mark="✗", tone="bad", emoji="❌", letter=letter, words=words, is_failure=True, junit=junit)


#: Every status, once; a test holds the keys to those of `Status`.
STATUSES: Mapping[Status, StatusFacts] = {
    "passed": StatusFacts(mark="✓", tone="good", emoji="✅", letter="·"),
    "failed": _failure("F"),
    "errored": _failure("E", "errored"),
    "timed_out": _failure("T", "timed out"),
    "out_of_memory": _failure("M", "out of memory"),
    "crashed": _failure("C", "crashed"),
    "not_run": StatusFacts(mark="–", tone="dim", emoji="➖", letter="-", words="not run", junit="skipped"),
    "grader_fault": StatusFacts(mark="!", tone="warning", emoji="❌", letter="!", words="grader fault", junit="error"),
}


class CheckResult(Struct, frozen=True):
    """What came of one check. `message` is for the learner; `cause` is the likely mistake, if one was found."""

    id: str
    title: str
    status: Status
    points: int
    message: str
    cause: str | None
    elapsed_s: float

    @property
    def facts(self) -> StatusFacts:
        """What the status means."""
        return STATUSES[self.status]


class Verdict(Struct, frozen=True):
    """What came of one grade; also the object that `study grade --json` prints."""

    exercise: str
    verdict: VerdictName
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
    """Return one result per declared check, in order; a check without a report was not run."""
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


def name_verdict(checks: Sequence[CheckResult]) -> VerdictName:
    """Name the verdict: passed only if every check passed; a fault of study is not the learner's failure."""
    if any(check.status == "grader_fault" for check in checks):
        return "grader_fault"
    return "passed" if checks and all(check.status == "passed" for check in checks) else "failed"


def add_up(checks: Sequence[CheckResult]) -> tuple[int, int]:
    """Return (score, highest possible score)."""
    return sum(c.points for c in checks if c.status == "passed"), sum(c.points for c in checks)
