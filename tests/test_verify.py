"""Proving an exercise: whatever is missing from the proof is named, in these words."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from grader.cli.author.verify import verify
from grader.core.errors import ContentError
from grader.core.models import Check, Equivalent, Exercise, Mutant, ReadingRef
from grader.core.verdict import CheckResult, Verdict
from grader.corpus import Corpus
from grader.course import load_content
from grader.engine.client import Engine
from grader.judge.plugin import derive_seed
from grader.verify import ProofOptions, ProofReport, Proofs, orders
from grader.verify.cache import ProofCache
from grader.verify.findings import Diagnosis, make_report, share_named
from grader.verify.matrix import write_report, write_summary
from grader.verify.mutate import AutomaticMutant
from grader.verify.orders import SAMPLE, Order, plan_automatic, plan_mutants, plan_orders
from tests.support.jobs import make_job
from tests.toy_course import DOUBLE, TOY_COURSE, replace_once, write_toy_course
from tests.warm_engine import WarmEngine

FOLDER = "exercises/e02_double"
CHECKS_FILE = f"{FOLDER}/checks.py"
CHECKS = TOY_COURSE[f"{FOLDER}/checks.py"]
YAML = TOY_COURSE[DOUBLE]
ONE = '- {id: doubled, title: "The double"}\n'
ZERO = ONE + '- {id: zero, title: "The double of zero"}\n'
CHECKS_WITH_ZERO = CHECKS + "\n\ndef test_zero(submission):\n    assert submission.double(0) == 0\n"
#: 0 and 6 are both taken for the double of 3.
LAX = "def test_doubled(submission):\n    assert submission.double(3) % 6 == 0\n"

Prove = Callable[..., ProofReport]


def in_yaml(old: str, new: str) -> str:
    return replace_once(YAML, old, new)


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


# --- the findings alone, on made-up verdicts ---


def exercise_of(*mutants: Mutant, equivalent: tuple[Equivalent, ...] = (), corpus: bool = False) -> Exercise:
    return Exercise(
        id="e01_toy",
        title="A toy",
        readings=(ReadingRef("toy"),),
        difficulty=1,
        minutes=1,
        statement="Write it.",
        hints=("Do.",),
        checks=(Check("quick", "Quick"), Check("slow", "Slow", timeout_s=3.0)),
        mutants=mutants,
        equivalent=equivalent,
        corpus=corpus,
        stub="def f(x):\n    raise NotImplementedError\n",
        solution="def f(x):\n    return x + 1\n",
    )


def verdict_of(*statuses: str, took_s: tuple[float, float] = (0.1, 0.2), cause: str | None = None) -> Verdict:
    checks = tuple(
        CheckResult(name, name.title(), status, 1, "told\nmore", None if status == "passed" else cause, elapsed_s)  # type: ignore[arg-type]
        for name, status, elapsed_s in zip(("quick", "slow"), statuses, took_s, strict=True)
    )
    faulty = "grader_fault" in statuses
    state: Any = "grader_fault" if faulty else "passed" if set(statuses) == {"passed"} else "failed"
    return Verdict("e01_toy", state, checks, 0, 2, 1, "cpu", None, {}, 0.1)


SOLVED = (Order("solution", "solution", "", 1), verdict_of("passed", "passed"))


def test_check_that_takes_more_than_a_third_of_its_time_is_warned_of() -> None:
    slow = verdict_of("passed", "passed", took_s=(0.1, 1.25))
    report = make_report(exercise_of(), [SOLVED, (Order("solution", "solution", "", 2), slow)], ())
    assert report.warnings == ("`slow` takes 1.2 s with the solution, more than a third of its 3 s",)
    assert report.longest_s == (0.1, 1.25)
    assert make_report(exercise_of(), [SOLVED], ()).warnings == ()


def test_corpus_on_which_the_solution_fails_is_named() -> None:
    corpus = Corpus(name="embedded", words=("a",), source="made", floor_nats=None)
    order = Order("solution", "solution", "", 4, corpus)
    report = make_report(exercise_of(), [(order, verdict_of("passed", "timed_out"))], ())
    assert report.problems[0] == (
        "the solution does not pass with seed 4 on the embedded corpus: `slow` timed_out: told"
    )


def test_mutant_is_named_by_the_check_that_is_to_catch_it() -> None:
    mutants = [Mutant(name, f"It is {name}.", "quick") for name in ("big", "blue", "old")]
    results = [
        (Order("mutant", "big", "", 1), verdict_of("failed", "passed", cause="It is big.")),
        (Order("mutant", "blue", "", 1), verdict_of("failed", "failed", cause="a common reason: It is blue.")),
        (Order("mutant", "old", "", 1), verdict_of("failed", "passed", cause="It is new.")),
    ]
    report = make_report(exercise_of(*mutants), results, ())
    assert report.diagnosis == Diagnosis(named=2, mutants=3, unnamed=("old",), alike=())
    assert share_named([report, report]) == (4, 6)


def test_mutants_that_are_told_the_same_throughout_count_as_one() -> None:
    mutants = [Mutant(name, f"It is {name}.", "quick") for name in ("big", "large")]
    told = verdict_of("failed", "passed", cause="It is big.")
    results = [(Order("mutant", mutant.id, "", 1), told) for mutant in mutants]
    report = make_report(exercise_of(*mutants), results, ())
    assert report.diagnosis == Diagnosis(named=1, mutants=1, unnamed=(), alike=(("big", "large"),))


def test_fault_of_the_grader_is_neither_caught_nor_passed() -> None:
    mutant = Mutant("big", "It is big.", "quick")
    results = [
        (Order("mutant", "big", "", 1), verdict_of("grader_fault", "passed")),
        (Order("automatic", "f: x", "", 1), verdict_of("passed", "grader_fault")),
    ]
    report = make_report(exercise_of(mutant), results, [AutomaticMutant("f: x", "")])
    assert report.problems == (
        "the mutant `big` cannot be graded: `quick` grader_fault: told",
        "the check `quick` catches no mutant: add the mistake that it is there for",
        "the check `slow` catches no mutant: add the mistake that it is there for",
        "the automatic mutant cannot be graded: f: x: `slow` grader_fault: told",
    )


# --- the plan ---


def test_solution_is_planned_with_every_seed_and_once_on_every_other_corpus(tmp_path: Path) -> None:
    corpora = [Corpus(name=name, words=("a",), source="", floor_nats=None) for name in ("names", "embedded")]
    orders = plan_orders(exercise_of(corpus=True), tmp_path, corpora, 2)
    assert [(o.kind, o.seed, o.corpus and o.corpus.name) for o in orders] == [
        *(("solution", 1, "names"), ("solution", 2, "names")),
        *(("solution", 1, "embedded"), ("again", 1, "names"), ("stub", 1, "names")),
    ]


def test_mutant_of_a_slow_exercise_runs_only_the_check_it_names(tmp_path: Path) -> None:
    content = load_content(write_toy_course(tmp_path, {DOUBLE: in_yaml(ONE, ZERO), CHECKS_FILE: CHECKS_WITH_ZERO}))
    exercise, folder = content.exercises["e02_double"], content.folder("e02_double")
    squares = exercise.mutants[0]
    both = msgspec.structs.replace(exercise, mutants=(squares, msgspec.structs.replace(squares, caught_by="zero")))

    def wanted(exercise: Exercise, solution_s: float) -> list[tuple[str, ...]]:
        return [order.only for order in plan_mutants(exercise, folder, (), solution_s=solution_s)]

    assert wanted(both, 9.0) == [("doubled",), ("zero",)]
    assert wanted(both, 0.5) == [(), ()]
    # What catches no mutant by name may catch one all the same: only a whole grade tells.
    assert wanted(exercise, 9.0) == [()]


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


def test_only_a_sample_of_many_automatic_mutants_is_graded_where_checks_are_slow(tmp_path: Path) -> None:
    code = "\n".join(f"def f{n}(x):\n    return x + {n}" for n in range(20))
    folder = write_toy_course(tmp_path, {f"{FOLDER}/solution.py": code}) / FOLDER
    exercise = load_content(tmp_path).exercises["e02_double"]
    graded = {
        (solution_s, every): len(plan_automatic(exercise, folder, (), solution_s=solution_s, every=every)[1])
        for solution_s, every in ((0.5, False), (9.0, False), (9.0, True))
    }
    assert graded == {(0.5, False): 60, (9.0, False): SAMPLE, (9.0, True): 60}


def test_explained_change_is_graded_only_where_all_changes_are(tmp_path: Path) -> None:
    explained = exercise_of(equivalent=(Equivalent("f: `x + 1` -> `x - 1`", "Nobody looks."),))
    graded = [
        [order.name for order in plan_automatic(explained, tmp_path, (), solution_s=solution_s, every=every)[1]]
        for solution_s, every in ((0.5, False), (9.0, False), (9.0, True))
    ]
    rest = ["f: returns None instead of `x + 1`", "f: `1` -> `2` in `x + 1`"]
    every_one = [rest[0], "f: `x + 1` -> `x - 1`", rest[1]]
    assert graded == [every_one, rest, every_one]


# --- what is shown ---

MATRIX = """\
e01_toy  not proved: 3 problems

   1 quick
   2 slow
                    1  2
  solution, seed 1  ·  ·
  big              [F] ·
  old               F [·]
  · passed, F failed, E errored, T timed out, M out of memory, C crashed, - not run, ! grader fault

  diagnosis: 1 of 2 mutants are given their own sentence
    not given it: old
  automatic mutants: 2 made, a sample of 1; 0 caught, 0 explained as equivalent, 1 not noticed
    sampled: f: a
  4 grades; the checks alone took 1.2 s
  ✗ the mutant `old` should be caught by `slow`, which is passed; it is caught by `quick`
  ✗ the check `slow` catches no mutant: add the mistake that it is there for
  ✗ a change that no check notices: f: a"""


def test_report_is_a_matrix_with_figures_and_problems() -> None:
    mutants = (Mutant("big", "It is big.", "quick"), Mutant("old", "It is old.", "slow"))
    results = [
        SOLVED,
        (Order("mutant", "big", "", 1), verdict_of("failed", "passed", cause="It is big.")),
        (Order("mutant", "old", "", 1), verdict_of("failed", "passed", cause="It is big?")),
        (Order("automatic", "f: a", "", 1), verdict_of("passed", "passed")),
    ]
    exercise = exercise_of(*mutants)
    report = make_report(exercise, results, [AutomaticMutant("f: a", ""), AutomaticMutant("f: b", "")])
    assert write_report(report, caught_by={"big": "quick", "old": "slow"}) == MATRIX
    assert write_summary([report], total=1) == (
        "0 of 1 exercise proved; 1 of 2 mutants (50%) are given their own sentence"
    )


# --- the command, and what it remembers ---


def test_proof_holds_until_a_file_or_the_manner_changes(tmp_path: Path) -> None:
    folder = write_toy_course(tmp_path / "course") / FOLDER
    exercise = load_content(tmp_path / "course").exercises["e02_double"]
    proved = make_report(exercise_of(Mutant("big", "It is big.", "quick")), [], ())
    proved = ProofReport(**{name: getattr(proved, name) for name in proved.__struct_fields__} | {"problems": ()})
    cache = ProofCache(tmp_path / "proofs", ProofOptions(()))
    assert cache.find(exercise, folder) is None
    cache.keep(exercise, folder, proved)
    found = cache.find(exercise, folder)
    assert found is not None
    assert found.cached
    assert found.rows == proved.rows
    assert ProofCache(tmp_path / "proofs", ProofOptions((), seeds=6)).find(exercise, folder) is None
    (folder / "checks.py").write_text(CHECKS + "# changed\n")
    assert cache.find(exercise, folder) is None


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
