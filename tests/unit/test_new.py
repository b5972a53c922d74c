"""`study new` writes exercises that load and prove themselves, whole or not at all, and changes one line elsewhere."""

import errno
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.core import expectations, models
from grader.core.errors import UsageError
from grader.course import load_content, template
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
from tests.support.snapshots import snapshot
from tests.support.toy_course import COURSE, TOY_COURSE, replace_once, write_toy_course

#: The keys of checks that are declared in YAML; only --single writes such checks.
DECLARED = {"given", "call", "cases", "expect", "seeds", "devices", "picture"}


@pytest.fixture
def mine(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of one's own, without an exercise; the current folder."""
    write_course_skeleton(home / "mine")
    monkeypatch.chdir(home / "mine")
    return home / "mine"


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
    model: type[msgspec.Struct] = getattr(expectations if hasattr(expectations, name) else models, name)
    return model.__struct_fields__


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
