"""A course folder becomes one frozen Content, or one error with everything that is wrong."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.core.errors import ContentError, UsageError
from grader.core.models import Chapter, Check, Course, Exercise, Mutant, Reading, ReadingRef, Unit
from grader.course import Content, find_content_root, load_content
from tests.support.toy_course import (
    ADD,
    COURSE,
    DOUBLE,
    READING_LIST,
    TOY_COURSE,
    problems_of,
    replace_once,
    write_toy_course,
)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The toy course, as it is."""
    return write_toy_course(tmp_path / "course")


def test_course_folder_becomes_content(course: Path) -> None:
    """All of the files is in the models, numbers as numbers and text as text."""
    lecture = Reading(
        id="toy-lecture",
        kind="lecture",
        title="A toy lecture",
        track="toys",
        minutes=30,
        authors=("Ada",),
        year=2020,
        url="https://www.youtube.com/watch?v=abcdefghijk",
        video_id="abcdefghijk",
        note="What a toy is.",
        chapters=(Chapter(0, "intro"), Chapter(90, "building")),
    )
    paper = Reading("toy-paper", "paper", "A toy paper", "toys", 60, url="https://example.org/toy.pdf")
    add = Exercise(
        id="e01_add",
        title="Add two numbers",
        readings=(ReadingRef("toy-lecture", 90),),
        difficulty=1,
        minutes=10,
        statement="Write `add`.\n",
        hints=("There is an operator for it.",),
        checks=(
            Check("small", "Small numbers"),
            Check("negative", "Negative numbers", 2, ("small",), "small", 0.1),
        ),
        mutants=(Mutant("subtracts", "It subtracts.", "small"),),
        corpus=True,
        thresholds={"best_loss": {"names": 0.0001, "embedded": 2.0}},
    )
    double = Exercise(
        id="e02_double",
        title="Double a number",
        readings=(ReadingRef("toy-paper"),),
        difficulty=2,
        minutes=20,
        statement="Write `double`.",
        hints=("Add it to itself.",),
        checks=(Check("doubled", "The double"),),
        mutants=(Mutant("squares", "It squares.", "doubled"),),
        prerequisites=("e01_add",),
        forbid=("math.fsum",),
    )
    units = (
        Unit("first", "First steps", "You can add.", ("toy-lecture",), ("e01_add",)),
        Unit("second", "Second steps", "You can double.", ("toy-paper",), ("e02_double",)),
    )
    content = load_content(course)
    assert content == Content(
        root=str(course),
        readings={"toy-lecture": lecture, "toy-paper": paper},
        courses=(Course("toys", "Toys", "Two units.", units),),
        exercises={"e01_add": add, "e02_double": double},
    )
    assert content.units == units
    assert content.folder("e01_add") == course / "exercises" / "e01_add"


def test_content_cannot_be_changed(course: Path) -> None:
    """The models are frozen, so that nobody downstream bends the course."""
    content = load_content(course)
    with pytest.raises(AttributeError, match="immutable"):
        content.exercises["e01_add"].minutes = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        pytest.param(READING_LIST, "year: 2020", "year:", id="nothing where a value may be missing"),
        pytest.param(READING_LIST, "year: 2020", "year: ~", id="null where a value may be missing"),
        pytest.param(READING_LIST, '  url: "https://www.youtube.com/watch?v=abcdefghijk"\n', "", id="a video alone"),
        pytest.param(ADD, "minutes: 10", "minutes: +10", id="a sign"),
        pytest.param(ADD, "difficulty: 1", "difficulty: 5", id="the largest number allowed"),
        pytest.param(ADD, "timeout_s: 1e-1", "timeout_s: .1", id="a bare fraction"),
        pytest.param(ADD, "names: 1e-4", "names: -1.E+2", id="a negative threshold"),
        pytest.param(ADD, "best_loss: {names: 1e-4, embedded: 2}", "{}", id="an empty mapping"),
        pytest.param(ADD, "title: \"Add two numbers\"", "title: Add 2 numbers", id="plain text"),
        pytest.param(ADD, "title: \"Add two numbers\"", "title: >-\n  Add\n  two", id="folded text"),
        pytest.param(ADD, "title: \"Add two numbers\"", "title: \"2001\"", id="a number in quotes as text"),
        pytest.param(ADD, 'title: "Add two numbers"', 'title: "null"', id="null in quotes as text"),
        pytest.param(COURSE, "id: second", f"id: {'s' * 80}", id="an id as long as may be"),
        pytest.param(READING_LIST, '"A toy paper"', '"Ein Aufsatz über Größe ∂ 木"', id="text beyond ASCII"),
        pytest.param(COURSE, "# The one course.\n", "---\n# One.\n", id="an explicit start of the document"),
        pytest.param(COURSE, "# The one course.\n", "\ufeff", id="a byte order mark"),
    ],
)  # fmt: skip
def test_other_ways_to_write_it_are_fine(tmp_path: Path, path: str, old: str, new: str) -> None:
    """Strict is not petty: what can be read in one way only is read."""
    write_toy_course(tmp_path, {path: replace_once(TOY_COURSE[path], old, new)})
    assert set(load_content(tmp_path).exercises) == {"e01_add", "e02_double"}


def test_windows_line_ends_are_fine(tmp_path: Path) -> None:
    """A file saved on Windows says the same."""
    write_toy_course(tmp_path, {path: TOY_COURSE[path].replace("\n", "\r\n") for path in (READING_LIST, COURSE, ADD)})
    assert load_content(tmp_path).exercises["e01_add"].statement == "Write `add`.\n"


