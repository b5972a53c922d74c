"""An unchanged course comes from an index in the cache, and no state of the cache can do harm."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import grader.course.content
import grader.course.yaml_tree
from grader.core.errors import ContentError
from grader.course import load_content
from tests.support.toy_course import ADD, COURSE, DOUBLE, READING_LIST, TOY_COURSE, problems_of, write_toy_course


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The toy course, as it is."""
    return write_toy_course(tmp_path / "course")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache folder that does not exist yet."""
    return tmp_path / "cache"


def forbid_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: Path, shown: str) -> None:
        raise AssertionError(f"{shown} was parsed")

    monkeypatch.setattr(grader.course.yaml_tree, "parse_file", refuse)


def test_second_load_comes_from_the_index(course: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unchanged course is not parsed again, and is the same course."""
    parsed = load_content(course, cache)
    forbid_parsing(monkeypatch)
    assert load_content(course, cache) == parsed


@pytest.mark.parametrize("path", [READING_LIST, COURSE, ADD])
def test_changed_file_is_parsed_again(course: Path, cache: Path, path: str) -> None:
    """No change of a file is hidden by the index, and the new index takes the place of the old one."""
    load_content(course, cache)
    (course / path).write_text(TOY_COURSE[path].replace('title: "', 'title: "New: ', 1))
    content = load_content(course, cache)
    titles = [content.readings["toy-lecture"].title, content.courses[0].title, content.exercises["e01_add"].title]
    assert [title.startswith("New: ") for title in titles] == [path == p for p in (READING_LIST, COURSE, ADD)]
    assert len(list(cache.iterdir())) == 1


