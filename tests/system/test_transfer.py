"""`study export` and `study import` carry progress between machines, and repair nothing unasked."""

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.study import Study

# The commands


@pytest.fixture
def machines(study: Study, tmp_path: Path) -> tuple[Path, Path]:
    """Two workspaces; in the first, an exercise was started and a reading noted."""
    one, two = tmp_path / "one", tmp_path / "two"
    study("start", "t01", STUDY_HOME=str(one))
    study("read", "toy-paper", "--done", "--note", "good", STUDY_HOME=str(one))
    return one, two


def test_progress_moves_to_another_machine(study: Study, home: Path, machines: tuple[Path, Path]) -> None:
    one, two = map(str, machines)
    exported = study("export", "log.gz", STUDY_HOME=one)
    assert (exported.returncode, exported.stderr) == (0, "")
    assert exported.stdout == "wrote  log.gz  2 events, 1 KiB\nthere: study import log.gz\n"
    imported = study("import", "log.gz", STUDY_HOME=two)
    assert imported.returncode == 0
    assert imported.stdout == (
        "added: 1 reading event, 1 start   (0 of 2 events were here already)\nnext: study progress\n"
    )
    again = json.loads(study("import", "log.gz", "--json", STUDY_HOME=two).stdout)
    assert again == {
        "file": "log.gz", "events": {"reading_events": 1, "starts": 1}, "added": {"reading_events": 0, "starts": 0},
        "written": True,
    }  # fmt: skip
    progress = [study("progress", "--json", STUDY_HOME=place).stdout for place in (one, two)]
    assert progress[0] == progress[1]


def test_what_a_file_is_is_told_by_its_content(study: Study, home: Path, machines: tuple[Path, Path]) -> None:
    one, two = map(str, machines)
    study("export", "list.md", STUDY_HOME=one)
    assert "added: 1 reading event" in study("import", "list.md", STUDY_HOME=two).stdout
    (home / "log.gz").write_text("- [A paper](https://example.org/doubling.pdf)\n")
    assert "1 known, 0 new" in study("import", "log.gz", STUDY_HOME=two).stdout


def test_a_file_that_is_there_is_not_replaced_unless_forced(
    study: Study, home: Path, machines: tuple[Path, Path]
) -> None:
    (home / "mine.gz").write_text("mine")
    kept = study("export", "mine.gz", STUDY_HOME=str(machines[0]))
    assert (kept.returncode, kept.stderr) == (
        2, "study: mine.gz is there already; it is unchanged\nnext: name another file, or add --force\n"
    )  # fmt: skip
    assert (home / "mine.gz").read_text() == "mine"
    assert study("export", "mine.gz", "--force", STUDY_HOME=str(machines[0])).returncode == 0
    assert (home / "mine.gz").read_bytes()[:2] == b"\x1f\x8b"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["export", "."], "study: . is a folder\n"),
        (["export", "none/log.gz"], "study: there is no folder none\n"),
        (["export", "a.gz", "--output", "b.gz"], "study: two files to write: a.gz and b.gz\n"),
        (["import", "none.gz"], "study: there is no file none.gz\n"),
        (["import", "."], "study: . is a folder\n"),
        (["import", "pipe"], "study: pipe is not a regular file\n"),
        (["import", "link"], "study: link is a symbolic link, and links are not followed\n"),
        (["import", "half.gz"], "study: half.gz is cut off in the middle\n"),
        (["import", "log.gz", "--course", "."], "study: log.gz holds progress, which belongs to no course\n"),
        (["import", "huge"], "study: huge is larger than 64 MiB (70000000 bytes); nothing was read\n"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    study: Study, home: Path, machines: tuple[Path, Path], arguments: list[str], says: str
) -> None:
    study("export", "log.gz", STUDY_HOME=str(machines[0]))
    (home / "half.gz").write_bytes((home / "log.gz").read_bytes()[:60])
    (home / "link").symlink_to(home / "log.gz")
    os.mkfifo(home / "pipe")
    with (home / "huge").open("wb") as file:
        file.truncate(70_000_000)
    before = sorted(home.iterdir())
    done = study(*arguments, STUDY_HOME=str(machines[1]))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(says)
    assert sorted(home.iterdir()) == before
    assert not machines[1].exists()


