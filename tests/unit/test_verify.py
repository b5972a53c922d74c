"""Proving an exercise: whatever is missing from the proof is named, in these words."""

from pathlib import Path
from typing import Any

import msgspec

from grader.core.models import Check, Equivalent, Exercise, Mutant, ReadingRef
from grader.core.verdict import CheckResult, Verdict
from grader.corpus import Corpus
from grader.course import load_content
from grader.verify import ProofOptions, ProofReport
from grader.verify.cache import ProofCache
from grader.verify.findings import Diagnosis, make_report, share_named
from grader.verify.matrix import write_report, write_summary
from grader.verify.mutate import AutomaticMutant
from grader.verify.orders import SAMPLE, Order, plan_automatic, plan_mutants, plan_orders
from tests.support.proved_exercise import CHECKS, CHECKS_FILE, CHECKS_WITH_ZERO, FOLDER, ONE, ZERO, in_yaml
from tests.support.toy_course import DOUBLE, write_toy_course

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
