"""`study new` writes exercises that load and prove themselves, whole or not at all, and changes one line elsewhere."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.core import models
from grader.core.errors import UsageError
from grader.course import load_content, template
from grader.course.code import read_mutant, read_solution, read_stub
from grader.course.edit import add_to_unit, replace_file, replace_values
from grader.course.template import (
    copy_files,
    find_own_course,
    make_files,
    make_title,
    suggest_id,
    write_course_skeleton,
    write_exercise,
)
from tests.support.study import Study
from tests.support.toy_course import COURSE, TOY_COURSE, replace_once, write_toy_course
from tests.support.warm_engine import WarmEngine

IN_FILES = ["exercise.yaml", "solution.py", "checks.py", "mutants/columns.py", "mutants/in_place.py"]
#: The keys of checks that are declared in YAML; only --single writes such checks.
DECLARED = {"given", "call", "cases", "expect", "seeds", "devices", "picture"}


@pytest.fixture
def mine(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of one's own, without an exercise; the current folder."""
    write_course_skeleton(home / "mine")
    monkeypatch.chdir(home / "mine")
    return home / "mine"


def snapshot(folder: Path) -> dict[str, bytes | None]:
    """Return everything below a folder: files with their content, folders with None."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


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


@pytest.mark.parametrize("single", [False, True], ids=["files", "single"])
def test_every_key_is_explained_in_its_line(single: bool) -> None:
    reading = models.Reading(id="r", kind="post", title="R", track="t", minutes=1)
    text = make_files("rows", "Rows", reading, single=single, schema=None)["exercise.yaml"]
    keys = set(models.Exercise.__struct_fields__) | set(models.Check.__struct_fields__) | {"says", "caught_by", "why"}
    if single:
        shown = keys | {"code"} | {name for part in ("Expectation", "Budget", "LossUnder") for name in fields_of(part)}
    else:
        shown = keys - DECLARED - {"stub", "solution"}
    lines = text.splitlines()
    first = {key: next((line for line in lines if f"{key}: " in line or f"{key}:  #" in line), "") for key in shown}
    assert {key: line for key, line in first.items() if "  # " not in line} == {}


def fields_of(name: str) -> tuple[str, ...]:
    model: type[msgspec.Struct] = getattr(models, name)
    return model.__struct_fields__


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


def test_the_course_is_the_one_named_else_the_nearest_upward(mine: Path) -> None:
    inside = mine / "exercises"
    assert find_own_course(None, inside) == mine
    write_course_skeleton(inside / "other")
    assert find_own_course(str(inside / "other"), mine) == inside / "other"
    assert find_own_course(None, inside / "other") == inside / "other"
    with pytest.raises(UsageError) as refused:
        find_own_course(None, mine.parent)
    assert refused.value.message == f"no folder from {mine.parent} upward is a course"


def test_nothing_is_written_into_an_installed_package(home: Path) -> None:
    root = write_toy_course(home / "lib" / "site-packages" / "pack")
    with pytest.raises(UsageError) as refused:
        find_own_course(str(root), home)
    assert refused.value.message == (
        f"{root} belongs to an installed package, and the next update would take back what is written there"
    )


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("MyExercise", "my_exercise"),
        ("e01-batch norm!", "e01_batch_norm"),
        ("_x__y_", "x_y"),
        ("3d", "e3d"),
        ("x" * 61, "x" * 60),
        ("../../etc", "etc"),
        ("ü", None),
    ],
)
def test_a_bad_id_is_answered_with_a_good_one(typed: str, suggested: str | None) -> None:
    assert suggest_id(typed) == suggested


@pytest.mark.parametrize(
    ("exercise_id", "title"),
    [("e04_center_rows", "Center rows"), ("rows", "Rows"), ("e1", "E1"), ("t2_x", "X")],
)
def test_a_title_is_made_from_the_id(exercise_id: str, title: str) -> None:
    assert make_title(exercise_id) == title


UNITS = TOY_COURSE[COURSE]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  exercises: [e02_double]\n", "  exercises: [e02_double, new]\n"),
        ("  exercises: []  # none yet\n", "  exercises: [new]  # none yet\n"),
        ("  exercises: [ ]", "  exercises: [new]"),
        ("  exercises: [\n    a,  # é\n    b,\n  ]\n", "  exercises: [\n    a,  # é\n    b, new,\n  ]\n"),
        ("  exercises:\n  - a  # first\n\n  # the end\n", "  exercises:\n  - a  # first\n  - new\n\n  # the end\n"),
        ("  exercises:\r\n    -   'a'\r\n    - \"b\"\r\n", "  exercises:\r\n    -   'a'\r\n    - \"b\"\r\n    - new\r\n"),
        ("  exercises:\n  - a", "  exercises:\n  - a\n  - new\n"),
        ("", "  exercises: [new]\n"),
        ("  # é: none\n", "  exercises: [new]\n  # é: none\n"),
        ("- {id: third, title: T, summary: S, exercises: [a]}\n", "  exercises: [new]\n- {id: third, title: T, summary: S, exercises: [a]}\n"),
    ],
)  # fmt: skip
def test_an_exercise_is_added_at_the_end_of_its_unit_and_nothing_else_changes(before: str, after: str) -> None:
    head = "# Übung\n" + replace_once(UNITS, "  exercises: [e02_double]\n", "")
    assert add_to_unit(head + before, "second", "new") == head + after


@pytest.mark.parametrize(
    "text",
    [
        UNITS.replace("id: second", "id: third"),
        "id: x\n",
        'id: x\ntitle: X\nsummary: "S"\nunits: [{id: second, title: T, summary: S}]\n',
    ],
)
def test_a_file_that_cannot_be_changed_with_certainty_is_left_alone(text: str) -> None:
    assert add_to_unit(text, "second", "new") is None


def test_values_are_replaced_where_they_stand() -> None:
    text = "# ü\ntitle: 'Ü: one'  # kept\nother: {id: 1}\nid: old # too\n"
    assert replace_values(text, {"id": "new", "title": '"Ö"'}) == (
        '# ü\ntitle: "Ö"  # kept\nother: {id: 1}\nid: new # too\n'
    )


def test_a_unit_written_in_an_unusual_way_is_refused(mine: Path) -> None:
    (mine / "curriculum/one.yaml").write_text(
        'id: x\ntitle: X\nsummary: "S"\nunits: [{id: one, title: T, summary: S, readings: [first-reading]}]\n'
    )
    before = snapshot(mine)
    with pytest.raises(UsageError) as refused:
        write_exercise(load_content(mine), "rows", {"exercise.yaml": "x"}, "one")
    assert (
        refused.value.message == f"the unit `one` of {mine}/curriculum is written in a way that is not safe to change"
    )
    assert snapshot(mine) == before


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("after", range(4))
def test_a_full_disk_or_ctrl_c_leaves_nothing(
    mine: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, after: int
) -> None:
    """After so many files of three; then the curriculum's."""
    written = 0
    write_bytes = Path.write_bytes

    def fail_later(path: Path, data: Any) -> int:
        nonlocal written
        if written == after:
            write_bytes(path, data[:3])
            raise error
        written += 1
        return write_bytes(path, data)

    def fail(file: Path, text: str) -> None:
        raise error

    content = load_content(mine)
    before = snapshot(mine)
    monkeypatch.setattr(Path, "write_bytes", fail_later)
    monkeypatch.setattr(template, "replace_file", fail)
    with pytest.raises((UsageError, KeyboardInterrupt)) as caught:
        write_exercise(content, "rows", {"exercise.yaml": "one", "stub.py": "two", "mutants/a.py": "three"}, "one")
    monkeypatch.undo()
    if isinstance(caught.value, UsageError):
        folder = mine / "exercises/rows"
        assert caught.value.message == f"{folder} cannot be written: No space left on device; nothing was changed"
    assert snapshot(mine) == before


