"""A log that is missing or empty is told and brought back, and its backups outlive it."""

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from grader.core.errors import ProgressError, UsageError
from grader.progress import NewAttempt, ProgressStore
from tests.log_files import export, merge

MakeAttempt = Callable[..., NewAttempt]
NOW = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)


def _open(path: Path, *, day: int = 0) -> ProgressStore:
    return ProgressStore.open(path, now=lambda: NOW + timedelta(days=day))


def _names(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.with_name(f"{path.name}.backups").glob("*.db"))


@pytest.fixture
def path(tmp_path: Path, make_attempt: MakeAttempt) -> Path:
    """A log of three attempts, with a backup of all of them."""
    path = tmp_path / "study.db"
    with _open(path) as store:
        for number in range(3):
            store.record_attempt(make_attempt(seed=number))
    return path


def _lose(path: Path, how: str) -> str:
    if how == "removed":
        path.unlink()
    else:
        os.truncate(path, 0)
    backup = path.with_name("study.db.backups") / "study-2026-03-01.db"
    return (
        f"The progress log {path} was missing or empty, and a new one was begun. Its backup {backup} holds "
        "3 records; to bring them back: study doctor --repair"
    )


@pytest.mark.parametrize("how", ["removed", "emptied"])
def test_a_lost_log_is_told_by_every_command_and_brought_back_by_repair(
    path: Path, make_attempt: MakeAttempt, how: str
) -> None:
    with _open(path) as store:
        before = export(store)
    told = _lose(path, how)
    for _ in range(2):
        with _open(path) as store:
            assert (store.notices, store.load_progress().attempts) == ((told,), 0)
            assert store.examine().loss == told
    with _open(path, day=1) as store:
        store.record_start("since")
    with _open(path, day=1) as store:
        backup = path.with_name("study.db.backups") / "study-2026-03-01.db"
        assert store.repair() == [f"3 records were brought back from {backup}."]
        assert (store.notices, store.examine().loss) == ((), None)
        progress = store.load_progress()
        assert (progress.attempts, progress.last_started) == (3, "since")
        assert store.load_submission(1) == make_attempt().submission
    with _open(path, day=1) as store:
        assert store.notices == ()
        assert merge(store, before, dry_run=True) == {"attempts": 0}  # everything is here again


def test_no_backup_is_deleted_that_a_lost_log_can_be_brought_back_from(path: Path) -> None:
    _lose(path, "removed")
    for day in range(1, 6):
        with _open(path, day=day) as store:
            store.record_start("since")
    assert _names(path)[0] == "study-2026-03-01.db"
    with _open(path, day=5) as store:
        store.repair()
        assert store.load_progress().attempts == 3


def test_the_newest_backup_that_holds_more_than_the_log_is_kept(path: Path, tmp_path: Path) -> None:
    """The log was replaced by an older copy of it, which nothing tells."""
    other = tmp_path / "older" / "study.db"
    other.parent.mkdir()
    _open(other).close()
    shutil.copyfile(other, path)
    for day in range(1, 5):
        with _open(path, day=day) as store:
            store.record_start("since")
    assert _names(path) == [f"study-2026-03-0{day}.db" for day in (1, 3, 4, 5)]


def test_the_backup_of_a_day_is_not_replaced_by_one_that_holds_less(path: Path) -> None:
    backup = path.with_name("study.db.backups") / "study-2026-03-01.db"
    _lose(path, "removed")
    os.utime(backup, (0, 0))
    before = backup.read_bytes()
    with _open(path) as store:
        store.record_start("since")
    assert backup.read_bytes() == before


def test_the_backup_of_the_day_is_made_again_when_it_is_an_hour_old(path: Path) -> None:
    backup = path.with_name("study.db.backups") / "study-2026-03-01.db"
    old = backup.stat().st_mtime - 3700
    for is_old in (False, True):
        if is_old:
            os.utime(backup, (old, old))
        before = backup.read_bytes()
        with _open(path) as store:
            store.record_start("since")
        assert (backup.read_bytes() != before) is is_old


def test_a_file_in_the_place_of_the_backups_is_told(path: Path) -> None:
    folder = path.with_name("study.db.backups")
    shutil.rmtree(folder)
    folder.write_text("in the way")
    said = (
        f"No backup of the progress log can be made: {folder} is not a folder. Move it away: mv {folder} {folder}.old"
    )
    with _open(path) as store:
        assert store.examine().backup_trouble == said
        store.record_start("e01")
    assert store.notices == (said,)
    assert folder.read_text() == "in the way"


@pytest.mark.parametrize("text", ["# My thesis\n", "CREATE TABLE attempts (id INTEGER);\n" * 100])
def test_a_file_that_never_was_a_log_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "thesis.md"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        _open(path)
    assert (caught.value.message, caught.value.exit_code) == (
        f"{path} is there already and is not a progress log; it is unchanged", 2
    )  # fmt: skip
    assert {entry.name: entry.read_text() for entry in tmp_path.iterdir()} == {"thesis.md": text}


def test_a_log_under_another_name_whose_beginning_is_gone_is_salvaged(
    tmp_path: Path, make_attempt: MakeAttempt
) -> None:
    path = tmp_path / "mine.log"
    with _open(path) as store:
        store.record_attempt(make_attempt())
    shutil.rmtree(path.with_name("mine.log.backups"))
    with path.open("r+b") as file:
        file.write(bytes(512))
    with _open(path) as store:
        assert store.load_progress().attempts == 1
        assert "1 of 1 attempts kept" in store.notices[0]


def test_a_log_that_may_not_be_written_names_the_chmod(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write everything, so the answer is changed and not the file."""
    access, locked = os.access, [path]

    def refuse(place: Any, mode: int, **options: Any) -> bool:
        return (place not in locked or not mode & os.W_OK) and access(place, mode, **options)

    with _open(path) as store:
        assert store.examine().refusal is None
        monkeypatch.setattr(os, "access", refuse)
        assert store.examine().refusal == f"chmod u+w {path}"
        locked += [Path(f"{path}-wal"), Path(f"{path}-shm")]  # made while the file could not be written
        assert store.examine().refusal == f"chmod u+w {path} {path}-wal {path}-shm"
        del locked[1:]
        backend: Any = store._backend
        backend.connection.execute("PRAGMA query_only = 1")  # what SQLite says of a read-only file, root or not
        with pytest.raises(ProgressError) as caught:
            store.record_start("e02")
    assert (caught.value.message, caught.value.hint, caught.value.exit_code) == (
        f"The progress log {path} cannot be opened for writing: attempt to write a readonly database",
        f"chmod u+w {path}",
        2,
    )