def test_what_is_no_exercise_is_passed_over(tmp_path: Path) -> None:
    """Hidden folders, caches and loose files beside the exercises are none of ours."""
    beside = ("exercises/.ipynb_checkpoints/x.py", "exercises/__pycache__/x.pyc", "exercises/notes.txt")
    write_toy_course(tmp_path, dict.fromkeys(beside, "x"))
    assert set(load_content(tmp_path).exercises) == {"e01_add", "e02_double"}


@pytest.mark.parametrize("path", [READING_LIST, ADD])
def test_missing_file_is_its_only_problem(tmp_path: Path, path: str) -> None:
    """A file that is not there is named, and no link into it is called broken."""
    write_toy_course(tmp_path, {path: None})
    problem = "cannot be read: No such file or directory; create it or correct its permissions"
    assert problems_of(tmp_path) == [f"{path}:1:1: {problem}"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"id: toys\ntitle: \xe9t\xe9\n", "2:8: byte 0xe9 is not UTF-8; save the file as UTF-8", id="latin-1"),
        pytest.param("id: öde".encode() + b"\xff", "1:8: byte 0xff is not UTF-8; save the file as UTF-8", id="behind ö"),
        pytest.param(b"#" * (4 * 2**20 + 1), "1:1: the file is larger than 4 MiB; split it", id="too large"),
    ],
)  # fmt: skip
def test_file_that_is_no_text_is_refused_where_it_starts_to_be_none(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    """Bytes that are not UTF-8, or far too many of them, are one problem each."""
    write_toy_course(tmp_path, {COURSE: content})
    assert problems_of(tmp_path) == [f"{COURSE}:{problem}"]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, make: "type[os.mkdir]") -> None:
    """A named pipe in the place of a file is not waited for."""
    write_toy_course(tmp_path, {DOUBLE: None})
    make(tmp_path / DOUBLE)
    assert problems_of(tmp_path) == [f"{DOUBLE}:1:1: this is not a regular file; put a YAML file there"]


def test_file_that_may_not_be_read_is_a_problem(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing permissions are named at the file."""

    def refuse(file: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    problem = "cannot be read: Permission denied; create it or correct its permissions"
    assert problems_of(course) == [f"{path}:1:1: {problem}" for path in (COURSE, ADD, DOUBLE, READING_LIST)]


def test_content_error_ends_with_exit_code_3(tmp_path: Path) -> None:
    """The error carries every problem, what to do next, and the exit code of an invalid course."""
    write_toy_course(tmp_path, {COURSE: "x: 1\n", DOUBLE: ""})
    with pytest.raises(ContentError) as caught:
        load_content(tmp_path)
    assert (caught.value.exit_code, caught.value.hint) == (3, "correct these lines, then run it again")
    assert caught.value.message == "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 6  # an unknown key, four missing ones, an empty file


def test_course_is_found_where_the_user_says(course: Path) -> None:
    """A chosen folder is used as it is."""
    assert find_content_root(str(course)) == course.resolve()


def test_folder_without_a_reading_list_is_no_course(tmp_path: Path) -> None:
    """A wrong choice is an error of usage, with the way back."""
    with pytest.raises(UsageError) as caught:
        find_content_root(str(tmp_path))
    assert caught.value.message == f"{tmp_path} holds no reading_list.yaml"
    assert caught.value.hint == "unset STUDY_COURSE to use the course that comes with study"


SPECIAL = ["\t", " ", "\n", "  ", "- ", ": ", "?", "[", "]", "{", "}", '"', "'", "|\n", ">", "#", ",", "\\", "\r"]
SPECIAL += ["&a ", "*a", "!!int ", "---\n", "...\n", "%YAML 1.2\n", "<<: ", "e5", "1e999", "010", "~"]
SPECIAL += ["\x00", "\ufeff", "\u2028", "\x85", "\ud800"]
chunks = st.one_of(st.sampled_from(SPECIAL), st.text(max_size=5))
edits = st.lists(st.tuples(st.integers(0, 10**4), st.integers(0, 30), chunks), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def mangled_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A toy course whose files one test mangles and restores."""
    return write_toy_course(tmp_path_factory.mktemp("mangled"))


@settings(max_examples=150, deadline=None, database=None)
@given(path=st.sampled_from([READING_LIST, COURSE, ADD, DOUBLE]), edits=edits)
def test_no_mangled_file_makes_it_crash(mangled_course: Path, path: str, edits: list[tuple[int, int, str]]) -> None:
    """Whatever is deleted from a file or put into it, the course loads or says what is wrong and where."""
    text = TOY_COURSE[path]
    for place, length, chunk in edits:
        start = place % (len(text) + 1)
        text = text[:start] + chunk + text[start + length :]
    (mangled_course / path).write_bytes(text.encode(errors="surrogatepass"))
    try:
        problems = problems_of_any(mangled_course)
    finally:
        (mangled_course / path).write_text(TOY_COURSE[path])
    assert len(set(problems)) == len(problems)
    for problem in problems:
        where, line, column, said = problem.split(":", 3)
        assert (mangled_course / where).is_file()
        assert int(line) >= 1
        assert int(column) >= 1
        assert said.partition("; ")[2], f"nothing to write instead: {problem}"
        assert "\n" not in said


def problems_of_any(root: Path) -> list[str]:
    """Return what is wrong with a course, if anything is."""
    try:
        load_content(root)
    except ContentError as error:
        return error.problems
    return []