def test_a_file_is_replaced_whole_and_keeps_its_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("old")
    file.chmod(0o640)
    replace_file(file, "new\r\n")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new\r\n", 0o640)

    def fail(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        replace_file(file, "newer")
    assert snapshot(tmp_path) == {"x.yaml": b"new\r\n"}


def test_the_skeleton_of_a_course_loads(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "My Course 2"
    write_course_skeleton(folder)
    content = load_content(folder)
    assert [(course.id, course.title) for course in content.courses] == [("my-course-2", "My course 2")]
    assert [(unit.id, unit.readings, unit.exercises) for unit in content.units] == [("one", ("first-reading",), ())]
    assert sorted(path.name for path in folder.rglob("*.yaml")) == ["one.yaml", "reading_list.yaml"]
    for file in folder.rglob("*.yaml"):
        first = file.read_text().partition("\n")[0]
        assert (file.parent / first.partition("$schema=")[2]).is_file()


def test_a_skeleton_is_written_into_an_empty_folder_only(tmp_path: Path) -> None:
    write_course_skeleton(tmp_path)
    before = snapshot(tmp_path)
    with pytest.raises(UsageError) as refused:
        write_course_skeleton(tmp_path)
    assert refused.value.message == f"{tmp_path} is there already"
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_half_a_skeleton_is_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, there: bool
) -> None:
    def fail(folder: Path) -> None:
        (folder.parent / "half").mkdir(parents=True)
        raise error

    if there:
        (tmp_path / "course").mkdir()
    before = snapshot(tmp_path)
    monkeypatch.setattr(template, "write_schemas", fail)
    with pytest.raises((UsageError, KeyboardInterrupt)):
        write_course_skeleton(tmp_path / "course")
    assert snapshot(tmp_path) == before


def test_copied_files_are_those_of_the_exercise(tmp_path: Path) -> None:
    root = write_toy_course(tmp_path)
    files = copy_files(root / "exercises/e02_double", "other", "Other: it")
    assert list(files) == ["checks.py", "exercise.yaml", "mutants/squares.py", "solution.py", "stub.py"]
    assert files["exercise.yaml"].startswith(b'id: other\ntitle: "Other: it"\n')
