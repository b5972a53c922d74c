"""Load a whole course folder: reading_list.yaml, curriculum/*.yaml and exercises/*/exercise.yaml."""

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from grader.errors import ContentError, UsageError
from grader.models import Course, Exercise, Reading, ReadingList, Unit

READING_LIST, CURRICULUM, EXERCISES = "reading_list.yaml", "curriculum", "exercises"
STUB, SOLUTION, CHECKS, MUTANTS = "stub.py", "solution.py", "checks.py", "mutants"
#: Raise it whenever the models change in a way that old cached indexes would not show.
INDEX_VERSION = 1
_PACKAGE = Path(__file__).resolve().parent.parent


class Content(Struct, frozen=True):
    """Everything a course folder holds, checked."""

    root: str
    readings: dict[str, Reading]
    courses: tuple[Course, ...]
    exercises: dict[str, Exercise]

    def folder(self, exercise_id: str) -> Path:
        """Return the folder with an exercise's code."""
        return Path(self.root) / EXERCISES / exercise_id

    @property
    def units(self) -> tuple[Unit, ...]:
        """The units of all courses, in their order."""
        return tuple(unit for course in self.courses for unit in course.units)


def find_content_root(chosen: str | None = None) -> Path:
    """Return the folder the course is read from.

    Args:
        chosen: A folder named by the user (STUDY_COURSE); else the checkout this package lies in, else the
            copy inside the installed package.

    Raises:
        UsageError: If that folder holds no reading list.
    """
    root = Path(chosen) if chosen else next((p for p in (_PACKAGE.parent, _PACKAGE / "content") if _is_course(p)), None)
    if root is None or not _is_course(root):
        hint = "unset STUDY_COURSE to use the course that comes with study" if chosen else "reinstall study-grader"
        raise UsageError(f"{root or _PACKAGE} holds no {READING_LIST}", hint=hint)
    return root.resolve()


def _is_course(folder: Path) -> bool:
    return (folder / READING_LIST).is_file()


def load_content(root: Path, cache_dir: Path | None = None) -> Content:
    """Load and check a course folder; an unchanged one comes from an index in the cache.

    Raises:
        ContentError: With every problem of every file, each as path:line:column.
    """
    files = _content_files(root)
    index = cache_dir / f"course-{_fingerprint(files)}.msgpack" if cache_dir else None
    if index is not None:
        with suppress(OSError, ValueError):  # no index yet, or a torn one (DecodeError, bad UTF-8): parse
            return msgspec.msgpack.decode(index.read_bytes(), type=Content)
    content = _parse(root, files)
    if index is not None:
        # A full or read-only cache, or a path that is not UTF-8, costs the next start some time, nothing else.
        with suppress(OSError, ValueError):
            _write_index(index, content)
    return content


def _content_files(root: Path) -> list[Path]:
    courses = sorted((root / CURRICULUM).glob("*.yaml"))
    return [root / READING_LIST, *courses, *_exercise_files(root)]


def _exercise_files(root: Path) -> list[Path]:
    folders = (
        sorted(entry.path for entry in os.scandir(root / EXERCISES) if entry.is_dir())
        if (root / EXERCISES).is_dir()
        else []
    )
    return [Path(folder) / "exercise.yaml" for folder in folders if not Path(folder).name.startswith((".", "__"))]


def _fingerprint(files: list[Path]) -> str:
    digest = hashlib.sha256(f"{INDEX_VERSION}".encode())
    for file in files:
        # A folder's time changes when a stub, a check or a mutant comes or goes.
        for path in (file, file.parent, file.parent / MUTANTS):
            try:
                status = path.stat()
                digest.update(f"{path}\0{status.st_mtime_ns}\0{status.st_size}\0".encode(errors="surrogateescape"))
            except OSError:
                digest.update(f"{path}\0missing\0".encode(errors="surrogateescape"))
    return digest.hexdigest()[:32]


def _write_index(index: Path, content: Content) -> None:
    index.parent.mkdir(parents=True, exist_ok=True)
    data = msgspec.msgpack.encode(content)
    with tempfile.NamedTemporaryFile(dir=index.parent, delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.replace(file.name, index)
        except OSError:
            os.unlink(file.name)
            raise
    for old in index.parent.glob("course-*.msgpack"):
        if old != index:
            old.unlink(missing_ok=True)


def _parse(root: Path, files: list[Path]) -> Content:
    # Here, because they import yaml and difflib, which an index from the cache does without.
    from grader.course import links
    from grader.course.conform import read_model
    from grader.course.source import Problem, parse_file

    sources = {file: parse_file(file, file.relative_to(root).as_posix()) for file in files}
    listed = sources[root / READING_LIST]
    courses = [source for file, source in sources.items() if file.parent == root / CURRICULUM]
    exercises = {file.parent: source for file, source in sources.items() if file.parent.parent == root / EXERCISES}
    reading_list = read_model(listed, ReadingList)
    read_courses = [read_model(source, Course) for source in courses]
    read_exercises = {folder.name: read_model(source, Exercise) for folder, source in exercises.items()}
    if courses:
        links.check_links(listed, courses, exercises)
    else:
        listed.problems.append(Problem(CURRICULUM, 1, 1, "this folder holds no course; add a file such as toys.yaml"))
    problems: list[Problem] = sorted(problem for source in sources.values() for problem in source.problems)
    if problems or reading_list is None:
        raise ContentError([str(problem) for problem in problems], hint="correct these lines, then run it again")
    return Content(
        root=str(root),
        readings={reading.id: reading for reading in reading_list.readings},
        courses=tuple(course for course in read_courses if course),  # in the order of their file names
        exercises={name: exercise for name, exercise in read_exercises.items() if exercise},
    )
