"""`study new` as it is typed, and that the exercises it writes can be graded."""

import json
from pathlib import Path
from typing import Any

import pytest

from grader.core import models
from grader.course import load_content
from grader.course.code import read_mutant, read_solution, read_stub
from grader.course.template import (
    make_files,
    write_course_skeleton,
    write_exercise,
)
from tests.support.snapshots import snapshot
from tests.support.study import Study
from tests.support.toy_course import TOY_COURSE, replace_once, write_toy_course
from tests.support.warm_engine import WarmEngine

IN_FILES = ["exercise.yaml", "solution.py", "checks.py", "mutants/columns.py", "mutants/in_place.py"]


@pytest.fixture
def mine(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of one's own, without an exercise; the current folder."""
    write_course_skeleton(home / "mine")
    monkeypatch.chdir(home / "mine")
    return home / "mine"


def test_new_writes_the_files_and_adds_the_id_to_the_unit(study: Study, mine: Path) -> None:
    before = (mine / "curriculum/one.yaml").read_text()
    done = study("new", "e01_center_rows", "--unit", "one", toy=False)
    assert done.stdout == (
        "".join(f"wrote  exercises/e01_center_rows/{name}\n" for name in IN_FILES)
        + "added  e01_center_rows to curriculum/one.yaml\n"
        + "next: study start e01_center_rows   once it is what you want\n"
    )
    folder = mine / "exercises/e01_center_rows"
    assert sorted(name for name, data in snapshot(folder).items() if data is not None) == sorted(IN_FILES)
    after = (mine / "curriculum/one.yaml").read_text()
    assert after == replace_once(before, "exercises: []", "exercises: [e01_center_rows]")
    assert load_content(mine).exercises["e01_center_rows"].title == "Center rows"
    assert "e01_center_rows" in study("list", toy=False, STUDY_COURSE=str(mine)).stdout


def test_new_single_writes_one_file(study: Study, mine: Path) -> None:
    done = study("new", "rows", "--single", "--unit", "one", "--title", ' Two\n "words" \\', "--json", toy=False)
    folder = mine / "exercises/rows"
    assert json.loads(done.stdout) == {
        "id": "rows",
        "folder": str(folder),
        "files": ["exercise.yaml"],
        "curriculum": str(mine / "curriculum/one.yaml"),
    }
    exercise = load_content(mine).exercises["rows"]
    assert exercise.title == 'Two "words" \\'
    assert [check.call for check in exercise.checks] == ["center_rows(x)", "center_rows(x)"]
    scope: dict[str, Any] = {}
    exec(read_stub(exercise, folder), scope)
    assert scope["__doc__"] == "Two 'words' \\.\n\nSource: The first reading.\n"


def test_new_without_a_unit_takes_the_only_one(study: Study, mine: Path) -> None:
    done = study("new", "rows", "--single", toy=False)
    assert done.stdout == (
        "wrote  exercises/rows/exercise.yaml\n"
        "added  rows to curriculum/one.yaml\n"
        "next: study start rows   once it is what you want\n"
    )
    assert list(load_content(mine).exercises) == ["rows"]


def test_new_without_a_unit_writes_nothing_where_there_are_several(study: Study, mine: Path) -> None:
    curriculum = mine / "curriculum/one.yaml"
    text = curriculum.read_text()
    unit = text[text.index("- id: one") :]
    curriculum.write_text(text + unit.replace("id: one", "id: two").replace("[first-reading]", "[]"))
    before = snapshot(mine)
    refused = study("new", "rows", "--single", toy=False)
    assert (refused.returncode, refused.stdout, refused.stderr) == (
        2,
        "",
        "study: which unit is it for? The course has one, two\nnext: add --unit UNIT\n",
    )
    assert snapshot(mine) == before


@pytest.mark.parametrize("single", [False, True], ids=["files", "single"])
def test_what_is_written_proves_itself(mine: Path, warm_engine: WarmEngine, single: bool) -> None:
    content = load_content(mine)
    reading = content.readings["first-reading"]
    files = make_files("rows", "Rows", reading, single=single, schema=None)
    folder = write_exercise(content, "rows", files, "one").folder
    exercise = load_content(mine).exercises["rows"]
    solution = read_solution(exercise, folder)
    solved = warm_engine.grade(exercise, folder, solution)
    assert [check.status for check in solved.checks] == ["passed", "passed"]
    stub = warm_engine.grade(exercise, folder, read_stub(exercise, folder))
    assert [check.status for check in stub.checks] == ["errored", "not_run"]
    assert "NotImplementedError" in stub.checks[0].message
    for mutant in exercise.mutants:
        wrong = warm_engine.grade(exercise, folder, f"{solution}\n\n{read_mutant(mutant, folder)}")
        caught = next(check for check in wrong.checks if check.status != "passed")
        assert (caught.id, caught.status, caught.cause) == (mutant.caught_by, "failed", mutant.says)


@pytest.mark.parametrize("option", [(), ("--single",)], ids=["files", "single"])
def test_lint_accepts_what_is_written(study: Study, mine: Path, option: tuple[str, ...]) -> None:
    study("new", "rows", "--unit", "one", *option, toy=False)
    files = 1 if option else len(IN_FILES)
    linted = study("lint", toy=False, STUDY_COURSE=str(mine))
    assert (linted.returncode, linted.stdout) == (0, f"no problems in {files + 2} files\n")


def test_the_first_line_leads_to_the_schema_where_the_course_has_it(study: Study, mine: Path) -> None:
    study("new", "one_more", "--single", "--unit", "one", toy=False)
    first = (mine / "exercises/one_more/exercise.yaml").read_text().partition("\n")[0]
    assert first == "# yaml-language-server: $schema=../../docs/schema/exercise.schema.json"
    (mine / "docs/schema/exercise.schema.json").unlink()
    study("new", "last_one", "--single", "--unit", "one", toy=False)
    assert (mine / "exercises/last_one/exercise.yaml").read_text().startswith("id: last_one  #")


def test_new_takes_the_first_reading_of_the_unit(study: Study, home: Path) -> None:
    root = write_toy_course(home / "toys")
    study("new", "e03_rows", "--unit", "second", "--course", str(root), toy=False)
    exercise = load_content(root).exercises["e03_rows"]
    assert exercise.readings == (models.ReadingRef("toy-paper"),)
    assert "Source: A toy paper.\n" in exercise.statement


def test_from_copies_an_exercise_under_a_new_id_and_title(study: Study, home: Path) -> None:
    root = write_toy_course(home / "toys")
    old = root / "exercises/e01_add"
    (old / "__pycache__").mkdir()
    (old / "__pycache__" / "solution.pyc").touch()
    done = study("new", "e03_add_more", "--from", "add", "--unit", "second", "--course", str(root), toy=False)
    assert done.returncode == 0, done.stderr
    copied = snapshot(root / "exercises/e03_add_more")
    expected = snapshot(old)
    text = TOY_COURSE["exercises/e01_add/exercise.yaml"]
    text = replace_once(replace_once(text, "id: e01_add", "id: e03_add_more"), '"Add two numbers"', '"Add more"')
    expected = {name: data for name, data in expected.items() if "__pycache__" not in name}
    assert copied == expected | {"exercise.yaml": text.encode()}
    assert load_content(root).units[1].exercises == ("e02_double", "e03_add_more")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("My Exercise",), "`My Exercise` cannot be the id of an exercise: lower-case words joined by _, at most 60 characters\nnext: study new my_exercise"),
        (("é",), "`é` cannot be the id of an exercise: lower-case words joined by _, at most 60 characters"),
        (("e01_add",), "the exercise `e01_add` exists already\nnext: choose another id, or change that one's files"),
        (("x", "--unit", "thrid"), "there is no unit `thrid`\nnext: one of: first, second"),
        (("x", "--from", "add", "--single"), "--from copies an exercise in the form it has\nnext: leave --single out"),
        (("x", "--from", "subtract"), "there is no exercise `subtract`\nnext: study list"),
        (("x", "--course", "nowhere"), "nowhere holds no reading_list.yaml\nnext: name the folder that holds reading_list.yaml: --course PATH"),
    ],
)  # fmt: skip
def test_new_refuses_and_writes_nothing(study: Study, home: Path, arguments: tuple[str, ...], said: str) -> None:
    root = write_toy_course(home / "toys")
    before = snapshot(root)
    refused = study("new", *arguments, toy=False, STUDY_COURSE=str(root))
    assert (refused.returncode, refused.stderr) == (2, f"study: {said}\n")
    assert snapshot(root) == before


def test_new_refuses_a_folder_that_is_there(study: Study, mine: Path) -> None:
    (mine / "exercises/rows").touch()  # a file: not an exercise, so the course is sound
    refused = study("new", "rows", toy=False)
    assert (refused.returncode, refused.stderr) == (
        2,
        f"study: {mine}/exercises/rows is there already\nnext: choose another id, or move that away\n",
    )


def test_new_in_a_broken_course_shows_its_problems(study: Study, mine: Path) -> None:
    (mine / "curriculum/one.yaml").write_text("id: one\n")
    refused = study("new", "rows", toy=False)
    assert refused.returncode == 3
    assert refused.stderr.startswith("curriculum/one.yaml:1:1: ")
