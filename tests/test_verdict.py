"""A grade passes only when every declared check did; a fault of study is not the learner's failure."""

from typing import get_args

import pytest

from grader.core.models import Check
from grader.core.verdict import STATUSES, CheckResult, Status, add_up, decide, name_verdict

DECLARED = (Check("first", "The first", 1), Check("second", "The second", 3), Check("third", "The third", 2))


def make_result(name: str, status: Status, points: int = 1) -> CheckResult:
    return CheckResult(name, f"The {name}", status, points, "", None, 0.1)


def test_results_come_in_the_declared_order() -> None:
    """Whatever order the checks ended in, the learner reads them easy to hard."""
    results = {name: make_result(name, "passed") for name in ("third", "first", "second")}
    assert decide(DECLARED, results) == (results["first"], results["second"], results["third"])


def test_check_nobody_reported_was_not_run() -> None:
    """Silence is no pass: a missing result stands there as not run, with its points."""
    first = make_result("first", "passed")
    decided = decide(DECLARED[:2], {"first": first})
    silent = CheckResult("second", "The second", "not_run", 3, "the judge did not report this check", None, 0.0)
    assert decided == (first, silent)
    assert name_verdict(decided) == "failed"


def test_check_nobody_declared_counts_for_nothing() -> None:
    """A result under another name neither scores nor stands in for a declared one."""
    decided = decide(DECLARED[:1], {"extra": make_result("extra", "passed", 100)})
    assert [check.id for check in decided] == ["first"]
    assert (name_verdict(decided), add_up(decided)) == ("failed", (0, 1))


@pytest.mark.parametrize("status", get_args(Status))
def test_one_check_of_each_status_names_the_verdict(status: Status) -> None:
    """Beside a check that passed, each status but passed spoils the grade; our fault says so."""
    expected = {"passed": "passed", "grader_fault": "grader_fault"}.get(status, "failed")
    assert name_verdict([make_result("first", "passed"), make_result("second", status)]) == expected


def test_fault_of_ours_outweighs_every_failure() -> None:
    """Where the grader broke, a failure beside it may be its doing."""
    assert name_verdict([make_result("first", "failed"), make_result("second", "grader_fault")]) == "grader_fault"


def test_no_check_is_no_pass() -> None:
    """A grade in which nothing was checked proves nothing."""
    assert (name_verdict([]), add_up([])) == ("failed", (0, 0))


@pytest.mark.parametrize("status", [status for status in get_args(Status) if status != "passed"])
def test_only_passed_checks_score(status: Status) -> None:
    """Points are all or nothing for a check, and the highest score counts them all."""
    checks = [make_result("first", "passed", 3), make_result("second", status, 4), make_result("third", "passed", 5)]
    assert add_up(checks) == (8, 12)


def test_every_status_has_its_facts_and_can_be_told_from_the_others() -> None:
    assert list(STATUSES) == list(get_args(Status))
    letters = [facts.letter for facts in STATUSES.values()]
    assert len(set(letters)) == len(letters)
    assert [status for status, facts in STATUSES.items() if not facts.is_failure] == [
        "passed",
        "not_run",
        "grader_fault",
    ]
    assert [status for status, facts in STATUSES.items() if not facts.words] == ["passed", "failed"]
    assert [facts.junit for facts in STATUSES.values()] == [None, "failure", *["error"] * 4, "skipped", "error"]