def test_change_that_keeps_size_and_time_is_parsed_again(course: Path, cache: Path) -> None:
    """A copy in place, with the old modification time set again, is not taken for the old file."""
    load_content(course, cache)
    before = (course / ADD).stat()
    (course / ADD).write_text(TOY_COURSE[ADD].replace("Add two numbers", "Sum two numbers"))
    os.utime(course / ADD, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = (course / ADD).stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (before.st_size, before.st_mtime_ns, before.st_ino)
    assert load_content(course, cache).exercises["e01_add"].title == "Sum two numbers"


def test_broken_file_gives_the_same_problems_with_an_index(course: Path, cache: Path) -> None:
    """All problems at their places, as if there had never been a valid course."""
    load_content(course, cache)
    (course / ADD).write_text(TOY_COURSE[ADD].replace("difficulty: 1", "difficulty: 9"))
    (course / DOUBLE).write_text(TOY_COURSE[DOUBLE].replace("[e01_add]", "[e01_adds]"))
    with pytest.raises(ContentError) as caught:
        load_content(course, cache)
    assert caught.value.problems == problems_of(course)
    assert len(caught.value.problems) == 2


def test_renamed_exercise_is_noticed(course: Path, cache: Path) -> None:
    """Folders are compared by name, not only by what lies in them."""
    load_content(course, cache)
    (course / "exercises" / "e01_add").rename(course / "exercises" / "e01_sum")
    with pytest.raises(ContentError):
        load_content(course, cache)


@pytest.mark.parametrize("path", ["stub.py", "solution.py", "checks.py", "mutants/subtracts.py"])
def test_removed_file_is_noticed_when_its_exercise_is_taken(course: Path, cache: Path, path: str) -> None:
    """A file that was there when the index was made is missed when it is gone, with all problems of the course."""
    load_content(course, cache)
    (course / "exercises" / "e01_add" / path).unlink()
    content = load_content(course, cache)
    with pytest.raises(ContentError) as caught:
        content.exercises["e01_add"]
    assert caught.value.problems == problems_of(course)


def test_added_mutant_is_noticed_when_its_exercise_is_taken(course: Path, cache: Path) -> None:
    """A mutant that nothing declares is a mistake too."""
    load_content(course, cache)
    (course / "exercises" / "e01_add" / "mutants" / "more.py").touch()
    content = load_content(course, cache)
    with pytest.raises(ContentError):
        content.exercises["e01_add"]


def test_harmless_new_file_costs_one_parse(course: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exercise is there all the same, and the index is good again."""
    content = load_content(course, cache)
    (course / "exercises" / "e01_add" / "notes.txt").touch()
    assert load_content(course, cache) == content
    forbid_parsing(monkeypatch)
    assert load_content(course, cache) == content


def test_removed_exercise_yaml_is_noticed(course: Path, cache: Path) -> None:
    """Without its exercise.yaml a folder is a mistake, for every command."""
    load_content(course, cache)
    (course / ADD).unlink()
    with pytest.raises(ContentError):
        load_content(course, cache)


def test_other_rules_do_not_go_by_the_old_index(
    course: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A course that an older version found valid is checked again by a newer one."""
    (tmp_path / "package" / "course").mkdir(parents=True)
    rules = tmp_path / "package" / "course" / "links.py"
    rules.write_text("old")
    monkeypatch.setattr(grader.course.content, "PACKAGE", tmp_path / "package")
    load_content(course, cache)
    rules.write_text("newer")
    forbid_parsing(monkeypatch)
    with pytest.raises(AssertionError, match="was parsed"):
        load_content(course, cache)


def test_only_what_is_asked_for_is_read(course: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Damage to one exercise is no matter for another, and is repaired when it matters."""
    parsed = load_content(course, cache)
    (index,) = cache.iterdir()
    index.write_bytes(replace_bytes_once(index.read_bytes(), b"Write `double`.", b"Write `trible`."))
    with monkeypatch.context() as unparsed:
        forbid_parsing(unparsed)
        content = load_content(course, cache)
        assert content.exercises["e01_add"] == parsed.exercises["e01_add"]
        assert content.readings == parsed.readings
        assert list(content.exercises) == ["e01_add", "e02_double"]
        assert "e03_none" not in content.exercises
        with pytest.raises(AssertionError, match="was parsed"):
            content.exercises["e02_double"]
    assert content.exercises["e02_double"] == parsed.exercises["e02_double"]
    forbid_parsing(monkeypatch)
    assert load_content(course, cache) == parsed


def replace_bytes_once(data: bytes, old: bytes, new: bytes) -> bytes:
    assert data.count(old) == 1
    return data.replace(old, new)


def test_replaced_index_is_read_to_the_end(course: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command at work sees one state of the course, whatever another one writes meanwhile."""
    load_content(course, cache)
    content = load_content(course, cache)
    (course / ADD).write_text(TOY_COURSE[ADD].replace("Add two numbers", "New title"))
    assert load_content(course, cache).exercises["e01_add"].title == "New title"
    forbid_parsing(monkeypatch)
    assert content.exercises["e01_add"].title == "Add two numbers"


def test_index_is_closed_when_its_course_is_let_go(course: Path, cache: Path) -> None:
    """A process that loads many courses does not run out of open files."""
    load_content(course, cache)
    before = len(os.listdir("/dev/fd"))
    content = load_content(course, cache)
    assert len(os.listdir("/dev/fd")) == before + 1
    del content
    assert len(os.listdir("/dev/fd")) == before


def test_each_course_has_its_own_index(
    course: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who works on two courses in turn does not pay for it."""
    other = write_toy_course(tmp_path / "other", {ADD: TOY_COURSE[ADD].replace("Add two numbers", "Other")})
    load_content(course, cache)
    load_content(other, cache)
    forbid_parsing(monkeypatch)
    titles = [load_content(root, cache).exercises["e01_add"].title for root in (course, other)]
    assert titles == ["Add two numbers", "Other"]


def test_index_of_another_course_is_not_believed(course: Path, cache: Path, tmp_path: Path) -> None:
    """Whatever name it was given."""
    other = write_toy_course(tmp_path / "other", {ADD: TOY_COURSE[ADD].replace("Add two numbers", "Other")})
    content = load_content(course, cache)
    (index,) = cache.iterdir()
    load_content(other, cache)
    (foreign,) = set(cache.iterdir()) - {index}
    foreign.replace(index)
    assert load_content(course, cache) == content


def test_index_with_any_byte_changed_is_not_believed(course: Path, cache: Path) -> None:
    """The course is the same, whatever a disk did to the file."""
    content = load_content(course, cache)
    (index,) = cache.iterdir()
    data = index.read_bytes()
    for place in [*range(48), *range(48, len(data), 23)]:  # every byte of the head, which says how much to read
        index.write_bytes(data[:place] + bytes([data[place] ^ 0x20]) + data[place + 1 :])
        assert load_content(course, cache) == content


def test_processes_that_write_at_once_do_no_harm(course: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each gets the course, and one whole index is left."""
    program = (
        "import sys; from pathlib import Path; from grader.course import load_content\n"
        "sys.stdin.read(1)\n"
        f"print(load_content(Path({str(course)!r}), Path({str(cache)!r})).exercises['e01_add'].title)"
    )
    command = [sys.executable, "-c", program]
    running = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for process in running:
        assert process.stdin is not None
        process.stdin.write("x")
        process.stdin.flush()
    assert [process.communicate()[0] for process in running] == ["Add two numbers\n"] * 4
    assert len(list(cache.iterdir())) == 1
    forbid_parsing(monkeypatch)
    assert load_content(course, cache).exercises["e01_add"].title == "Add two numbers"


def test_invalid_course_leaves_no_index(course: Path, cache: Path) -> None:
    """Problems are found every time until they are corrected."""
    (course / COURSE).write_text("")
    for _ in range(2):
        with pytest.raises(ContentError):
            load_content(course, cache)
    assert not cache.exists()


@pytest.mark.parametrize("damage", [b"", b"\xc1", b"\x81\xa4root\xa2\xff\xfe", b"[]", b"\x80"])
def test_torn_index_is_made_anew(course: Path, cache: Path, damage: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that cannot be read is as good as none."""
    content = load_content(course, cache)
    (index,) = cache.iterdir()
    index.write_bytes(damage)
    assert load_content(course, cache) == content
    forbid_parsing(monkeypatch)
    assert load_content(course, cache) == content


def test_index_cut_short_anywhere_is_made_anew(course: Path, cache: Path) -> None:
    """Whatever part of the index a crash left, the course is the same."""
    content = load_content(course, cache)
    (index,) = cache.iterdir()
    data = index.read_bytes()
    for length in range(0, len(data), 41):
        index.write_bytes(data[:length])
        assert load_content(course, cache) == content


def test_cache_that_cannot_be_made_is_no_error(course: Path, tmp_path: Path) -> None:
    """A course loads where nothing can be cached."""
    (tmp_path / "file").write_text("in the way")
    assert load_content(course, tmp_path / "file" / "cache") == load_content(course)


def test_full_disk_leaves_nothing_in_the_cache(course: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that cannot be written whole is not written at all."""

    def refuse(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    assert load_content(course, cache).root == str(course)
    assert list(cache.iterdir()) == []


def test_stopping_while_it_is_written_leaves_nothing(
    course: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C leaves no half index behind."""

    def stop(source: str, target: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        load_content(course, cache)
    assert list(cache.iterdir()) == []


def test_path_that_is_not_utf8_is_fine(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A course in a folder with a name from another encoding loads, from its index too."""
    root = write_toy_course(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")))
    parsed = load_content(root, cache)
    forbid_parsing(monkeypatch)
    assert load_content(root, cache) == parsed


def loaded_modules(course: Path, cache: Path) -> set[str]:
    program = (
        "import sys; from pathlib import Path; from grader.course import load_content\n"
        f"load_content(Path({str(course)!r}), Path({str(cache)!r}))\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_loading_imports_nothing_heavy(course: Path, cache: Path) -> None:
    """`study next` pays for YAML at most, and from the index not even for that."""
    heavy = {"torch", "numpy", "pytest", "nbformat", "rich", "sqlite3", "click"}
    first, second = loaded_modules(course, cache), loaded_modules(course, cache)
    assert heavy & first == set()
    assert {"yaml", "difflib", *heavy} & second == set()
    assert "yaml" in first
