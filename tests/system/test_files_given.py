"""Files that somebody hands over: a link in the place of the learner's file, a log to import, an edited log."""

import gzip
import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import Place
from tests.support.study import RIGHT
from tests.support.warm_engine import WarmEngine

WRONG = "def double(x):\n    return x\n"


@pytest.fixture
def place(tmp_path: Path, warm_engine: WarmEngine) -> Iterator[Place]:
    place = Place(tmp_path, **warm_engine.environ)
    yield place
    place.close()


# ---- links -----------------------------------------------------------------------------------------------------


def test_hard_link_is_graded_and_told_in_one_line(place: Place) -> None:
    place.begin(RIGHT)
    os.link(place.own_file, place.home / "other.py")
    done = place.study("grade")
    assert (done.returncode, done.stderr) == (
        0,
        "study/t01_double.py has another name, too (a hard link): what is changed there changes here\n",
    )


def test_new_start_leaves_the_other_name_of_a_hard_link_alone(place: Place) -> None:
    place.begin(RIGHT)
    other = place.home / "other.py"
    os.link(place.own_file, other)
    assert place.study("start", "t01_double", "--force").returncode == 0
    assert (other.read_text(), other.stat().st_nlink) == (RIGHT, 1)
    done = place.study("grade")
    assert "hard link" not in done.stderr


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(os.mkfifo, id="FIFO"),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), id="link to a device without an end"),
    ],
)
def test_what_has_no_end_is_never_read_for_a_backup(place: Place, make: Callable[[Path], None]) -> None:
    place.begin(RIGHT)
    place.own_file.unlink()
    make(place.own_file)
    done = place.study("start", "t01_double", "--force")
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        f"study: {place.own_file} cannot be kept: it is not a regular file; it is unchanged\n"
        f"next: look at what it is: ls -l {place.own_file}\n",
    )
    assert os.path.lexists(place.own_file)


# ---- an edited log ---------------------------------------------------------------------------------------------

COLUMNS = "at_us, exercise_id, 'passed', max_score, max_score, seed, elapsed_s, submission_sha256, crc"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE attempts SET verdict = 'passed', score = max_score",
        "UPDATE OR REPLACE attempts SET id = 99",
        "DELETE FROM attempts",
        f"INSERT OR REPLACE INTO attempts SELECT id, {COLUMNS} FROM attempts",
        "INSERT INTO attempts SELECT * FROM attempts WHERE true ON CONFLICT (id) DO UPDATE SET verdict = 'passed'",
        "UPDATE attempt_details SET packed = x'00'",
        "UPDATE submissions SET packed = x'00'",
        "INSERT OR REPLACE INTO submissions SELECT id + 1, sha256, base, upon, x'00' FROM submissions",
        "DELETE FROM starts",
        "WITH a AS (SELECT id FROM attempts) UPDATE attempts SET verdict = 'passed' WHERE id IN (SELECT id FROM a)",
    ],
)
def test_no_statement_turns_a_failed_attempt_into_a_passed_one(place: Place, statement: str) -> None:
    place.begin(WRONG)
    assert place.study("grade").returncode == 1
    before = place.study("progress", "--format", "json").stdout
    log = sqlite3.connect(place.log)
    with pytest.raises(sqlite3.IntegrityError, match="the progress log is append-only"):
        log.execute(statement)
    log.close()
    assert place.study("progress", "--format", "json").stdout == before


# ---- a log to import -------------------------------------------------------------------------------------------

HEADER = {"format": "study-progress", "version": 2, "schema": 4, "exported_at": "2026-01-01T00:00:00+00:00"}


def write_log(path: Path, rows: list[list[Any]], *, times: int = 1) -> Path:
    """Write an exported log whose checksum fits; the rows stand in it so many times."""
    head = json.dumps(HEADER).encode() + b"\n"
    body = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    digest = hashlib.sha256(head)
    with gzip.open(path, "wb") as file:
        file.write(head)
        for _ in range(times):
            file.write(body)
            digest.update(body)
        file.write(json.dumps({"end": 1 + times * len(rows), "sha256": digest.hexdigest()}).encode() + b"\n")
    return path


def everything(folder: Path) -> dict[str, bytes]:
    found = sorted(path for path in folder.rglob("*") if path.is_file() and ".study" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_names_in_an_imported_log_lead_nowhere(place: Place, tmp_path: Path) -> None:
    place.begin(RIGHT)
    place.study("grade")
    place.study("export", "mine.gz")
    lines = [json.loads(line) for line in gzip.decompress((place.home / "mine.gz").read_bytes()).splitlines()]
    for _, row in lines[1:-1]:
        changes = {"exercise_id": "../../evil", "submission_path": "/etc/passwd", "at_us": 1_700_000_000_000_000}
        row.update({name: value for name, value in changes.items() if name in row})
    slip = write_log(place.home / "slip.gz", lines[1:-1])
    before = everything(tmp_path)
    assert place.study("import", slip.name).returncode == 0
    for command in (("grade", "--all"), ("progress",), ("list",), ("next",), ("show", "../../evil")):
        assert "root:" not in place.study(*command).stdout
    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    ("rows", "times", "refusal"),
    [
        pytest.param(
            [["starts", {"at_us": 1, "exercise_id": "t01_double"}]] * 10_000,
            80,
            "unpacks to more than 200 times its size, which no log of a learner does",
            id="many lines",
        ),
        pytest.param([["starts", {"pad": " " * 2**24}]], 30, "has a line of more than 16 MiB", id="one line"),
    ],
)
def test_bomb_is_refused(place: Place, rows: list[list[Any]], times: int, refusal: str) -> None:
    place.begin(RIGHT)
    bomb = write_log(place.home / "bomb.gz", rows, times=times)
    done = place.study("import", bomb.name)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"study: bomb.gz {refusal}\n")
