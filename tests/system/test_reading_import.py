"""`study import` of a Markdown reading list, as it is typed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course import load_content
from tests.support.study import REPOSITORY, Study
from tests.support.toy_course import write_toy_course

LIST = """\
# Mine
- [x] [Attention](https://arxiv.org/pdf/1706.03762v5) again
- [x] [A paper on nothing](https://a.org/nothing)
- [ ] Adam: A Method for Stochastic Optimization
"""


@pytest.fixture
def listed(home: Path) -> Path:
    """A reading list in the current folder."""
    file = home / "list.md"
    file.write_text(LIST.replace("[Attention]", "[Attention Is All You Need]"))
    return file


def test_nothing_is_written_unless_somebody_agrees(study: Study, home: Path, listed: Path) -> None:
    done = study("import", "list.md", toy=False)
    assert done.returncode == 2
    assert '+- id: a-paper-on-nothing\n+  kind: post\n+  title: "A paper on nothing"\n' in done.stdout
    assert done.stdout.splitlines()[-4:] == [
        "  =  known    line 2    Attention Is All You Need  vaswani-2017-attention  (by its arXiv id)  new -> done",
        "  +  new      line 3    A paper on nothing  myreadings-a-paper-on-nothing  new -> done",
        "  =  known    line 4    Adam: A Method for Stochastic Optimization  kingma-2014-adam  (by its title)",
        "2 known, 1 new; 2 with a new state",
    ]
    assert done.stderr == (
        "study: nothing was written, because there is no terminal to confirm it at\nnext: study import list.md --yes\n"
    )
    assert not (home / "study").exists()


def test_a_dry_run_writes_nothing_and_is_no_failure(study: Study, home: Path, listed: Path) -> None:
    done = study("import", "list.md", "--dry-run", "--yes", toy=False)
    assert (done.returncode, done.stderr) == (0, "nothing was written, because of --dry-run\n")
    assert not (home / "study").exists()


def test_a_list_is_imported_once_and_changes_nothing_the_second_time(study: Study, home: Path, listed: Path) -> None:
    done = study("import", "list.md", "--yes", toy=False)
    assert done.returncode == 0
    assert done.stderr == (
        f"made the workspace {home}/study (the default)\n"
        "wrote: 1 reading added to study/my_readings, 2 states recorded\nnext: study list --readings\n"
    )
    lint = study("lint", "study/my_readings", toy=False)
    assert (lint.returncode, lint.stdout) == (0, "no problems in 2 files\n")
    rows = json.loads(study("list", "--readings", "--state", "done", "--json", toy=False).stdout)["readings"]
    assert [row["id"] for row in rows] == ["vaswani-2017-attention", "myreadings-a-paper-on-nothing"]
    files = {path: path.read_bytes() for path in (home / "study/my_readings").rglob("*.yaml")}
    again = study("import", "list.md", "--yes", "--json", toy=False)
    told = json.loads(again.stdout)
    assert (again.returncode, told["new"], told["states"], told["diff"], told["written"]) == (0, [], {}, "", False)
    assert {path: path.read_bytes() for path in (home / "study/my_readings").rglob("*.yaml")} == files
    more = study("import", "list.md", toy=False)
    assert (more.returncode, more.stderr) == (0, "nothing to do: no reading is new, and no state changes\n")


def test_at_a_terminal_one_is_asked(study: Study, home: Path, listed: Path) -> None:
    def answer(typed: bytes) -> "subprocess.CompletedProcess[str]":
        master, slave = os.openpty()
        os.write(master, typed)
        try:
            return subprocess.run(
                [sys.executable, "-m", "grader", "import", "list.md"],
                env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
                stdin=slave, capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
        finally:
            os.close(master)
            os.close(slave)

    no = answer(b"n\n")
    assert (no.returncode, no.stderr) == (0, "write this? [y/N]: nothing was written\n")
    assert not (home / "study").exists()
    yes = answer(b"y\n")
    assert yes.returncode == 0
    assert (home / "study/my_readings/reading_list.yaml").exists()


def test_json_never_asks_and_says_whether_it_has_written(study: Study, home: Path, listed: Path) -> None:
    done = study("import", "list.md", "--json", toy=False)
    told = json.loads(done.stdout)
    assert (done.returncode, told["written"], told["hint"]) == (2, False, "study import list.md --yes")
    assert told["course"] == f"{home}/study/my_readings"
    assert [(row["status"], row["id"], row["state"]) for row in told["entries"]] == [
        ("known", "vaswani-2017-attention", "done"), ("new", "myreadings-a-paper-on-nothing", "done"),
        ("known", "kingma-2014-adam", None),
    ]  # fmt: skip
    assert [made["id"] for made in told["new"]] == ["a-paper-on-nothing"]
    assert json.loads(study("import", "list.md", "--json", "--yes", toy=False).stdout)["written"] is True


def test_readings_can_go_into_another_course(study: Study, home: Path, listed: Path) -> None:
    root = write_toy_course(home / "toys")
    done = study("import", "list.md", "--course", "toys", "--yes", toy=False)
    assert done.returncode == 0
    assert "toys is not a course that you have added" in done.stderr
    assert list(load_content(root).readings) == ["toy-lecture", "toy-paper", "a-paper-on-nothing"]
    assert not (home / "study/my_readings").exists()
    again = study("import", "list.md", "--course", "toys", toy=False)
    assert (again.returncode, again.stdout.splitlines()[-1]) == (0, "3 known, 0 new; 0 with a new state")
    study("course", "add", "toys", toy=False)
    study("import", "list.md", "--course", "toys", "--yes", toy=False)
    done_ones = json.loads(study("list", "--readings", "--state", "done", "--json", toy=False).stdout)["readings"]
    assert [row["id"] for row in done_ones] == ["vaswani-2017-attention", "toys-a-paper-on-nothing"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["none.md"], 2, "study: there is no file none.md\n"),
        (["table.md"], 2, "study: table.md holds no reading; left out: line 3, a table\n"),
        (["list.md", "--course", "none"], 2, "study: none is not there\n"),
        (["list.md", "--course", "empty"], 2, "study: empty holds no reading_list.yaml\n"),
        (["latin.md"], 2, "study: latin.md:1: byte 0xe9 is not UTF-8, so this is no Markdown text\n"),
        (["list.md", "--course", "broken"], 3, "curriculum:1:1: this folder holds no course; "),
    ],
    ids=str,
)
def test_what_cannot_be_imported_is_explained(
    study: Study, home: Path, listed: Path, arguments: list[str], code: int, says: str
) -> None:
    (home / "empty").mkdir()
    (home / "table.md").write_text("# A list\n\n| paper |\n|---|\n| A |\n")
    (home / "latin.md").write_bytes("- café".encode("latin-1"))
    (home / "broken").mkdir()
    (home / "broken/reading_list.yaml").write_text("")
    done = study("import", *arguments, "--yes", toy=False)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(says)
    assert "Traceback" not in done.stderr
    assert not (home / "study").exists()


def test_a_folder_of_the_learners_with_that_name_is_left_alone(study: Study, home: Path, listed: Path) -> None:
    (home / "study/.study").mkdir(parents=True)
    (home / "study/my_readings").mkdir()
    (home / "study/my_readings/mine.txt").write_text("mine")
    done = study("import", "list.md", "--yes", toy=False)
    assert done.returncode == 2
    assert f"{home}/study/my_readings is there, and is not a course" in done.stderr
    assert [path.name for path in (home / "study/my_readings").iterdir()] == ["mine.txt"]


def test_hostile_text_reaches_the_terminal_without_its_codes(study: Study, home: Path) -> None:
    (home / "list.md").write_text("- A \x1b[31mred\u202e title\n- | [bold]x[/bold]\n")
    done = study("import", "list.md", "--dry-run", toy=False)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert '+  title: "A [31mred title"' in done.stdout
