"""A log of an older version becomes one of today, or stays as it was."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from grader.errors import ProgressError
from grader.progress import NewAttempt, ProgressStore, schema

MakeAttempt = Callable[..., NewAttempt]
Query = Callable[[str], list[tuple[Any, ...]]]
VERSIONS = "SELECT version, name, applied_at_us FROM schema_migrations ORDER BY version"


def _add_mood(dialect: schema.Dialect) -> Iterable[str]:
    yield f"CREATE TABLE moods (id {dialect.serial_key}, mood TEXT NOT NULL)"
    yield "ALTER TABLE starts ADD COLUMN mood TEXT"


def _break_halfway(dialect: schema.Dialect) -> Iterable[str]:
    yield "CREATE TABLE halfway (id BIGINT)"
    yield "ALTER TABLE no_such_table ADD COLUMN mood TEXT"


def _fill(location: Path | str, make_attempt: MakeAttempt) -> None:
    with ProgressStore.open(location) as store:
        store.record_start("e02_fold")
        store.record_attempt(make_attempt())


def _assert_nothing_lost(store: ProgressStore, make_attempt: MakeAttempt) -> None:
    (attempt,) = store.load_attempts("e02_fold")
    assert attempt.checks == make_attempt().checks
    assert store.load_submission(attempt.attempt_id) == make_attempt().submission
    assert store.load_progress().last_started == "e02_fold"


def test_each_migration_is_entered_once_with_its_name_and_moment(
    location: Path | str, clock: Any, query: Query
) -> None:
    for _ in range(2):
        ProgressStore.open(location, now=clock).close()
    first_us = 1_772_366_401_123_456  # clock.at(1) = 2026-03-01 12:00:01.123456 UTC
    assert query(VERSIONS) == [
        (version, migration.name, first_us + (version - 1) * 1_000_000)
        for version, migration in enumerate(schema.MIGRATIONS, start=1)
    ]


def test_an_older_log_is_migrated_and_keeps_its_rows(
    location: Path | str, make_attempt: MakeAttempt, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(location, make_attempt)
    old = len(schema.MIGRATIONS)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, schema.Migration("add moods", _add_mood)))
    with ProgressStore.open(location) as store:
        _assert_nothing_lost(store, make_attempt)
    assert [row[:2] for row in query(VERSIONS)][old:] == [(old + 1, "add moods")]
    assert query("SELECT exercise_id, mood FROM starts") == [("e02_fold", None)]


def test_a_log_from_before_there_were_reviews_gets_them_and_keeps_its_rows(
    location: Path | str, make_attempt: MakeAttempt, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:2])
        ProgressStore.open(location).close()
    query("INSERT INTO starts (at_us, exercise_id) VALUES (1, 'e02_fold')")
    assert [name for _, name, _ in query(VERSIONS)] == ["create the log", "keep answers to open questions"]
    with ProgressStore.open(location) as store:
        store.record_attempt(make_attempt())
        store.record_review("exercise", "e02_fold", 3, attempts=1)
        _assert_nothing_lost(store, make_attempt)
        assert [(review.subject_id, review.rating) for review in store.load_progress().reviews] == [("e02_fold", 3)]
    assert [name for _, name, _ in query(VERSIONS)][2:] == ["keep reviews", "pack texts and checks"]


def test_a_migration_that_fails_leaves_the_older_log_as_it_was(
    location: Path | str, make_attempt: MakeAttempt, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(location, make_attempt)
    before = query(VERSIONS)
    with monkeypatch.context() as patch:
        broken = schema.Migration("break", _break_halfway)
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, broken))
        with pytest.raises(ProgressError, match="no_such_table"):
            ProgressStore.open(location)
    assert query(VERSIONS) == before
    with pytest.raises(Exception, match="halfway"):
        query("SELECT * FROM halfway")
    with ProgressStore.open(location) as store:
        _assert_nothing_lost(store, make_attempt)


def test_a_process_killed_in_a_migration_leaves_the_older_log_as_it_was(
    location: Path | str, make_attempt: MakeAttempt, query: Query, spawn: Callable[..., Any]
) -> None:
    _fill(location, make_attempt)
    before = query(VERSIONS)
    child = spawn("die_migrating.py", location)
    assert (child.wait(), child.stderr.read()) == (-9, "")
    assert query(VERSIONS) == before
    with ProgressStore.open(location) as store:
        _assert_nothing_lost(store, make_attempt)


def test_a_log_of_a_newer_version_is_refused_and_left_alone(
    location: Path | str, make_attempt: MakeAttempt, query: Query
) -> None:
    _fill(location, make_attempt)
    known = len(schema.MIGRATIONS)
    query(f"INSERT INTO schema_migrations (version, name, applied_at_us) VALUES ({known + 2}, 'later', 0)")
    with pytest.raises(ProgressError, match="was written by a newer study-grader") as caught:
        ProgressStore.open(location)
    assert f"schema version {known + 2}, this one knows versions up to {known}" in caught.value.message
    assert caught.value.hint == "pip install --upgrade study-grader"
    query(f"DELETE FROM schema_migrations WHERE version = {known + 2}")
    with ProgressStore.open(location) as store:
        assert store.notices == ()
        _assert_nothing_lost(store, make_attempt)
