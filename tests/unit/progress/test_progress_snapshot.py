"""The sum of a long log stays cheap, and is always the sum of its rows."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.progress import NewAttempt, ProgressStore
from grader.progress import summary as summary_module
from grader.progress.rows import from_micros
from grader.progress.summary import is_summary_right, recompute_summary
from tests.support.study import REPOSITORY

EXERCISES = st.sampled_from(["e01", "e02"])
MAKE: Any = {
    "start": lambda store, name, number: store.record_start(name),
    "hint": lambda store, name, number: store.record_hint(name, number),
    "reveal": lambda store, name, number: store.record_reveal(name, gave_up=number > 2),
    "answer": lambda store, name, number: store.record_answer(name, f"q{number}", "text", number_right=[None, True, False][number % 3]),
    "reading": lambda store, name, number: store.record_reading(name, state=[None, "reading", "done"][number % 3], minutes=number, note="n"),
    "review_start": lambda store, name, number: store.record_review_start(name),
    "review": lambda store, name, number: store.record_review("reading" if number > 2 else "exercise", name, 1 + number % 4),
}  # fmt: skip
STEPS = st.lists(
    st.tuples(st.sampled_from([*MAKE, "attempt"]), EXERCISES, st.integers(0, 4), st.integers(-60, 3_000)), max_size=40
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_sum_that_is_kept_is_the_sum_of_the_rows_however_the_clock_runs(
    tmp_path_factory: pytest.TempPathFactory, make_attempt: Callable[..., NewAttempt], steps: list[Any]
) -> None:
    moment = [1_800_000_000_000_000]
    path = tmp_path_factory.mktemp("log") / "study.db"
    with pytest.MonkeyPatch.context() as patch, ProgressStore.open(path, now=lambda: from_micros(moment[0])) as store:
        patch.setattr("grader.progress.open_log.STORE_EVERY", 3)
        for kind, name, number, seconds in steps:
            moment[0] += seconds * 1_000_000 * (400 if number == 0 else 1)
            if kind == "attempt":
                verdict = ("passed", "failed", "grader_fault")[number % 3]
                store.record_attempt(make_attempt(exercise_id=name, verdict=verdict, score=number, max_score=4))
            else:
                MAKE[kind](store, name, number)
            whole = recompute_summary(store._backend)
            assert store.load_progress() == whole.to_progress()
            assert store.load_activity() == whole.to_activity()
        assert is_summary_right(store._backend)


@pytest.mark.parametrize("location", ["sqlite"], indirect=True)
def test_a_sum_reads_only_the_rows_that_came_since(
    store: ProgressStore,
    make_attempt: Callable[..., NewAttempt],
    connection_of: Callable[[ProgressStore], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("grader.progress.open_log.STORE_EVERY", 10)
    for _ in range(23):
        store.record_attempt(make_attempt())
    read: list[int] = []
    to_event = summary_module._to_event
    monkeypatch.setattr(summary_module, "_to_event", lambda table, row: read.append(row[0]) or to_event(table, row))
    assert store.load_progress().attempts == 23
    assert read == [21, 22, 23]
    touched: set[str | None] = set()
    connection_of(store).set_authorizer(
        lambda action, table, *_: touched.add(table) or 0 if action == sqlite3.SQLITE_READ else 0
    )
    store.load_progress()
    assert {"submissions", "attempt_details"} & touched == set()


def test_a_sum_that_cannot_be_read_is_made_again(
    store: ProgressStore, query: Any, location: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.progress.open_log.STORE_EVERY", 1)
    store.record_start("e01")
    assert query("SELECT COUNT(*) FROM summaries") == [(1,)]
    query(
        "UPDATE summaries SET body = CAST('123' AS BLOB)"
        if isinstance(location, Path)
        else "UPDATE summaries SET body = '123'"
    )
    assert store.load_progress().last_started == "e01"


def test_what_was_logged_with_a_clock_that_ran_ahead_costs_nothing_later(
    tmp_path: Path, make_attempt: Callable[..., NewAttempt], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One event of the future waits to be added; it does not make every later reading add up everything."""
    monkeypatch.setattr("grader.progress.open_log.STORE_EVERY", 5)
    moment = [datetime(2026, 3, 1).astimezone()]
    with ProgressStore.open(tmp_path / "study.db", now=lambda: moment[0]) as store:
        moment[0] = moment[0].replace(year=2035)
        store.record_start("e01")
        moment[0] = moment[0].replace(year=2026)
        for second in range(10):
            moment[0] = moment[0].replace(second=second)
            store.record_attempt(make_attempt())
        read: list[int] = []
        to_event = summary_module._to_event
        monkeypatch.setattr(summary_module, "_to_event", lambda table, row: read.append(row[0]) or to_event(table, row))
        assert store.load_progress().attempts == 10
        assert read == []


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("grader.progress.store", {"torch", "numpy", "pytest", "nbformat", "psycopg", "peewee", "gzip"}),
        ("grader.progress.records", {"torch", "numpy", "pytest", "nbformat", "psycopg", "sqlite3"}),
    ],
)
def test_importing_the_log_is_cheap(module: str, heavy: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=REPOSITORY,
    )
    assert heavy & set(done.stdout.split()) == set()
