"""Pictures in a grade: only the learner's own run is recorded, and what is recorded is bounded."""

from pathlib import Path

from grader.core.models import Check
from grader.core.pictures import Line, Lines
from tests.support.made_exercise import make_exercise
from tests.support.warm_engine import WarmEngine

CHECKS = """\
from grader.testing import assert_equal


def test_first(submission, pictures):
    ys = [submission.f(x) for x in range(3)]
    pictures.lines("f", "What f gives", {"f": ys}, x_label="x")
    assert_equal(ys[0], 1)
    pictures.heat_map("later", "After the assertion", [[1.0]])


def test_second(submission, pictures):
    pictures.histograms("second", "Of the second check", {"f": [submission.f(x) for x in range(9)]})
"""


def test_a_grade_carries_the_pictures_of_its_checks(warm_engine: WarmEngine, tmp_path: Path) -> None:
    exercise = make_exercise(tmp_path / "e", CHECKS, Check("first", "first"), Check("second", "second"))
    verdict = warm_engine.grade(exercise, tmp_path / "e", "def f(x):\n    return x + 1\n")
    assert verdict.verdict == "passed"
    assert [p.name for p in verdict.pictures] == ["f", "later", "second"]
    assert verdict.pictures[0] == Lines("f", "What f gives", (Line("f", (0.0, 1.0, 2.0), (1.0, 2.0, 3.0)),), "x")


def test_the_replay_of_a_check_on_a_mutant_records_nothing(warm_engine: WarmEngine, tmp_path: Path) -> None:
    """The mutant is named, so the check ran on it; and each run of the check records how many there were."""
    checks = (
        "from grader.testing import assert_equal\n\nRUNS = []\n\n\n"
        "def test_first(submission, pictures):\n"
        "    RUNS.append(0)\n"
        "    pictures.lines('runs', 'Runs', {'runs': [len(RUNS)]})\n"
        "    assert_equal(submission.f(3), 4)\n"
    )
    doubles = "def f(x):\n    return 2 * x\n"
    mutants = {"doubles": ("first", doubles)}
    exercise = make_exercise(tmp_path / "e", checks, Check("first", "first"), mutants=mutants)
    verdict = warm_engine.grade(exercise, tmp_path / "e", doubles)
    assert verdict.checks[0].cause == "The mistake doubles."
    assert verdict.pictures == (Lines("runs", "Runs", (Line("runs", (0.0,), (1.0,)),)),)


def test_a_check_that_fails_keeps_what_it_recorded_before(warm_engine: WarmEngine, tmp_path: Path) -> None:
    exercise = make_exercise(tmp_path / "e", CHECKS, Check("first", "first"), Check("second", "second"))
    verdict = warm_engine.grade(exercise, tmp_path / "e", "def f(x):\n    return x\n")
    assert [(c.id, c.status) for c in verdict.checks] == [("first", "failed"), ("second", "passed")]
    assert [p.name for p in verdict.pictures] == ["f", "second"]


def test_a_grade_without_pictures_carries_none(warm_engine: WarmEngine, tmp_path: Path) -> None:
    checks = "def test_a(submission):\n    submission.f(1)\n"
    exercise = make_exercise(tmp_path / "e", checks, Check("a", "a"))
    assert warm_engine.grade(exercise, tmp_path / "e", "def f(x):\n    return x + 1\n").pictures == ()
