"""Load a whole course folder: reading_list.yaml, curriculum/*.yaml and exercises/*/exercise.yaml."""

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from grader.course.source import Problem, Source, parse_file
from grader.errors import ContentError, UsageError
from grader.models import Course, Exercise, Reading, ReadingList, Unit

READING_LIST, CURRICULUM, EXERCISES = "reading_list.yaml", "curriculum", "exercises"
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
        with suppress(OSError, msgspec.DecodeError):  # no index yet, or a torn one: parse
            return msgspec.msgpack.decode(index.read_bytes(), type=Content)
    content = _parse(root, files)
    if index is not None:
        with suppress(OSError):  # a full or read-only cache costs the next start some time, nothing else
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
        for path in (file, file.parent):  # the folder's time changes when a stub or check comes or goes
            try:
                status = path.stat()
                digest.update(f"{path}\0{status.st_mtime_ns}\0{status.st_size}\0".encode(errors="surrogateescape"))
            except OSError:
                digest.update(f"{path}\0missing\0".encode(errors="surrogateescape"))
    return digest.hexdigest()[:32]


def _write_index(index: Path, content: Content) -> None:
    index.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=index.parent, delete=False) as file:
        file.write(msgspec.msgpack.encode(content))
    os.replace(file.name, index)
    for old in index.parent.glob("course-*.msgpack"):
        if old != index:
            old.unlink(missing_ok=True)


def _parse(root: Path, files: list[Path]) -> Content:
    from grader.course import links
    from grader.course.conform import read_model

    def shown(file: Path) -> str:
        return str(file.relative_to(root))

    def open_source(file: Path) -> Source:
        source = parse_file(file, shown(file))
        sources.append(source)
        return source

    sources: list[Source] = []
    listed = open_source(files[0])
    reading_list = read_model(listed, ReadingList) if not listed.problems else None
    readings = links.check_readings(listed, reading_list) if reading_list else {}
    courses: list[tuple[Source, Course]] = []
    exercises: dict[str, tuple[Source, Exercise]] = {}
    unread = reading_list is None
    for file in files[1:]:
        source = open_source(file)
        if file.parent.name == CURRICULUM:
            course = read_model(source, Course) if not source.problems else None
            courses += [(source, course)] if course else []
            unread |= course is None
        else:
            exercise = read_model(source, Exercise) if not source.problems else None
            if exercise:
                exercises[file.parent.name] = (source, exercise)
            unread |= exercise is None
    if not unread:  # a file that could not be read would make every link to it look broken
        plain = {name: exercise for name, (_, exercise) in exercises.items()}
        for name, (source, exercise) in exercises.items():
            links.check_exercise(source, exercise, root / EXERCISES / name, readings, plain)
        links.check_courses(courses, readings, plain)
        links.check_all_placed(listed, readings, exercises, [course for _, course in courses])
        links.check_circles(exercises)
    problems: list[Problem] = sorted(problem for source in sources for problem in source.problems)
    if problems:
        raise ContentError([str(problem) for problem in problems], hint="correct these lines, then run it again")
    return Content(
        root=str(root),
        readings=readings,
        courses=tuple(sorted((course for _, course in courses), key=lambda c: c.id != "zero-to-hero")),
        exercises={name: exercise for name, (_, exercise) in exercises.items()},
    )
