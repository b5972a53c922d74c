"""`study solution ID --diff` shows both texts only once they are earned."""

import json
from pathlib import Path

import pytest

from grader.progress import NewAttempt, ProgressStore
from tests.support.passes import PASSED
from tests.support.study import Study


@pytest.fixture
def store(home: Path) -> ProgressStore:
    (home / "study/.study").mkdir(parents=True)
    return ProgressStore.open(home / "study/.study/study.db")


def attempt(text: str, verdict: str = "passed") -> NewAttempt:
    from msgspec import structs

    return structs.replace(PASSED, exercise_id="t01_double", verdict=verdict, submission=text)


def test_it_compares_with_the_last_text_that_passed(study: Study, store: ProgressStore) -> None:
    store.record_attempt(attempt("def double(x):\n    return 1 * x\n"))
    store.record_attempt(attempt("def double(x):\n    return x + x + 0\n"))
    store.record_attempt(attempt("def double(x):\n    return broken\n", "failed"))
    shown = study("solution", "t01", "--diff").stdout
    assert "-     return x + x + 0\n" in shown
    assert "broken" not in shown
    assert "1 * x" not in shown
    data = json.loads(study("solution", "t01", "--diff", "--json").stdout)
    assert list(data) == ["exercise", "gave_up", "at", "submission", "solution", "diff"]
    assert data["submission"] == "def double(x):\n    return x + x + 0\n"
    assert data["solution"] == json.loads(study("solution", "t01", "--json").stdout)["solution"]
    assert data["diff"].startswith("--- yours\n+++ ours\n@@ -")
    assert "-    return x + x + 0\n" in data["diff"]
    wide = study("solution", "t01", "--diff", COLUMNS="130").stdout
    assert "    return x + x + 0" in wide
    assert " ~     return " in wide


def test_before_a_pass_it_is_refused_as_the_solution_is(study: Study, store: ProgressStore) -> None:
    store.record_attempt(attempt("def double(x):\n    return 7\n", "failed"))
    refused = study("solution", "t01", "--diff")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("study: t01_double is not solved yet; its solution is shown after a pass\nnext: ")
    assert store.load_progress().exercises["t01_double"].revealed is None
    gave_up = study("solution", "t01", "--diff", "--give-up")
    assert gave_up.returncode == 0
    assert "-     return 7\n" in gave_up.stdout
    assert gave_up.stdout.startswith("yours  graded on ")
    assert store.load_progress().exercises["t01_double"].revealed == "gave_up"


def test_with_nothing_graded_there_is_nothing_to_compare_and_nothing_is_recorded(
    study: Study, store: ProgressStore
) -> None:
    done = study("solution", "t01", "--diff", "--give-up")
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        "study: nothing of yours to compare with: no grade of t01_double is in the log\n"
        "next: study solution t01_double --give-up   or   study grade t01_double\n",
    )
    assert store.load_progress().exercises == {}


def test_a_log_with_any_text_is_shown(study: Study, store: ProgressStore) -> None:
    store.record_attempt(attempt('{"cells": [], "nbformat": 4}\x00\ud800\n' + "\t" * 50 + "if x\n"))
    done = study("solution", "t01", "--diff")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x00" not in done.stdout
