"""A SQLite log meets damaged files, full disks, locks and files that are something else."""

import fcntl
import os
import random
import resource
import shutil
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader.core.errors import ProgressError
from grader.progress import NewAttempt, ProgressStore
from grader.progress.sqlite import SqliteBackend

MakeAttempt = Callable[..., NewAttempt]
Pragma = Callable[[ProgressStore, str], Any]
NOW = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)
STAMP = "damaged-20260301T120005Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log lies, in a folder that does not exist yet."""
    return tmp_path / "data" / "study.db"


def _open(path: Path, *, busy_timeout_s: float = 10.0) -> ProgressStore:
    return ProgressStore.open(path, now=lambda: NOW, busy_timeout_s=busy_timeout_s)


def _notice(path: Path, aside: Path) -> str:
    return f"The progress log {path} was damaged. It has been moved to {aside}, and a new, empty log was started."


def _salvaged(path: Path, kept: str) -> str:
    aside = path.with_name(f"study.db.{STAMP}")
    return (
        f"The progress log {path} was damaged. It has been moved to {aside}, "
        f"and a new log was made of what can be read: {kept}."
    )


@pytest.fixture
def pragma(connection_of: Callable[[ProgressStore], Any]) -> Pragma:
    """Run a PRAGMA on the connection of a log itself, where most settings live, and give its answer."""

    def run(store: ProgressStore, text: str) -> Any:
        row = connection_of(store).execute(f"PRAGMA {text}").fetchone()
        return None if row is None else row[0]

    return run


