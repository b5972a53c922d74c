"""`study lint` as it is typed: what it prints, its exit codes, and where it looks."""

import json
import os
from pathlib import Path

import pytest

from tests.support.linted_course import IN_ADD, IN_DOUBLE, break_both, write_good
from tests.support.study import Study


@pytest.mark.parametrize("target", ["/", "/proc", "loop", "nowhere"])
def test_exercise_folder_that_is_a_link_elsewhere_is_a_problem_of_the_course_and_no_fault(
    study: Study, tmp_path: Path, target: str
) -> None:
    root = write_good(tmp_path)
    (root / "exercises" / "loop").symlink_to(target)
    found = study("lint", STUDY_COURSE=str(root))
    assert found.stderr == ""
    if target.startswith("/"):
        why = "cannot be read: No such file or directory; create it or correct its permissions"
        assert found.stdout.splitlines()[0].endswith(f"exercises/loop/exercise.yaml:1:1: {why}")
        assert found.returncode == 3
    else:  # no folder at all
        assert found.returncode == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_exercise_folder_that_cannot_be_read_is_a_problem_of_the_course_and_no_fault(
    study: Study, tmp_path: Path
) -> None:
    root = write_good(tmp_path)
    folder = root / "exercises" / "e02_double"
    folder.chmod(0o000)
    try:
        found = study("lint", STUDY_COURSE=str(root))
    finally:
        folder.chmod(0o755)
    assert (found.returncode, found.stderr) == (3, "")
    *lines, _ = found.stdout.splitlines()
    assert any("exercises/e02_double/exercise.yaml:1:1: " in line for line in lines)
    assert [line for line in lines if ":1:1: cannot be read: Permission denied; " not in line] == []


def test_the_command_prints_each_problem_at_a_path_to_click_on(study: Study, home: Path) -> None:
    root = break_both(home / "course")
    shown = study("lint", STUDY_COURSE=str(root))
    assert shown.returncode == 3
    assert shown.stdout == f"course/{IN_ADD}\ncourse/{IN_DOUBLE}\n2 problems in 9 files\n"
    assert shown.stderr == ""


def test_the_command_takes_the_course_it_is_typed_in(study: Study, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(break_both(home / "course") / "exercises")
    shown = study("lint", toy=False)
    assert (shown.returncode, shown.stdout.splitlines()[-1]) == (3, "2 problems in 9 files")


def test_the_command_says_so_when_nothing_is_wrong(study: Study, home: Path) -> None:
    shown = study("lint", str(write_good(home / "course") / "exercises"), toy=False)
    assert (shown.returncode, shown.stdout, shown.stderr) == (0, "no problems in 7 files\n", "")


def test_the_command_gives_the_same_as_json(study: Study, home: Path) -> None:
    break_both(home / "course")
    shown = study("lint", "--json", "course/exercises/e01_add", toy=False)
    assert shown.returncode == 3
    assert json.loads(shown.stdout) == {
        "files": 1,
        "problems": [
            {
                "path": "course/exercises/e01_add/exercise.yaml",
                "line": 35,
                "column": 9,
                "message": "the sentence does not end in a full stop; add it",
            }
        ],
    }


def test_the_course_that_comes_with_study_has_no_problems(study: Study) -> None:
    shown = study("lint", toy=False)
    assert (shown.returncode, shown.stdout.splitlines()[:-1]) == (0, [])
