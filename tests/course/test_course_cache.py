"""An unchanged course comes from an index in the cache, and no state of the cache can do harm."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import grader.course.source
from grader.course import load_content
from grader.errors import ContentError
from tests.toy_course import ADD, COURSE, READING_LIST, TOY_COURSE, write_toy_course


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

    monkeypatch.setattr(grader.course.source, "parse_file", refuse)


def test_second_load_comes_from_the_index(course: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unchanged course is not parsed again, and is the same course."""
    parsed = load_content(course, cache)
    forbid_parsing(monkeypatch)
    assert load_content(course, cache) == parsed


@pytest.mark.parametrize("path", [READING_LIST, COURSE, ADD])
def test_changed_file_is_parsed_again(course: Path, cache: Path, path: str) -> None:
    """No change of a file is hidden by the index, and the old index goes."""
    load_content(course, cache)
    (course / path).write_text(TOY_COURSE[path].replace('title: "', 'title: "New: ', 1))
    content = load_content(course, cache)
    titles = [content.readings["toy-lecture"].title, content.courses[0].title, content.exercises["e01_add"].title]
    assert [title.startswith("New: ") for title in titles] == [path == p for p in (READING_LIST, COURSE, ADD)]
    assert len(list(cache.iterdir())) == 1


@pytest.mark.parametrize("path", ["stub.py", "solution.py", "checks.py", "mutants/subtracts.py", "exercise.yaml"])
def test_removed_file_is_noticed_in_spite_of_the_index(course: Path, cache: Path, path: str) -> None:
    """A file that was there when the index was made is missed when it is gone."""
    load_content(course, cache)
    (course / "exercises" / "e01_add" / path).unlink()
    with pytest.raises(ContentError):
        load_content(course, cache)


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


def test_path_that_is_not_utf8_is_fine(tmp_path: Path, cache: Path) -> None:
    """A course in a folder with a name from another encoding loads, without an index."""
    root = write_toy_course(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")))
    assert load_content(root, cache) == load_content(root)


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
    heavy = {"torch", "numpy", "pytest", "nbformat", "rich", "peewee", "click"}
    first, second = loaded_modules(course, cache), loaded_modules(course, cache)
    assert heavy & first == set()
    assert {"yaml", "difflib", *heavy} & second == set()
    assert "yaml" in first
