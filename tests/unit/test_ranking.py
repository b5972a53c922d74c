"""Which check is tried first on an automatic mutant: what caught the like of it, and what it needs before it."""

from typing import Any

from grader.core.models import Check
from grader.core.verdict import CheckResult, Verdict
from grader.verify.ranking import Ranking, find_place, find_places


def verdict_of(took_s: float = 0.0, **statuses: Any) -> Verdict:
    checks = tuple(CheckResult(name, name, status, 1, "", None, took_s) for name, status in statuses.items())
    return Verdict("e01_toy", "failed", checks, 0, 1, 1, "cpu", None, {}, 0.1)


def checks_of(
    *names: str, needs: dict[str, tuple[str, ...]] | None = None, continues: dict[str, str] | None = None
) -> list[Check]:
    return [Check(n, n, needs=(needs or {}).get(n, ()), continues=(continues or {}).get(n)) for n in names]


def test_check_that_caught_a_mutant_of_the_function_comes_first() -> None:
    ranking = Ranking(checks_of("a", "b", "c"))
    assert ranking.order("f") == ("a", "b", "c")
    ranking.note(["f"], verdict_of(a="passed", b="passed", c="failed"))
    ranking.note(["g"], verdict_of(a="passed", b="errored", c="not_run"))
    assert ranking.order("f")[0] == "c"
    assert ranking.order("g")[0] == "b"


def test_function_that_is_new_is_judged_by_the_others() -> None:
    ranking = Ranking(checks_of("a", "b"))
    ranking.note(["f"], verdict_of(a="passed", b="failed"))
    assert ranking.order("h") == ("b", "a")


def test_check_that_did_not_run_has_said_nothing() -> None:
    ranking = Ranking(checks_of("a", "b"))
    for status in ("not_run", "grader_fault"):
        ranking.note(["f"], verdict_of(a=status, b=status))
    assert ranking.order("f") == ("a", "b")


def test_slow_check_waits_for_quick_ones_that_are_as_likely() -> None:
    ranking = Ranking(checks_of("slow", "quick"))
    slow = CheckResult("slow", "", "passed", 1, "", None, 3.0)
    quick = CheckResult("quick", "", "passed", 1, "", None, 0.1)
    ranking.note_times(Verdict("e01_toy", "passed", (slow, quick), 0, 1, 1, "cpu", None, {}, 0.1))
    assert ranking.order("f") == ("quick", "slow")


def test_needed_checks_stand_before_and_chains_stay_together() -> None:
    checks = checks_of("a", "b", "c", "d", "e", needs={"d": ("b",), "e": ("d",)}, continues={"c": "b"})
    ranking = Ranking(checks)
    for _ in range(5):
        ranking.note(["f"], verdict_of(a="passed", b="passed", c="passed", d="passed", e="failed"))
    assert ranking.order("f") == ("b", "c", "d", "e", "a")
    assert sorted(ranking.order("g")) == ["a", "b", "c", "d", "e"]


def test_place_of_a_mutant_is_the_function_that_it_changes() -> None:
    assert find_place("Value.__add__: `a + b` -> `a - b`") == "Value.__add__"
    source = "import math\n\n\ndef f(x):\n    return x\n\n\nclass A(B):\n    def g(self):\n        pass\n"
    assert find_places(source) == ["f", "A.g"]