def test_the_file_is_a_wal_database_that_reaches_the_disk_at_each_commit(path: Path, pragma: Pragma) -> None:
    with _open(path) as store:
        settings = [pragma(store, name) for name in ("journal_mode", "synchronous", "foreign_keys")]
    full = 2
    assert settings == ["wal", full, 1]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(b"this is no database" * 1000, id="text"),
        pytest.param(b"x", id="one byte"),
        pytest.param(b"SQLite format 3\0" + b"\xff" * 8176, id="good magic, bad header"),
    ],
)
def test_a_file_of_garbage_is_set_aside_unchanged_and_a_new_log_started(path: Path, damage: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(damage)
    with _open(path) as store:
        aside = path.with_name(f"study.db.{STAMP}")
        assert store.notices == (_notice(path, aside),)
        assert aside.read_bytes() == damage
        store.record_start("e01")
        assert store.load_progress().last_started == "e01"
    with _open(path) as store:
        assert (store.notices, store.load_progress().last_started) == ((), "e01")


def test_a_truncated_log_is_set_aside_unchanged_and_the_backup_fills_the_new_one(
    path: Path, make_attempt: MakeAttempt
) -> None:
    with _open(path) as store:
        store.record_attempt(make_attempt(submission=random.Random(1).randbytes(100_000).hex()))
    os.truncate(path, path.stat().st_size // 4)
    damage = path.read_bytes()
    with _open(path) as store:
        aside = path.with_name(f"study.db.{STAMP}")
        assert store.load_progress().attempts == 1
        assert len(store.load_submission(1)) == 200_000
        assert store.notices == (_salvaged(path, "1 of at least 1 attempts kept, 1 row came from a backup"),)
    assert aside.read_bytes() == damage


@pytest.fixture
def damage_attempts(
    path: Path, make_attempt: MakeAttempt, pragma: Pragma, connection_of: Callable[[ProgressStore], Any]
) -> Callable[[], None]:
    """Overwrite one page in the middle of a log: opening it goes well, reading its attempts does not."""
    with _open(path) as store:
        store.record_attempt(make_attempt())
        page_size = pragma(store, "page_size")
        found = connection_of(store).execute("SELECT rootpage FROM sqlite_master WHERE name = 'attempts'")
        (page,) = found.fetchone()
    shutil.rmtree(path.with_name("study.db.backups"))

    def damage() -> None:
        with path.open("r+b") as file:
            file.seek((page - 1) * page_size)
            file.write(b"\xff" * page_size)

    return damage


def test_damage_met_in_the_middle_of_a_file_is_set_aside_and_the_work_done_anew(
    path: Path, make_attempt: MakeAttempt, damage_attempts: Callable[[], None]
) -> None:
    damage_attempts()
    with _open(path) as store:
        at_first = store.notices  # none: opening a log does not read all of it
        assert store.load_progress().attempts == 0
        assert (at_first, store.notices) == ((), (_salvaged(path, "0 of 1 attempts kept"),))
        assert store.load_submission(store.record_attempt(make_attempt())) == make_attempt().submission


def test_a_damaged_log_stays_in_its_place_while_another_process_has_it_open(
    path: Path, spawn: Callable[..., Any], damage_attempts: Callable[[], None]
) -> None:
    holder = spawn("hold_open.py", path)
    assert holder.stdout.readline() == "open\n"
    damage_attempts()
    with _open(path, busy_timeout_s=0.05) as store:
        with pytest.raises(ProgressError) as caught:
            store.load_progress()
        assert [name for name in os.listdir(path.parent) if STAMP in name] == []
        holder.communicate("")
        assert store.load_progress().attempts == 0
        assert len(store.notices) == 1
    assert (caught.value.message, caught.value.hint) == (
        f"The progress log {path} is damaged, and another process has it open",
        "end the other study command, then type this one again",
    )


def test_the_side_files_of_a_damaged_log_go_with_it(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"garbage" * 1000)
    for suffix in ("-wal", "-shm"):
        path.with_name(f"study.db{suffix}").write_bytes(f"what {suffix} held".encode())
    _open(path).close()
    assert {entry.name: entry.read_bytes() for entry in path.parent.iterdir() if STAMP in entry.name} == {
        f"study.db.{STAMP}": b"garbage" * 1000,
        f"study.db.{STAMP}-shm": b"what -shm held",
        f"study.db.{STAMP}-wal": b"what -wal held",
    }


def test_two_damaged_files_of_one_second_are_both_kept(path: Path) -> None:
    path.parent.mkdir()
    for damage in (b"first garbage", b"second garbage"):
        path.write_bytes(damage)
        _open(path).close()
    kept = [path.with_name(name).read_bytes() for name in (f"study.db.{STAMP}", f"study.db.{STAMP}-2")]
    assert kept == [b"first garbage", b"second garbage"]


def test_a_log_started_anew_by_another_process_is_not_set_aside_in_its_turn(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"garbage" * 1000)
    slower = SqliteBackend(path, busy_timeout_s=10.0)
    with pytest.raises(sqlite3.DatabaseError) as met:
        slower.connect()
    with _open(path) as faster:
        faster.record_start("e01")
    assert slower.recover(met.value, NOW) is None
    with _open(path) as store:
        assert (store.notices, store.load_progress().last_started) == ((), "e01")


def test_several_that_meet_one_damaged_file_set_it_aside_once_and_share_the_new_log(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"garbage" * 1000)
    together = threading.Barrier(4)
    notices: list[str] = []

    def start(name: str) -> None:
        together.wait()
        with _open(path) as store:
            store.record_start(name)
            notices.extend(store.notices)

    workers = [threading.Thread(target=start, args=(f"e{number}",)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert notices == [_notice(path, path.with_name(f"study.db.{STAMP}"))]
    with _open(path) as store:
        assert sorted(store.load_progress().exercises) == ["e0", "e1", "e2", "e3"]


def test_no_connection_is_made_while_a_file_is_set_aside_nor_the_other_way_round(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.parent.mkdir()
    path.write_bytes(b"garbage" * 1000)
    locked_out: list[str] = []

    def is_locked_out(kind: int) -> bool:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(folder)
        return False

    rename, connect = os.rename, sqlite3.connect

    def rename_watched(source: Any, target: Any) -> None:
        if str(path) in (str(source), str(target)) and is_locked_out(fcntl.LOCK_SH):
            locked_out.append("connecting")
        rename(source, target)

    def connect_watched(place: Any, *arguments: Any, **options: Any) -> Any:
        if str(place).removeprefix("file://").partition("?")[0] == str(path) and is_locked_out(fcntl.LOCK_EX):
            locked_out.append("setting aside")
        return connect(place, *arguments, **options)

    monkeypatch.setattr(os, "rename", rename_watched)
    monkeypatch.setattr(sqlite3, "connect", connect_watched)
    _open(path).close()
    # The garbage is looked at twice, the second time alone; the damaged file goes and the new one comes; then that is
    # looked at, and opened.
    look_at_garbage, renames, new_file = ["setting aside"] * 2, ["connecting"] * 2, ["setting aside"] * 2
    assert locked_out == look_at_garbage + renames + new_file


def test_an_empty_file_is_a_new_log(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with _open(path) as store:
        store.record_start("e01")
        assert (store.notices, store.load_progress().last_started) == ((), "e01")
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["study.db", "study.db.backups"]


def test_a_damaged_log_that_cannot_be_renamed_is_left_where_it_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    path.write_bytes(b"garbage" * 1000)

    def refuse(source: str, target: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(ProgressError) as caught:
        _open(path)
    assert (caught.value.message, caught.value.hint) == (
        f"The progress log {path} is damaged and cannot be set aside: Permission denied",
        "study doctor",
    )
    assert path.read_bytes() == b"garbage" * 1000


def test_a_database_of_something_else_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    with pytest.raises(ProgressError) as caught:
        _open(path)
    assert (caught.value.message, caught.value.hint) == (
        f"{path} is a database of something else: it holds the tables songs",
        "give the progress log a file, database or schema of its own",
    )
    connection = sqlite3.connect(path)
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    connection.close()
    assert tables == [("songs",)]


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "data" / "study.db"
    with pytest.raises(ProgressError) as caught:
        _open(path)
    assert (caught.value.message, caught.value.hint) == (
        f"The progress log {path} cannot be reached: Not a directory",
        "study doctor",
    )


def test_a_file_that_cannot_be_opened_is_explained(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(ProgressError) as caught:
        _open(path)
    assert (caught.value.message, caught.value.hint) == (
        f"The progress log {path} cannot be opened for writing: unable to open database file",
        "make the file and its folder writable, then: study doctor",
    )


def test_a_log_that_turned_read_only_is_explained_and_stays_readable(path: Path, pragma: Pragma) -> None:
    with _open(path) as store:
        store.record_start("e01")
        pragma(store, "query_only = 1")  # what SQLite says of a read-only file, root or not
        with pytest.raises(ProgressError) as caught:
            store.record_start("e02")
        assert store.load_progress().last_started == "e01"
    assert (caught.value.message, caught.value.hint) == (
        f"The progress log {path} cannot be opened for writing: attempt to write a readonly database",
        "make the file and its folder writable, then: study doctor",
    )


def test_a_full_disk_is_explained_keeps_what_was_there_and_can_be_freed(
    path: Path, make_attempt: MakeAttempt, pragma: Pragma
) -> None:
    big = make_attempt(submission=random.Random(1).randbytes(500_000).hex())  # what hardly compresses
    with _open(path) as store:
        first = store.record_attempt(make_attempt())
        pages = pragma(store, "page_count")
        pragma(store, f"max_page_count = {pages + 2}")
        with pytest.raises(ProgressError) as caught:
            store.record_attempt(big)
        assert (caught.value.message, caught.value.hint) == (
            f"There is no space left to write the progress log {path}",
            f"free some space (df -h {path.parent}), then type the command again",
        )
        assert store.load_submission(first) == make_attempt().submission
        pragma(store, f"max_page_count = {pages + 2000}")
        assert store.load_submission(store.record_attempt(big)) == big.submission
        assert store.load_progress().attempts == 2


@pytest.mark.parametrize(
    ("free_bytes", "message", "hint"),
    [
        (
            0,
            "There is no space left to write the progress log {path}",
            "free some space (df -h {path.parent}), then type the command again",
        ),
        (10**9, "The progress log {path} cannot be used: disk I/O error", "study doctor"),
    ],
)
def test_an_error_of_the_disk_is_explained_by_the_space_left(
    path: Path, monkeypatch: pytest.MonkeyPatch, free_bytes: int, message: str, hint: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free_bytes))
    with _open(path) as store:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))  # no file may grow: every write fails
        try:
            with pytest.raises(ProgressError) as caught:
                store.record_start("e01")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        store.record_start("e02")
        assert list(store.load_progress().exercises) == ["e02"]
    assert (caught.value.message, caught.value.hint) == (message.format(path=path), hint.format(path=path))


def test_a_log_locked_for_too_long_is_explained_and_free_again_later(path: Path) -> None:
    with _open(path, busy_timeout_s=0.05) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ProgressError) as caught:
            store.record_start("e01")
        other.execute("ROLLBACK")
        other.close()
        store.record_start("e02")
        assert store.load_progress().last_started == "e02"
    assert (caught.value.message, caught.value.hint) == (
        f"Another process has kept the progress log {path} locked for more than 0.05 s",
        "end the other study command, then type this one again",
    )
