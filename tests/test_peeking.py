"""The mutants that peek: study verify finds the checks whose questions hold their answers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import grader.verify
from grader.course import load_content
from grader.verify import ProofOptions, ProofReport, Proofs
from grader.verify.peeking import PEEKING, POOR, judge_peeking
from tests.toy_course import DOUBLE, TOY_COURSE, replace_once, write_toy_course
from tests.warm_engine import WarmEngine

FOLDER = "exercises/e02_double"
STUB = 'def learn(texts, V):\n    """Learn what follows what."""\n    raise NotImplementedError\n'
ROWS = """\
import torch


def learn(texts, V):
    counts = torch.full((V, V), 0.1)
    for text in texts:
        for a, b in zip(text[:-1], text[1:]):
            counts[a, b] += 1
    return lambda rows: counts.log()[rows[:, -1]]
"""
#: A model of whole sequences, and one of single contexts.
SEQUENCES = ROWS.replace("counts.log()[rows[:, -1]]", "counts.log()[rows]")
CONTEXTS = ROWS.replace("import torch\n", 'import torch\n\nLETTERS = "abcdefghijkl"\n').replace(
    "lambda rows: counts.log()[rows[:, -1]]",
    "lambda context: (lambda row: row / row.sum())(counts[LETTERS.index(context[-1])] if context else counts.sum(0))",
)
CHECKS = """\
import torch
import torch.nn.functional as F

from grader.testing import ask_contexts, ask_rows, ask_sequences, measure_losses, require

V = 12


def draw_texts(n, follows, rng):
    texts = torch.randint(0, V, (n, 9), generator=rng)
    for t in range(1, 9):
        strays = torch.rand(n, generator=rng) < 1 / 7
        texts[:, t] = torch.where(strays, texts[:, t], follows[texts[:, t - 1]])
    return texts


def measure(model, texts, rng):
    MEASURE


def test_doubled(submission, rng):
    follows = torch.randperm(V, generator=rng)
    model = submission.learn(draw_texts(100, follows, rng).tolist(), V)
    loss = measure(model, draw_texts(300, follows, rng), rng)
    require(loss < 1.25, f"the loss is {loss:.3f}")
