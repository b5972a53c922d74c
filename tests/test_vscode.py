"""`study init --vscode`: tasks that run, and a file of somebody's that is never touched."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.cli.machine.vscode import PROBLEM_MATCHER, TasksFile, find_command, make_tasks
from grader.core.errors import WorkspaceError
from grader.files.workspace import Workspace
from tests.conftest import REPOSITORY, TOY_COURSE, Study
from tests.test_cli import WRONG

TASKS = ".vscode/tasks.json"


def run_task(task: dict[str, Any], workspace: Path, file: Path) -> subprocess.CompletedProcess[str]:
    """Run a task as VS Code does: its variables filled in, in the folder it names."""
    variables = {"${fileBasenameNoExtension}": file.stem, "${workspaceFolder}": str(workspace)}
    assert task["type"] == "process"
    return subprocess.run(
        [task["command"], *(variables.get(argument, argument) for argument in task["args"])],
        cwd=variables[task["options"]["cwd"]],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "STUDY_COURSE": str(TOY_COURSE)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_the_tasks_grade_watch_and_say_what_is_next(study: Study, home: Path) -> None:
    done = study("init", "mine", "--vscode")
    assert done.stdout == (
        "made the workspace mine\n"
        f"wrote  mine/{TASKS}   (in VS Code: Tasks: Run Task, or Tasks: Run Test Task)\n"
        "next: study next\n"
    )
    written = json.loads((home / "mine" / TASKS).read_text())
    assert written == {"version": "2.0.0", "tasks": make_tasks(find_command())}
    (grade, watch, following) = make_tasks([sys.executable, "-m", "grader"])
    assert (watch["args"][2:], watch["problemMatcher"]) == (["watch", "${fileBasenameNoExtension}"], [])
    file = home / "mine/t01_double.py"
    file.write_text(WRONG)
    assert run_task(following, home / "mine", file).stdout.startswith("Watch  A toy lecture\n")
    graded = run_task(grade, home / "mine", file)
    assert graded.returncode == 1
    pattern = PROBLEM_MATCHER["pattern"]
    assert isinstance(pattern, dict)
    found = re.fullmatch(pattern["regexp"], graded.stdout.splitlines()[0])
    assert found is not None
    told = {name: found[pattern[name]] for name in ("file", "line", "column", "message")}
    assert told.pop("message").startswith("double(x) is twice x: ")
    assert told == {"file": "t01_double.py", "line": "1", "column": "1"}


def test_the_same_again_changes_nothing(study: Study, home: Path) -> None:
    study("init", "mine", "--vscode")
    written = (home / "mine" / TASKS).stat()
    assert "kept   mine/.vscode/tasks.json   (it has these tasks already)\n" in study("init", "mine", "--vscode").stdout
    left = (home / "mine" / TASKS).stat()
    assert (left.st_ino, left.st_mtime_ns) == (written.st_ino, written.st_mtime_ns)


@pytest.mark.parametrize(
    "text",
    [
        b'// mine\n{"version": "2.0.0", "tasks": [ /* none */ ],}\n',
        b"",
        b"\xff\x00",
        b'{"tasks": [{"label": "study: grade this file"}]}',
        b"/" * 3 * 2**20,
    ],
    ids=["with comments", "empty", "no text", "one of ours", "huge"],
)
def test_a_file_of_somebodys_is_kept_and_the_tasks_are_printed(study: Study, home: Path, text: bytes) -> None:
    file = home / "mine" / TASKS
    file.parent.mkdir(parents=True)
    file.write_bytes(text)
    done = study("init", "mine", "--vscode")
    assert done.returncode == 0
    assert file.read_bytes() == text
    head, piece = done.stdout.split("(it is yours; put these into its list `tasks`)\n")
    assert head == "made the workspace mine\nkept   mine/.vscode/tasks.json   "
    pasted, _, last = piece.rpartition(",\n")
    assert json.loads(f"[{pasted}]") == make_tasks(find_command())
    assert last == "next: study next\n"


def test_json_tells_what_was_done(study: Study, home: Path) -> None:
    tasks = {"path": f"{home}/mine/{TASKS}", "state": "written", "tasks": make_tasks(find_command())}
    told = {"workspace": f"{home}/mine", "new": True, "vscode": tasks}
    assert json.loads(study("init", "mine", "--vscode", "--json").stdout) == told
    again = json.loads(study("init", "mine", "--vscode", "--json").stdout)
    assert (again["new"], again["vscode"]["state"]) == (False, "there already")
    assert "vscode" not in json.loads(study("init", "mine", "--json").stdout)


def test_no_link_is_followed(study: Study, home: Path) -> None:
    (home / "mine").mkdir()
    (home / "theirs").mkdir()
    (home / "mine/.vscode").symlink_to(home / "theirs")
    done = study("init", "mine", "--vscode")
    assert done.returncode == 2
    assert done.stderr == (
        f"study: {home}/mine/.vscode is not a folder (and links are not followed)\n"
        f"next: move it away: mv {home}/mine/.vscode {home}/mine/.vscode.old\n"
    )
    (home / "mine/.vscode").unlink()
    (home / "mine/.vscode").mkdir()
    (home / "mine" / TASKS).symlink_to(home / "theirs/tasks.json")
    assert "(it is yours; put these into its list `tasks`)" in study("init", "mine", "--vscode").stdout
    assert list((home / "theirs").iterdir()) == []


def test_a_full_disk_leaves_no_half_of_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fill)
    with pytest.raises(WorkspaceError, match=r"tasks\.json cannot be written: No space left on device; nothing was"):
        TasksFile(Workspace(home, "for a test"), ["study"])
    assert list((home / ".vscode").iterdir()) == []


def test_study_is_started_by_its_whole_path() -> None:
    program, *arguments = find_command()
    assert Path(program).is_absolute()
    assert (Path(program).name, arguments) in (("study", []), (Path(sys.executable).name, ["-m", "grader"]))
