"""What a proof would report is graded again, and a flake or a busy machine is told from a hole."""

from typing import Any, Literal

import pytest

from grader.core.models import Check, Equivalent, Exercise, Mutant, ReadingRef
from grader.core.verdict import CheckResult, Verdict
from grader.verify.doubt import Graded, find_flake, needs_another
from grader.verify.findings import make_report
from grader.verify.orders import Order

EXERCISE = Exercise(
    id="e01_toy",
    title="A toy",
    readings=(ReadingRef("toy"),),
    difficulty=1,
    minutes=1,
    statement="Write it.",
    hints=("Do.",),
    checks=(Check("quick", "Quick"), Check("slow", "Slow")),
    mutants=(Mutant("big", "It is big.", "slow"),),
    equivalent=(Equivalent("f: b", "Nobody looks."),),
    stub="def f(x):\n    raise NotImplementedError\n",
    solution="def f(x):\n    return x + 1\n",
)
PASS, CAUGHT = ("passed", "passed"), ("passed", "failed")

Kind = Literal["stub", "solution", "again", "alternative", "mutant", "peeking", "automatic"]


def verdict_of(quick: Any, slow: Any) -> Verdict:
    checks = (CheckResult("quick", "", quick, 1, "", None, 0.1), CheckResult("slow", "", slow, 1, "", None, 0.1))
    faulty = "grader_fault" in (quick, slow)
    name: Any = "grader_fault" if faulty else "passed" if (quick, slow) == PASS else "failed"
    return Verdict("e01_toy", name, checks, 0, 2, 1, "cpu", None, {}, 0.1)


def graded(kind: Kind, name: str, *found: tuple[str, str], surveyed: bool = False) -> Graded:
    return Graded(Order(kind, name, "", 1, surveyed=surveyed), [verdict_of(*statuses) for statuses in found])


@pytest.mark.parametrize(
    ("kind", "name", "good", "bad"),
    [
        ("solution", "solution", PASS, CAUGHT),
        ("alternative", "other", PASS, CAUGHT),
        ("stub", "stub", ("errored", "not_run"), PASS),
        ("mutant", "big", CAUGHT, ("failed", "passed")),
        ("automatic", "f: a", CAUGHT, PASS),
        ("automatic", "f: b", PASS, CAUGHT),
        ("mutant", "big", CAUGHT, ("grader_fault", "failed")),
    ],
)
def test_only_what_would_be_reported_is_graded_again(
    kind: Kind, name: str, good: tuple[str, str], bad: tuple[str, str]
) -> None:
    assert not needs_another(EXERCISE, graded(kind, name, good))
    assert needs_another(EXERCISE, graded(kind, name, bad))
    assert not needs_another(EXERCISE, graded(kind, name, bad, bad))
    assert find_flake(graded(kind, name, bad, bad)) is None


def test_survey_that_a_grade_of_its_own_contradicts_is_settled_by_a_third() -> None:
    assert needs_another(EXERCISE, graded("automatic", "f: a", PASS, CAUGHT, surveyed=True))
    assert not needs_another(EXERCISE, graded("automatic", "f: a", PASS, CAUGHT))
    settled = graded("automatic", "f: a", PASS, CAUGHT, CAUGHT, surveyed=True)
    assert not needs_another(EXERCISE, settled)
    assert find_flake(settled) is None
    assert settled.settled.verdict == "failed"
    assert find_flake(graded("automatic", "f: a", PASS, CAUGHT, PASS, surveyed=True)) is not None


def test_flake_is_told_with_both_statuses_and_a_busy_machine_by_name() -> None:
    told = "the mutant `big` was graded twice with seed 1, and `slow` passed once and failed once: the check is flaky"
    assert find_flake(graded("mutant", "big", PASS, CAUGHT)) == told
    late = graded("solution", "solution", ("passed", "timed_out"), PASS)
    assert find_flake(late) == (
        "the solution was graded twice with seed 1, and `slow` was timed out once and passed once: the check is flaky "
        "(a busy machine makes answers late: try again when it is quiet)"
    )


def test_check_that_ran_once_only_is_no_flake() -> None:
    assert find_flake(graded("automatic", "f: a", ("failed", "not_run"), ("failed", "passed"))) is None


def test_flake_is_reported_as_that_and_not_as_a_hole() -> None:
    order, verdict = Order("automatic", "f: a", "", 1), verdict_of(*PASS)
    holes = make_report(EXERCISE, [(order, verdict)], ()).problems
    assert "a change that no check notices: f: a" in holes
    report = make_report(EXERCISE, [(order, verdict)], (), flakes={order.key: "it flickers"}, grades=2)
    assert "it flickers" in report.problems
    assert "a change that no check notices: f: a" not in report.problems
    assert (report.proved, report.grades, report.automatic.survivors) == (False, 2, ())
