"""What a damaged log still holds is kept: every row that plain SQLite can read, and nothing is lost in silence."""

import os
import random
import shutil
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from grader.core.errors import ProgressError
from grader.core.verdict import CheckResult
from grader.progress import NewAttempt, ProgressStore
from grader.progress.rows import RowDamaged, is_sealed
from grader.progress.schema import APPEND_ONLY
from tests.support.log_files import export

NOW = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)
ATTEMPTS = 120
EVENTS = tuple(name for name in APPEND_ONLY if name not in ("submissions", "attempt_details"))


def _open(path: Path) -> ProgressStore:
    return ProgressStore.open(path, now=lambda: NOW)


def _text(number: int) -> str:
    """Return a file of 60 lines of which a few change from attempt to attempt."""
    chance = random.Random(number // 40)
    lines = [f"    x{line} = {chance.random()}" for line in range(60)]
    lines[number % 60] = f"    changed = {number}"
    return "\n".join(lines)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of `ATTEMPTS` attempts at three exercises, and of other events; without backups."""
    path = tmp_path_factory.mktemp("whole") / "study.db"
    moments = iter(NOW - timedelta(minutes=5000 - n) for n in range(5000))
    with ProgressStore.open(path, now=lambda: next(moments)) as store:
        for number in range(ATTEMPTS):
            name = f"e{number % 3:02}_exercise"
            if number % 4 == 0:
                store.record_start(name)
                store.record_reading("paper", state="reading", minutes=5, note=f"note {number} " * 20)
            checks = tuple(
                CheckResult(f"c{n}", f"Check {n}", "failed", 1, f"expected {n}, got {number}", None, 0.01)
                for n in range(4)
            )
            store.record_attempt(
                NewAttempt(
                    exercise_id=name, verdict="failed", score=number % 5, max_score=5, seed=number, device="cpu",
                    corpus=None, elapsed_s=0.5, submission=_text(number), submission_path="/home/ann/x.py",
                    checks=checks, isolation={"landlock": True},
                )
            )  # fmt: skip
    shutil.rmtree(path.with_name("study.db.backups"))
    return path


def _list_pages(data: bytes, root: int) -> list[int]:
    """Return where the pages of a table begin that has a page between its root and its rows, or none."""
    header = 100 if root == 1 else 0
    page = data[(root - 1) * 4096 : root * 4096]
    if page[header] == 13:  # a leaf
        return [(root - 1) * 4096]
    (cells,) = struct.unpack_from(">H", page, header + 3)
    below = [struct.unpack_from(">I", page, at)[0] for at in struct.unpack_from(f">{cells}H", page, header + 12)]
    below.append(struct.unpack_from(">I", page, header + 8)[0])
    assert {data[(number - 1) * 4096] for number in below} == {13}
    return [(number - 1) * 4096 for number in (root, *below)]


def _wipe(path: Path, table: str, *, leaves: bool = True) -> None:
    """Overwrite the first page of a table with zeros, or each of its pages."""
    with closing(sqlite3.connect(path)) as connection:
        ((root,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table])
    data = bytearray(path.read_bytes())
    for at in _list_pages(data, root)[: None if leaves else 1]:
        data[at : at + 4096] = bytes(4096)
    path.write_bytes(data)


def _damage(data: bytearray, kind: str, chance: random.Random) -> None:
    page, pages = 4096, len(data) // 4096
    at = chance.randrange(1, pages) * page
    if kind == "truncated":
        del data[chance.randrange(512, len(data)) :]
    elif kind == "cut by pages":
        del data[-page * chance.choice((1, 1, 2, 3, 5, 8)) :]
    elif kind == "cut by bytes":
        del data[-chance.randrange(1, 3 * page) | 1 :]
    elif kind == "a page of the schema":
        at = chance.choice(_list_pages(data, 1))
        data[at : at + page] = chance.randbytes(page) if chance.random() < 0.5 else bytes(page)
    elif kind == "a page":
        data[at : at + page] = chance.randbytes(page)
    elif kind == "20 bytes":
        at = chance.randrange(len(data) - 20)
        data[at : at + 20] = chance.randbytes(20)
    elif kind == "zeroed pages":
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(1, pages) * page
            data[at : at + page] = bytes(page)
    else:
        data[:page] = chance.randbytes(page) if chance.random() < 0.5 else bytes(page)


def _read_plainly(path: Path, size: int) -> dict[str, set[int]]:
    """Return the numbers of all rows that plain SQLite can read whole: one after another, backwards, or each by itself.

    A file that was cut off is given as many empty pages as it had.
    """
    data = path.read_bytes()
    filled = path.with_name("filled.db")
    filled.write_bytes(data.ljust(size, b"\0"))
    found: dict[str, set[int]] = {}
    with closing(sqlite3.connect(f"file:{filled}?mode=ro&immutable=1", uri=True)) as connection:
        connection.text_factory = bytes
        for table in EVENTS:
            ids: set[int] = set()
            queries = [f"SELECT * FROM {table} ORDER BY id {way}" for way in ("", "DESC")]
            queries += [f"SELECT * FROM {table} WHERE id = {number}" for number in range(1, ATTEMPTS + 1)]
            for query in queries:
                with suppress(sqlite3.Error, UnicodeDecodeError):  # of a message that quotes damage
                    for row in connection.execute(query):
                        if isinstance(row[0], int) and 1 <= row[0] <= ATTEMPTS:
                            ids.add(row[0])
            found[table] = ids
    filled.unlink()
    return found


def _read_new(path: Path) -> dict[str, set[int]]:
    with closing(sqlite3.connect(path)) as connection:
        return {table: {number for (number,) in connection.execute(f"SELECT id FROM {table}")} for table in EVENTS}


KINDS = (
    "truncated", "cut by pages", "cut by bytes", "a page", "20 bytes", "zeroed pages", "first page",
    "a page of the schema",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_row_that_plain_sqlite_can_read_is_kept_and_nothing_is_silent(
    whole: Path, tmp_path: Path, kind: str
) -> None:
    """25 copies of each kind of damage, 200 in all; of what only names the tables all rows are kept."""
    with _open(whole) as store:
        original = export(store)
    everything = _read_new(whole)
    for number in range(25):
        path = tmp_path / f"{number}" / "study.db"
        path.parent.mkdir()
        data = bytearray(whole.read_bytes())
        _damage(data, kind, random.Random(f"{kind} {number}"))
        path.write_bytes(data)
        is_named = kind in ("first page", "a page of the schema")
        plain = everything if is_named else _read_plainly(path, whole.stat().st_size)
        with _open(path) as store:
            store.examine()
            notices = store.notices
            new = _read_new(path)
            assert {table: plain[table] - new[table] for table in EVENTS} == {table: set() for table in EVENTS}
            after = export(store)
            if after != original:
                assert notices, f"copy {number} is another log, and nothing was said"
            if notices:
                assert any(path.parent.glob("study.db.damaged-*"))
                kept = len(new["attempts"])
                if kept:
                    assert f"{kept} of " in notices[0]
                assert len(store.examine().aside) == 1
            for attempt_id in new["attempts"]:
                with suppress(ProgressError):  # what says that the text is lost
                    assert store.load_submission(attempt_id) == _text(attempt_id - 1)
        shutil.rmtree(path.parent)


def test_a_lost_page_of_texts_costs_no_attempt(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    shutil.copyfile(whole, path)
    _wipe(path, "submissions")
    with _open(path) as store:
        with pytest.raises(ProgressError, match="was lost when the progress log"):
            store.load_submission(1)
        assert store.load_progress().attempts == ATTEMPTS
        assert len(store.load_attempts("e00_exercise")[0].checks) == 4
        assert f"{ATTEMPTS} of {ATTEMPTS} attempts kept, {ATTEMPTS} without the text" in store.notices[0]


def test_a_lost_page_between_costs_no_text(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    shutil.copyfile(whole, path)
    _wipe(path, "submissions", leaves=False)
    with _open(path) as store:
        assert [store.load_submission(number) for number in (1, ATTEMPTS)] == [_text(0), _text(ATTEMPTS - 1)]
        assert store.notices[0].endswith(f"made of what can be read: {ATTEMPTS} of {ATTEMPTS} attempts kept.")


def test_a_log_of_which_nothing_can_be_read_is_not_said_to_have_held_nothing(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    path.write_bytes(random.Random(1).randbytes(whole.stat().st_size))
    with _open(path) as store:
        assert store.notices[0].endswith(
            "a new log was made of what can be read: no attempt can be read, and how many there were is not known."
        )


def test_repair_says_of_no_file_that_it_can_be_deleted_that_is_not_understood_whole(
    whole: Path, tmp_path: Path
) -> None:
    path = tmp_path / "study.db"
    data = whole.read_bytes()
    path.write_bytes(data[:-4096])
    kept = path.with_name("study.db.backups") / "study.db.damaged-20260301T120005Z"
    with _open(path) as store:
        store.examine()
        pages = len(data) // 4096
        assert store.repair() == [
            "Nothing more can be read of study.db.damaged-20260301T120005Z. "
            f"The damaged file now lies in {kept}; 1 of its {pages} pages cannot be understood."
        ]
    assert kept.read_bytes() == data[:-4096]


def test_the_backup_of_the_day_before_fills_what_is_lost(whole: Path, tmp_path: Path, make_attempt: Any) -> None:
    path = tmp_path / "study.db"
    shutil.copyfile(whole, path)
    for day in range(2):
        with ProgressStore.open(path, now=lambda day=day: NOW + timedelta(days=day)) as store:  # type: ignore[misc]
            store.record_attempt(make_attempt())
    backups = sorted(entry.name for entry in path.with_name("study.db.backups").iterdir())
    assert backups == ["study-2026-03-01.db", "study-2026-03-02.db"]
    path.with_name("study.db.backups").joinpath("study-2026-03-02.db").unlink()
    path.write_bytes(b"garbage" * 1000)
    with _open(path) as store:
        assert store.load_progress().attempts == ATTEMPTS + 1
        assert store.load_submission(7) == _text(6)
        assert "rows came from a backup" in store.notices[0]


def test_a_backup_of_another_log_at_the_same_place_is_not_mixed_in(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    shutil.copyfile(whole, path)
    with _open(path) as store:
        store.record_start("old")
    path.unlink()  # the learner begins again
    with ProgressStore.open(path, now=lambda: NOW + timedelta(hours=1)) as store:
        for number in range(30):
            store.record_reading("new", note=f"{number} " * 300)
    with closing(sqlite3.connect(path)) as connection:
        ((page,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'starts'")
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    with _open(path) as store:
        progress = store.load_progress()
        assert (progress.attempts, list(progress.exercises), len(progress.readings["new"].notes)) == (0, [], 30)


def test_three_backups_are_kept_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    for day in range(5):
        with ProgressStore.open(path, now=lambda day=day: NOW + timedelta(days=day)) as store:  # type: ignore[misc]
            store.record_start("e01")
    folder = path.with_name("study.db.backups")
    assert sorted(entry.name for entry in folder.iterdir()) == [f"study-2026-03-0{day}.db" for day in (3, 4, 5)]
    assert {entry.stat().st_mode & 0o777 for entry in (path, *folder.iterdir())} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_damaged_log_pushes_no_backup_out(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    shutil.copyfile(whole, path)
    with _open(path) as store:
        store.record_start("e01")
    with closing(sqlite3.connect(path)) as connection:
        ((page,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'resets'")
    with path.open("r+b") as file:  # a table that no command reads
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    with ProgressStore.open(path, now=lambda: NOW + timedelta(days=1)) as store:
        store.record_start("e02")
    assert "was damaged" in store.notices[0]
    assert sorted(entry.name for entry in path.with_name("study.db.backups").glob("*.db")) == [
        "study-2026-03-01.db",
        "study-2026-03-02.db",  # of the new log
    ]
    with _open(path) as store:
        assert store.load_progress().last_started == "e02"
        assert len(store.examine().aside) == 1


def test_the_file_alone_holds_everything_after_each_record(
    tmp_path: Path, make_attempt: Callable[..., NewAttempt]
) -> None:
    path, copy = tmp_path / "study.db", tmp_path / "copy" / "study.db"
    copy.parent.mkdir()
    with _open(path) as store:
        for number in range(1, 4):
            store.record_attempt(make_attempt(seed=number))
            shutil.copyfile(path, copy)
            with closing(sqlite3.connect(copy)) as connection:
                assert connection.execute("SELECT COUNT(*) FROM attempts").fetchone() == (number,)


def test_a_file_that_others_may_not_read_is_made(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        _open(tmp_path / "study.db").close()
    finally:
        os.umask(before)
    assert (tmp_path / "study.db").stat().st_mode & 0o777 == 0o600


def test_a_changed_row_is_noticed(whole: Path, tmp_path: Path) -> None:
    """SQLite does not see that 'failed' has become 'passed' in its file."""
    path = tmp_path / "study.db"
    shutil.copyfile(whole, path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER attempts_no_update")
        connection.execute("UPDATE attempts SET verdict = 'passed' WHERE id = 3")
        connection.commit()
    with _open(path) as store:
        store.examine()
        assert (
            f"{ATTEMPTS} of {ATTEMPTS} attempts kept, 1 row holds something else than was written" in store.notices[0]
        )


def test_repair_takes_what_an_old_backup_brings_and_puts_the_damaged_file_away(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    shutil.copyfile(whole, path)
    _wipe(path, "submissions")
    with _open(path) as store:
        store.examine()
        store.record_start("since")
        assert len(store.examine().aside) == 1
        shutil.copyfile(whole, path.with_name("study.db.backups") / "study-2026-02-01.db")  # found elsewhere
        (said,) = store.repair()
        assert said.startswith("120 rows were added from study.db.damaged-20260301T120005Z and the backups")
        assert store.load_submission(1) == _text(0)
        assert store.load_progress().last_started == "since"
        assert store.examine().aside == ()


def test_a_checksum_is_over_every_column() -> None:
    row: dict[str, Any] = {
        "at_us": 1, "exercise_id": "e", "verdict": "failed", "score": 1, "max_score": 2, "seed": "1", "elapsed_s": 0.5,
        "submission_sha256": b"1", "crc": 0,
    }  # fmt: skip
    assert not is_sealed(row)
    assert not is_sealed(row | {"elapsed_s": b"\xff"})
    assert issubclass(RowDamaged, Exception)
