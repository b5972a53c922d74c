"""Proving an exercise: whatever is missing from the proof is named, in these words."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from grader.cli.author.verify import verify
from grader.core.errors import ContentError
from grader.course import load_content
from grader.engine.client import Engine
from grader.judge.plugin import derive_seed
from grader.verify import ProofOptions, ProofReport, Proofs, orders
from grader.verify.findings import Diagnosis
from grader.verify.matrix import write_report
from tests.support.jobs import make_job
from tests.support.proved_exercise import CHECKS_FILE, CHECKS_WITH_ZERO, FOLDER, ONE, YAML, ZERO, in_yaml
from tests.support.toy_course import DOUBLE, replace_once, write_toy_course
from tests.support.warm_engine import WarmEngine

#: 0 and 6 are both taken for the double of 3.
LAX = "def test_doubled(submission):\n    assert submission.double(3) % 6 == 0\n"

Prove = Callable[..., ProofReport]


@pytest.fixture
def prove(warm_engine: WarmEngine, tmp_path: Path) -> Prove:
    """Prove the toy exercise e02_double, changed as a test wants it."""

    def run(changes: Mapping[str, str] | None = None, *, seeds: int = 1) -> ProofReport:
        content = load_content(write_toy_course(tmp_path, changes))
        with warm_engine.in_reach():
            exercise = content.exercises["e02_double"]
            proofs = Proofs([(exercise, content.folder(exercise.id))], ProofOptions((), seeds=seeds), 1)
            try:
                (report,) = proofs.follow()
            finally:
                proofs.stop()
        return report

    return run


def test_good_exercise_is_proved(prove: Prove) -> None:
    report = prove(seeds=2)
    assert (report.problems, report.warnings, report.proved) == ((), (), True)
    assert [(row.kind, row.name, row.seed, row.statuses) for row in report.rows] == [
        ("solution", "solution", 1, ("passed",)),
        ("solution", "solution", 2, ("passed",)),
        ("again", "solution", 1, ("passed",)),
        ("stub", "stub", 1, ("errored",)),
        ("mutant", "squares", 1, ("failed",)),
    ]
    assert report.diagnosis == Diagnosis(named=1, mutants=1, unnamed=(), alike=())
    assert (report.automatic.made, report.automatic.caught, report.automatic.survivors) == (2, 2, ())
    assert report.grades == 7


def test_stub_that_passes_is_reported(prove: Prove) -> None:
    report = prove(
        {
            f"{FOLDER}/stub.py": "def double(a):\n    if a is None:\n        raise NotImplementedError\n    return 2 * a\n"
        }
    )
    assert report.problems == ("the stub passes `doubled`: a check must need what the learner writes",)


def test_stub_that_fails_otherwise_than_as_unwritten_is_reported(prove: Prove) -> None:
    report = prove(
        {
            f"{FOLDER}/stub.py": "def double(a):\n    if a is None:\n        raise NotImplementedError\n    raise KeyError(a)\n"
        }
    )
    assert report.problems == (
        "the stub fails `doubled` otherwise than by NotImplementedError: errored: `double` raised KeyError: 3",
    )


def test_solution_that_fails_with_one_seed_is_reported(prove: Prove) -> None:
    bad = derive_seed(2, "test_doubled", "judge")
    checks = f"def test_doubled(submission, seed):\n    assert submission.double(3) == 6\n    assert seed != {bad}\n"
    report = prove({f"{FOLDER}/checks.py": checks}, seeds=3)
    (problem,) = report.problems
    assert problem.startswith("the solution does not pass with seed 2: `doubled` failed: ")
    assert report.automatic.made == 0


def test_mutant_that_passes_is_reported_and_so_is_the_check_it_was_for(prove: Prove) -> None:
    report = prove({f"{FOLDER}/mutants/squares.py": "def double(a):\n    return 2 * a\n"})
    assert report.problems == (
        "the mutant `squares` is not caught: it passes every check",
        "the check `doubled` catches no mutant: add the mistake that it is there for",
    )


def test_mutant_that_another_check_catches_is_reported(prove: Prove) -> None:
    yaml = replace_once(in_yaml(ONE, ZERO), "caught_by: doubled", "caught_by: zero")
    report = prove({DOUBLE: yaml, f"{FOLDER}/checks.py": CHECKS_WITH_ZERO})
    assert report.problems == (
        "the mutant `squares` should be caught by `zero`, which is passed; it is caught by `doubled`",
        "the check `zero` catches no mutant: add the mistake that it is there for",
    )


def test_check_that_catches_nothing_is_reported(prove: Prove) -> None:
    report = prove({DOUBLE: in_yaml(ONE, ZERO), f"{FOLDER}/checks.py": CHECKS_WITH_ZERO})
    assert report.problems == ("the check `zero` catches no mutant: add the mistake that it is there for",)


def test_alternative_that_fails_is_reported_and_one_that_passes_is_not(prove: Prove) -> None:
    accept = 'accept:\n- {id: shifts, code: "def double(a):\\n    return a << 1\\n"}\n'
    accept += '- {id: thrice, code: "def double(a):\\n    return 3 * a\\n"}\n'
    report = prove({DOUBLE: YAML + accept})
    (problem,) = report.problems
    assert problem.startswith("the alternative `thrice` does not pass with seed 1: `doubled` failed: ")


def test_change_that_no_check_notices_is_reported(prove: Prove) -> None:
    report = prove({f"{FOLDER}/checks.py": LAX})
    assert report.problems == ("a change that no check notices: double: `a + a` -> `a - a`",)
    assert report.automatic.survivors == ("double: `a + a` -> `a - a`",)


def test_change_that_is_explained_is_no_problem(prove: Prove) -> None:
    explained = 'equivalent:\n- {change: "double: `a + a` -> `a - a`", why: "Both leave no rest."}\n'
    report = prove({DOUBLE: YAML + explained, f"{FOLDER}/checks.py": LAX})
    assert report.problems == ()
    assert report.automatic.equivalent == ("double: `a + a` -> `a - a`",)


def test_explanation_of_a_change_that_is_caught_or_not_made_is_reported(prove: Prove) -> None:
    stale = 'equivalent:\n- {change: "double: `a + a` -> `a - a`", why: "Once it was."}\n'
    stale += '- {change: "double: `a * a` -> `a / a`", why: "Once it stood there."}\n'
    assert prove({DOUBLE: YAML + stale}).problems == (
        "`equivalent` explains a change that is not made: double: `a * a` -> `a / a`",
        "`equivalent` explains a change that is caught: double: `a + a` -> `a - a`",
    )


def test_flaky_check_is_reported(prove: Prove) -> None:
    checks = (
        "from pathlib import Path\n\n\ndef test_doubled(submission):\n    assert submission.double(3) == 6\n"
        "    assert not Path('seen').exists()\n    Path('seen').touch()\n"
    )
    assert prove({f"{FOLDER}/checks.py": checks}).problems == (
        "`doubled` is flaky: with seed 1 the solution was first passed, then failed",
    )


def test_change_that_a_flaky_check_notices_now_and_then_is_no_hole(prove: Prove) -> None:
    checks = (
        "from pathlib import Path\n\n\ndef test_doubled(submission):\n    value = submission.double(3)\n"
        "    if value == 0:\n        Path('seen').open('a').write('x')\n"
        "        assert len(Path('seen').read_text()) % 2\n    else:\n        assert value == 6\n"
    )
    assert prove({f"{FOLDER}/checks.py": checks}).problems == (
        "the automatic mutant double: `a + a` -> `a - a` was graded twice with seed 1, and `doubled` failed once and "
        "passed once: the check is flaky",
    )


def test_solution_that_fails_once_and_then_passes_is_told_as_a_flake(prove: Prove) -> None:
    checks = (
        "from pathlib import Path\n\n\ndef test_doubled(submission):\n    assert submission.double(3) == 6\n"
        "    first = not Path('seen').exists()\n    Path('seen').touch()\n    assert not first\n"
    )
    report = prove({f"{FOLDER}/checks.py": checks})
    assert report.problems == (
        "the solution was graded twice with seed 1, and `doubled` failed once and passed once: the check is flaky",
    )


def test_checks_that_cannot_be_imported_end_the_proof(prove: Prove) -> None:
    with pytest.raises(ContentError) as caught:
        prove({f"{FOLDER}/checks.py": "def test_other(submission):\n    pass\n"})
    assert caught.value.problems == [
        "e02_double: checks.py: test_other is not declared in exercise.yaml",
        "e02_double: checks.py: no function test_doubled for the check `doubled`",
    ]


def test_grade_that_stops_early_ends_at_the_first_check_that_fails_and_names_no_cause(
    warm_engine: WarmEngine, tmp_path: Path
) -> None:
    content = load_content(
        write_toy_course(tmp_path, {DOUBLE: in_yaml(ONE, ZERO), f"{FOLDER}/checks.py": CHECKS_WITH_ZERO})
    )

    def grade(stop_early: bool) -> list[tuple[str, str | None]]:
        with warm_engine.in_reach():
            source = "def double(a):\n    return a * a\n"
            job = make_job(content.exercises["e02_double"], tmp_path / FOLDER, source, stop_early=stop_early)
            verdict = Engine().grade(job)
        return [(check.status, check.cause) for check in verdict.checks]

    assert grade(False) == [("failed", "It squares."), ("passed", None)]
    assert grade(True) == [("failed", None), ("not_run", None)]


def test_interrupted_proof_leaves_no_grade_behind(warm_engine: WarmEngine, tmp_path: Path) -> None:
    content = load_content(write_toy_course(tmp_path))
    exercise = content.exercises["e02_double"]

    def interrupt(done: int, planned: int) -> None:
        raise KeyboardInterrupt

    with warm_engine.in_reach():
        proofs = Proofs([(exercise, tmp_path / FOLDER)], ProofOptions((), seeds=50), 2)
        with pytest.raises(KeyboardInterrupt):
            list(proofs.follow(interrupt))
        proofs.stop()
    assert proofs.running == 0


def test_proof_of_a_slow_exercise_leaves_out_what_its_mutants_need_not_run(
    prove: Prove, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "SLOW_S", 0.0)
    third = '- {id: half, title: "Half of it", needs: [zero]}\n'
    mutant = '\n- {id: plus_one, says: "It adds one to the double.", caught_by: NAME, code: "def double(a): return 2 * a + 1"}'
    mutants = "".join(mutant.replace("NAME", name).replace("plus_one", f"plus_one_{name}") for name in ("zero", "half"))
    checks = CHECKS_WITH_ZERO + "\n\ndef test_half(submission):\n    assert submission.double(0.5) == 1\n"
    report = prove(
        {DOUBLE: replace_once(in_yaml(ONE, ZERO + third), "\nforbid:", f"{mutants}\nforbid:"), CHECKS_FILE: checks}
    )
    assert [(row.name, row.statuses) for row in report.rows if row.kind == "mutant"] == [
        ("squares", ("failed", "left_out", "left_out")),
        ("plus_one_zero", ("left_out", "failed", "left_out")),
        ("plus_one_half", ("left_out", "failed", "not_run")),
    ]
    assert report.problems[0] == (
        "the mutant `plus_one_half` should be caught by `half`, which is not_run; it is caught by `zero`"
    )
    shown = write_report(report, caught_by={"squares": "doubled", "plus_one_zero": "zero"}).splitlines()
    assert [row.split() for row in shown if row.startswith(("  squares", "  plus_one_zero"))] == [
        ["squares", "[F]"],
        ["plus_one_zero", "[F]"],
    ]


def test_command_proves_once_and_remembers_until_told_otherwise(
    warm_engine: WarmEngine, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_toy_course(tmp_path / "course")
    monkeypatch.setenv("STUDY_COURSE", str(root))

    def run(*arguments: str) -> tuple[int, dict[str, Any]]:
        with warm_engine.in_reach():
            done = CliRunner().invoke(
                verify, ["double", "--json", "--jobs", "1", "--seeds", "1", *arguments], standalone_mode=False
            )
        assert done.exception is None, done.exception
        return done.return_value, json.loads(done.stdout)

    code, shown = run()
    assert code == 0
    assert (shown["proved"], shown["named"], shown["mutants"]) == (True, 1, 1)
    assert [(e["exercise"], e["cached"], e["proved"]) for e in shown["exercises"]] == [("e02_double", False, True)]
    assert run()[1]["exercises"][0]["cached"] is True
    assert run("--changed") == (0, {"proved": True, "named": 0, "mutants": 0, "exercises": []})
    assert run("--fresh")[1]["exercises"][0]["cached"] is False
    (root / FOLDER / "checks.py").write_text(LAX)
    code, shown = run("--changed")
    assert code == 1
    assert shown["exercises"][0]["problems"] == ["a change that no check notices: double: `a + a` -> `a - a`"]