# A damaged log


def _damage(log: Path, table: str) -> None:
    """Destroy the page that a table begins at."""
    with closing(sqlite3.connect(log)) as connection:
        ((page,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table])
    with log.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)


@pytest.fixture
def damaged(study: Study, machines: tuple[Path, Path]) -> Path:
    """A log of which one table is destroyed, and no backup."""
    log = machines[0] / ".study" / "study.db"
    shutil.rmtree(log.with_name("study.db.backups"))
    _damage(log, "reading_events")
    return log


@pytest.mark.parametrize("met_by", ["the table", "the header"])
def test_nothing_is_exported_of_a_log_that_had_to_be_set_aside(
    study: Study, home: Path, damaged: Path, met_by: str
) -> None:
    if met_by == "the header":
        damaged.write_bytes(b"garbage" * 1000)
    done = study("export", "log.gz", STUDY_HOME=str(damaged.parents[1]))
    assert (done.returncode, done.stdout) == (4, "")
    assert "was damaged. It has been moved to" in done.stderr
    assert done.stderr.endswith("Nothing was exported.\nnext: study doctor --repair, then: study export\n")
    assert not (home / "log.gz").exists()


def test_the_doctor_shows_a_damaged_log_until_it_is_dealt_with(study: Study, damaged: Path) -> None:
    place = {"STUDY_HOME": str(damaged.parents[1])}

    def ask() -> list[dict[str, Any]]:
        findings = json.loads(study("doctor", "--json", **place).stdout)["findings"]
        return [one for one in findings if one["what"] == "progress log"]

    assert "1 of 2 other records" in (bad := ask()[1])["found"]
    assert ask()[1] == bad
    assert (bad["good"], bad["advice"]) == (False, "study doctor --repair")
    repaired = study("doctor", "--repair", **place)
    assert repaired.returncode == 0
    assert "1 of its 26 pages cannot be understood" in repaired.stdout
    assert [one["good"] for one in ask()] == [True]
    assert study("export", "log.gz", **place).returncode == 0


def test_files_respect_the_umask_and_what_is_private_is_private(study: Study, home: Path) -> None:
    def modes(umask: int, folder: str) -> dict[str, int]:
        before = os.umask(umask)
        try:
            study("start", "t01", STUDY_HOME=str(home / folder))
            study("export", f"{folder}.gz", STUDY_HOME=str(home / folder))
            study("progress", "--web", "--no-open", STUDY_HOME=str(home / folder))
        finally:
            os.umask(before)
        files = {
            "stub": home / folder / "t01_double.py",
            "page": home / folder / ".study/progress.html",
            "log": home / folder / ".study/study.db",
            "export": home / f"{folder}.gz",
        }
        return {name: file.stat().st_mode & 0o777 for name, file in files.items()}

    private = {"page": 0o600, "log": 0o600, "export": 0o600}
    assert modes(0o022, "one") == {"stub": 0o644} | private
    assert modes(0o077, "two") == {"stub": 0o600} | private
    assert modes(0o002, "three") == {"stub": 0o664} | private


def test_after_each_command_the_file_alone_is_the_log(study: Study, home: Path, machines: tuple[Path, Path]) -> None:
    log = machines[0] / ".study" / "study.db"
    assert sorted(entry.name for entry in log.parent.iterdir()) == ["study.db", "study.db.backups"]
    with closing(sqlite3.connect(f"file:{log}?mode=ro&immutable=1", uri=True)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM starts").fetchall() == [(1,)]
        assert connection.execute("SELECT COUNT(*) FROM reading_events").fetchall() == [(1,)]