"""
IN_READING_ORDER = """\
padded = torch.cat([torch.zeros(len(texts), 5, dtype=torch.int64), texts], 1)
    X = padded.unfold(1, 5, 1)[:, :-1].flatten(0, 1)
    return F.cross_entropy(model(X), texts.flatten()).item()"""
WHOLE = """\
front = torch.cat([torch.zeros(len(texts), 1, dtype=torch.int64), texts], 1)
    return F.cross_entropy(model(front[:, :-1]).flatten(0, 1), texts.flatten()).item()"""
LONG_FIRST = """\
spelled = ["".join("abcdefghijkl"[token] for token in text) for text in texts.tolist()]
    pairs = [(word[:i], "abcdefghijkl".index(word[i])) for i in range(8, -1, -1) for word in spelled]
    return -torch.stack([model(context)[k].log() for context, k in pairs]).mean().item()"""
SAFE = """\
return measure_losses({"m": ASK}, texts.tolist(), rng)["m"].mean"""

Prove = Callable[[str, str], ProofReport]


@pytest.fixture
def prove(warm_engine: WarmEngine, tmp_path: Path) -> Prove:
    """Prove an exercise that asks for a model, which is measured as a test wants it."""

    def run(solution: str, measure: str) -> ProofReport:
        yaml = replace_once(
            TOY_COURSE[DOUBLE], "mutants:\n", "thresholds:\n  loss: {names: 1.25, embedded: 1.25}\nmutants:\n"
        )
        changes = {
            DOUBLE: yaml,
            f"{FOLDER}/stub.py": STUB,
            f"{FOLDER}/solution.py": solution,
            f"{FOLDER}/checks.py": replace_once(CHECKS, "MEASURE", measure),
            f"{FOLDER}/mutants/squares.py": "def learn(texts, V):\n    return None\n",
        }
        content = load_content(write_toy_course(tmp_path, changes))
        with warm_engine.in_reach():
            exercise = content.exercises["e02_double"]
            proofs = Proofs([(exercise, content.folder(exercise.id))], ProofOptions((), seeds=1), 1)
            try:
                (report,) = proofs.follow()
            finally:
                proofs.stop()
        return report

    return run


def peeking(report: ProofReport) -> dict[str, str]:
    return {row.name: row.statuses[0] for row in report.rows if row.kind == "peeking"}


HOLE = (
    "`doubled` is passed by a poor model that looks for the answers in the questions: ask in the order of time, as "
    "`grader.testing.measure_losses` does"
)


@pytest.mark.parametrize(
    ("solution", "measure"),
    [(ROWS, IN_READING_ORDER), (SEQUENCES, WHOLE), (CONTEXTS, LONG_FIRST)],
    ids=["rows in reading order", "whole sequences", "long contexts first"],
)
def test_questions_that_hold_their_answers_are_found(prove: Prove, solution: str, measure: str) -> None:
    report = prove(solution, measure)
    assert peeking(report) == {POOR: "failed", PEEKING: "passed"}
    assert HOLE in report.problems


@pytest.mark.parametrize(
    ("solution", "ask"),
    [
        (ROWS, "ask_rows(model, 5, V)"),
        (SEQUENCES, "ask_sequences(model, V, start=0)"),
        (CONTEXTS, 'ask_contexts(model, "abcdefghijkl")'),
    ],
    ids=["rows", "sequences", "contexts"],
)
def test_questions_in_the_order_of_time_hold_none(prove: Prove, solution: str, ask: str) -> None:
    report = prove(solution, replace_once(SAFE, "ASK", ask))
    assert peeking(report) == {POOR: "failed", PEEKING: "failed"}
    assert [problem for problem in report.problems if "poor" in problem] == []


def test_measured_model_on_which_no_check_depends_is_reported(prove: Prove) -> None:
    report = prove(ROWS, 'return min(1.0, measure_losses({"m": ask_rows(model, 5, V)}, texts.tolist(), rng)["m"].mean)')
    assert peeking(report) == {POOR: "passed", PEEKING: "passed"}
    assert any(problem.startswith("checks.py measures a model, but a poor one passes") for problem in report.problems)


def test_an_answer_is_found_in_rows_in_any_order_and_in_earlier_calls() -> None:
    code: dict[str, Any] = {"__name__": "submission"}
    exec((Path(grader.verify.__file__).parent / "peeks.py").read_text(encoding="utf-8"), code)
    first, then = [(0, 0, 3), (3, 1, 4), (0, 0, 0)], [(1, 4, 5), (0, 3, 1)]
    assert code["_look"](first, False) == [None, None, None]  # after 0, 0 there may be 3 or 0
    assert code["_look"](then, False) == [None, 4]
    assert code["_look"]([(3, 1, 4)], False) == [5]


def test_exercise_without_a_corpus_or_a_threshold_is_not_made_to_peek(warm_engine: WarmEngine, tmp_path: Path) -> None:
    content = load_content(write_toy_course(tmp_path))
    exercise = content.exercises["e02_double"]
    with warm_engine.in_reach():
        proofs = Proofs([(exercise, content.folder(exercise.id))], ProofOptions((), seeds=1), 1)
        try:
            (report,) = proofs.follow()
        finally:
            proofs.stop()
    assert peeking(report) == {}


def test_a_check_that_both_pass_or_both_fail_says_nothing() -> None:
    poor, better = {"a": "passed", "b": "failed", "c": "not_run"}, {"a": "passed", "b": "failed", "c": "passed"}
    assert judge_peeking({POOR: poor, PEEKING: poor}, measures=True) == []
    assert judge_peeking({POOR: poor, PEEKING: better}, measures=True) == [HOLE.replace("doubled", "c")]
    assert judge_peeking({POOR: poor}, measures=True) == []
