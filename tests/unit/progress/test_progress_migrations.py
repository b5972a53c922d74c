"""A log of an older version becomes one of today, or stays as it was."""

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.core.errors import ProgressError
from grader.progress import NewAttempt, ProgressStore, schema
from grader.progress.backend import insert_statement
from grader.progress.dialect import Dialect
from grader.progress.summary import is_summary_right
from tests.support.log_files import export, merge

MakeAttempt = Callable[..., NewAttempt]
Query = Callable[[str], list[tuple[Any, ...]]]
VERSIONS = "SELECT version, name, applied_at_us FROM schema_migrations ORDER BY version"


def _add_mood(dialect: Dialect) -> Iterable[str]:
    yield f"CREATE TABLE moods (id {dialect.serial_key}, mood TEXT NOT NULL)"
    yield "ALTER TABLE starts ADD COLUMN mood TEXT"


def _break_halfway(dialect: Dialect) -> Iterable[str]:
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


BEFORE_PACKING = 3
PATH_BYTES = "/home/ann/\udcff.py".encode("utf-8", "surrogatepass")


def _fill_before_packing(location: Path | str, attempts: int) -> None:
    """Write a log as it was before texts were packed, by its own statements."""
    text = "\n".join(f"    line {number} of a file" for number in range(80))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:BEFORE_PACKING])
        patch.setattr("grader.progress.open_log.choose_moment", lambda backend, now: now)
        with ProgressStore.open(location) as store:
            backend = store._backend
            for number in range(1, attempts + 1):
                body = f"{text}\n# \ud800 {number // 2}\0".encode("utf-8", "surrogatepass")
                sha256 = hashlib.sha256(body).hexdigest()
                if number % 2 == 0 or number == 1:
                    backend.execute(insert_statement("submissions", ("sha256", "body")), [sha256, body])
                row = {
                    "at_us": number * 1_000_000, "exercise_id": f"e{number % 3}", "verdict": ("failed", "passed")[number % 2],
                    "score": 1, "max_score": 2, "seed": str(2**64 - number), "device": "cpu", "corpus": None,
                    "elapsed_s": 0.1234567890123, "submission_path": PATH_BYTES, "submission_sha256": sha256,
                    "isolation": '{"landlock":true}',
                }  # fmt: skip
                attempt_id = backend.insert("attempts", row)
                for position in range(3):
                    check = {
                        "attempt_id": attempt_id, "position": position, "check_id": f"c{position}", "title": b"Title",
                        "status": "failed", "points": 1, "message": b"expected 1, got 2 " * 20, "cause": None,
                        "elapsed_s": 0.0123456789,
                    }  # fmt: skip
                    backend.execute(insert_statement("check_results", tuple(check)), list(check.values()))
            backend.insert("starts", {"at_us": 5, "exercise_id": "e1"})


def _assert_packed_log_is_whole(store: ProgressStore, attempts: int) -> None:
    progress = store.load_progress()
    assert (progress.attempts, progress.last_started) == (attempts, "e1")
    loaded = {one.attempt_id: one for name in ("e0", "e1", "e2") for one in store.load_attempts(name, limit=attempts)}
    assert sorted(loaded) == list(range(1, attempts + 1))
    for number, one in loaded.items():
        assert store.load_submission(number).endswith(f"# \ud800 {number // 2}\0")
        assert (one.seed, one.elapsed_s, one.submission_path) == (
            2**64 - number,
            0.1234567890123,
            "/home/ann/\udcff.py",
        )
        assert [(check.id, check.elapsed_s) for check in one.checks] == [(f"c{n}", 0.0123456789) for n in range(3)]
        assert one.isolation == {"landlock": True}


def test_a_log_from_before_texts_were_packed_keeps_every_number_text_and_check(
    location: Path | str, make_attempt: MakeAttempt
) -> None:
    _fill_before_packing(location, 60)
    with ProgressStore.open(location) as store:
        _assert_packed_log_is_whole(store, 60)
        assert is_summary_right(store._backend)
        assert store.record_attempt(make_attempt()) == 61
        assert store.examine().events == 62


def test_packing_makes_the_file_of_an_old_log_several_times_smaller(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    _fill_before_packing(path, 400)
    before = path.stat().st_size
    path.chmod(0o644)  # as it was made then
    ProgressStore.open(path).close()
    assert path.stat().st_size < before / 4
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_damaged_log_from_before_texts_were_packed_is_salvaged(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    _fill_before_packing(path, 60)
    shutil.rmtree(path.with_name("study.db.backups"), ignore_errors=True)
    with sqlite3.connect(path) as connection:
        ((page,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'reveals'")
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    with ProgressStore.open(path) as store:
        store.examine()
        _assert_packed_log_is_whole(store, 60)


def test_the_file_of_an_old_log_and_the_migrated_log_hold_the_same_events(tmp_path: Path) -> None:
    """Else a merge of two machines, one of them migrated, would count every attempt twice."""
    _fill_before_packing(tmp_path / "one.db", 9)
    sha256 = hashlib.sha256(b"a").hexdigest()
    row = {
        "at_us": 1, "exercise_id": "e9", "verdict": "passed", "score": 1, "max_score": 1, "seed": "1", "device": "cpu",
        "elapsed_s": 0.1, "submission_path": "p", "submission_sha256": sha256, "isolation": '{"landlock": true}',
        "check_results": [
            {"position": 7, "check_id": "c", "title": "t", "status": "passed", "points": 1, "message": "", "elapsed_s": 0.1}
        ],
    }  # fmt: skip
    old = _pack(["submissions", {"sha256": sha256, "body": "a"}], ["attempts", row])
    with ProgressStore.open(tmp_path / "one.db") as store:
        assert merge(store, old) == {"attempts": 1}
        assert merge(store, old) == {"attempts": 0}
        with ProgressStore.open(tmp_path / "two.db") as other:
            assert merge(other, export(store)) == {"attempts": 10, "starts": 1}
            assert merge(store, export(other)) == {"attempts": 0, "starts": 0}


def _pack(*rows: object) -> bytes:
    """Make a file of version 1."""
    head = {"format": "study-progress", "version": 1, "schema": BEFORE_PACKING}
    text = b"".join(msgspec.json.encode(row) + b"\n" for row in (head, *rows))
    return text + msgspec.json.encode({"end": len(rows) + 1, "sha256": hashlib.sha256(text).hexdigest()}) + b"\n"


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
