"""The commands take a notebook as they take a Python file."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from grader.files.workspace import Workspace
from grader.notebook.reading import read_notebook
from grader.progress import ProgressStore
from tests.support.notebooks import RESTORE, notebook
from tests.support.passes import log_pass
from tests.support.study import Study
from tests.support.warm_engine import WarmEngine

RIGHT = "def double(x):\n    return x + x\n"


# The workspace


@pytest.fixture
def study(study: Study, warm_engine: WarmEngine) -> Study:
    """Run the command, which grades by an engine that is warm."""
    return warm_engine.lend(study)


def test_of_a_file_and_a_notebook_the_one_saved_last_counts(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, "made for a test")
    plain, book = tmp_path / "e01.py", tmp_path / "e01.ipynb"
    assert (workspace.submission_path("e01"), workspace.find_submissions("e01")) == (plain, [])
    book.write_text("{}")
    assert workspace.submission_path("e01") == book
    plain.write_text("")
    os.utime(plain, (5, 5))
    os.utime(book, (6, 6))
    assert workspace.find_submissions("e01") == [book, plain]
    os.utime(plain, (6, 6))
    assert workspace.find_submissions("e01") == [plain, book]


# The commands


def write_book(home: Path, *cells: str | dict[str, Any], name: str = "t01_double.ipynb") -> Path:
    path = home / "study" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(notebook(*cells))
    return path


def test_start_writes_a_notebook_and_keeps_the_one_that_is_there(study: Study, home: Path) -> None:
    first = study("start", "t01", "--notebook")
    assert first.stdout.startswith("wrote  study/t01_double.ipynb\n")
    path = home / "study/t01_double.ipynb"
    assert len(read_notebook(path)) == 4
    path.write_text("mine")
    again = study("start", "t01")
    assert again.stdout.startswith("kept   study/t01_double.ipynb  (it was there already)\n")
    assert "study start t01_double --notebook --force" in again.stdout
    assert path.read_text() == "mine"
    forced = json.loads(study("start", "t01", "--notebook", "--force", "--json").stdout)
    assert Path(forced["backup"]).read_text() == "mine"
    assert len(read_notebook(path)) == 4


def test_reset_puts_the_notebook_back(study: Study, home: Path) -> None:
    study("start", "t01", "--notebook")
    path = home / "study/t01_double.ipynb"
    stub = path.read_text()
    path.write_text("mine")
    done = json.loads(study("reset", "t01", "--json").stdout)
    assert (path.read_text(), Path(done["backup"]).read_text()) == (stub, "mine")
    assert not (home / "study/t01_double.py").exists()


def test_a_notebook_is_graded_and_what_is_left_out_is_told(study: Study, home: Path) -> None:
    path = write_book(home, "%matplotlib inline\nimport torch", RIGHT, "print(double(torch.ones(2)))")
    done = study("grade", "t01")
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        0,
        "study/t01_double.ipynb: left out: cell 1 (%matplotlib), cell 3 (an experiment)",
    )
    with ProgressStore.open(home / "study/.study/study.db") as store:
        attempt = store.load_attempts("t01_double")[0]
        assert (store.load_submission(attempt.attempt_id), attempt.submission_path) == (RIGHT, str(path))


def test_errors_point_to_cell_and_line(study: Study, home: Path) -> None:
    write_book(home, "import torch", "\n\ndef double(x):\n    return x.nope()", name="other.ipynb")
    done = study("grade", "t01", "--submission", "study/other.ipynb")
    assert (
        "      at        study/other.ipynb cell 2 line 4 in double\n                4 | return x.nope()\n"
        in done.stdout
    )
    write_book(home, "import torch", RIGHT, "x = 1\nif x:\ny = 2")
    broken = study("grade", "t01")
    assert (
        "SyntaxError: expected an indented block after 'if' statement in cell 3 line 2 (study/t01_double.ipynb cell 3 line 3"
        in broken.stdout.replace("IndentationError", "SyntaxError")
    )
    write_book(home, "import torch", "def double(x):\n    y = x\n    return y.mul_(2)")
    assert "(study/t01_double.ipynb cell 2 line 3 column 12)" in study("grade", "t01").stdout


def test_of_two_files_the_one_whose_path_is_typed_is_graded(study: Study, home: Path) -> None:
    """Although the other was saved after it."""
    study("start", "t01")
    study("start", "t01", "--notebook")
    plain, notebook = home / "study/t01_double.py", home / "study/t01_double.ipynb"
    plain.write_text("def double(x):\n    return 2 * x\n")
    os.utime(plain, (1, 1))
    assert study("grade", "study/t01_double.py").returncode == 0
    os.utime(plain)
    os.utime(notebook, (1, 1))
    graded = study("grade", "study/t01_double.ipynb")
    assert graded.returncode == 1
    assert "t01_double.ipynb cell 3 line" in graded.stdout


def test_of_two_files_the_one_graded_is_named_with_the_way_to_the_other(study: Study, home: Path) -> None:
    path = write_book(home, "%time", "def double(x):\n    return x")
    plain = home / "study/t01_double.py"
    plain.write_text(RIGHT)
    os.utime(path, (5, 5))
    done = study("grade", "t01")
    assert done.returncode == 0
    assert done.stderr.splitlines()[0] == (
        "study/t01_double.py is graded: it was saved after t01_double.ipynb"
        "   (the other: study grade t01_double --submission study/t01_double.ipynb)"
    )
    other = study("grade", "t01_double", "--submission", "study/t01_double.ipynb")
    assert other.returncode == 1
    os.utime(plain, (4, 4))
    assert study("grade", "t01").returncode == 1


def test_grading_all_takes_notebooks(study: Study, home: Path) -> None:
    log_pass(home, "t01_double", None)
    write_book(home, "import torch", RIGHT)
    done = study("grade", "--all")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "  ✓ t01_double  still solved")
    write_book(home, "import torch")
    (home / "study/t01_double.ipynb").write_text("[]")
    done = study("grade", "--all", "--json")
    assert (done.returncode, json.loads(done.stdout)["exercises"][0]["state"]) == (1, "not_gradable")


def test_a_notebook_is_watched(study: Study, home: Path) -> None:
    study("start", "t01", "--notebook")
    write_book(home, "import torch", RIGHT, "%time")
    done = study("watch", "t01")
    assert done.returncode == 0
    assert "watching study/t01_double.ipynb: every save is graded" in done.stderr
    assert "study/t01_double.ipynb: left out: cell 3 (%time)" in done.stderr


def test_a_broken_notebook_is_told_and_counts_as_no_attempt(study: Study, home: Path) -> None:
    (home / "study/.study").mkdir(parents=True)
    (home / "study/t01_double.ipynb").write_text("{")
    done = study("grade", "t01")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"study: {home}/study/t01_double.ipynb:1:2: not a notebook, for it is not JSON: ")
    assert done.stderr.endswith(f"next: {RESTORE}\n")
    assert json.loads(study("progress", "--json").stdout)["attempts"] == 0


def test_show_names_the_notebook(study: Study, home: Path) -> None:
    write_book(home, "x")
    assert study("show", "t01").stdout.splitlines()[-1] == "Your file  study/t01_double.ipynb"
