"""Load a whole course folder: reading_list.yaml, curriculum/*.yaml and exercises/*/exercise.yaml."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from grader.core.errors import ContentError, UsageError
from grader.core.models import Course, Exercise, Reading, ReadingList, Unit
from grader.core.package import PACKAGE
from grader.course.code import ACCEPT, CHECKS, EXERCISE, MUTANTS, SOLUTION, STUB
from grader.course.index import Index, stamp_files

if TYPE_CHECKING:
    from grader.course.yaml_tree import YamlFile

READING_LIST, CURRICULUM, EXERCISES = "reading_list.yaml", "curriculum", "exercises"


class Content(Struct, frozen=True):
    """Everything a course folder holds, checked.

    A reading or exercise that comes from the cache is decoded each time it is asked for, so ask for no more than
    is needed: a course may hold ten thousand.
    """

    root: str
    readings: Mapping[str, Reading]
    courses: tuple[Course, ...]
    exercises: Mapping[str, Exercise]
    #: Exercises that are invalid, with their problems: no unit names them, and none counts as built upon.
    left_out: Mapping[str, tuple[str, ...]] = {}

    def folder(self, exercise_id: str) -> Path:
        """Return the folder with an exercise's code."""
        return Path(self.root) / EXERCISES / exercise_id

    def complete(self, typed: str) -> str:
        """Return the id that a shorter one stands for; here every id is as short as it gets."""
        return typed

    @property
    def exercise_folders(self) -> tuple[str, ...]:
        """The folders that no learner's code may read."""
        return (str((Path(self.root) / EXERCISES).resolve()),)

    @property
    def units(self) -> tuple[Unit, ...]:
        """The units of all courses, in their order."""
        return tuple(unit for course in self.courses for unit in course.units)


class FoundCourse(Struct, frozen=True):
    """The course that a command sees: `root`, and whether the user named it, it is around a folder, or installed."""

    root: Path
    found_by: Literal["STUDY_COURSE", "folder", "installation"]


def find_course(chosen: str | None, start: Path) -> FoundCourse:
    """Find the course that every command sees: the one named, else the one around a folder, else the installed one.

    The search upward ends at a workspace: what is in one, or around it, may come from somebody else, as in the checkout
    of a learner's work, and must not bring the checks that grade it.

    Args:
        chosen: What STUDY_COURSE says.
        start: The folder to begin at.

    Raises:
        UsageError: If the folder that was named is not a course.
    """
    from grader.files.workspace import MARKER

    if chosen:
        return FoundCourse(find_content_root(chosen), "STUDY_COURSE")
    installed = find_content_root()
    for folder in (start, *start.parents):
        if (folder / MARKER).is_dir():
            break
        if _is_course(folder) and ((folder / CURRICULUM).is_dir() or (folder / EXERCISES).is_dir()):
            around = folder.resolve()
            return FoundCourse(around, "installation" if around == installed else "folder")
    return FoundCourse(installed, "installation")


def find_content_root(chosen: str | None = None) -> Path:
    """Return the folder the course is read from.

    Args:
        chosen: A folder named by the user (STUDY_COURSE); else the checkout this package lies in, else the
            copy inside the installed package.

    Raises:
        UsageError: If that folder holds no reading list.
    """
    root = Path(chosen) if chosen else next((p for p in (PACKAGE.parent, PACKAGE / "content") if _is_course(p)), None)
    if root is None or not _is_course(root):
        hint = "unset STUDY_COURSE to use the course that comes with study" if chosen else "reinstall study-grader"
        raise UsageError(f"{root or PACKAGE} holds no {READING_LIST}", hint=hint)
    return root.resolve()


def _is_course(folder: Path) -> bool:
    return (folder / READING_LIST).is_file()


_HINT = "correct these lines, then run it again"


def explain_left_out(problems: Sequence[str]) -> ContentError:
    """Return the error of an exercise that is left out."""
    return ContentError([*problems], hint=_HINT)


class _Exercises(dict[str, Exercise]):
    """The exercises by their ids; asked for one that is left out, it tells its problems."""

    def __init__(self, exercises: Mapping[str, Exercise], left_out: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__(exercises)
        self._left_out = left_out

    def __missing__(self, name: str) -> Exercise:
        if name in self._left_out:
            raise explain_left_out(self._left_out[name])
        raise KeyError(name)


def load_content(root: Path, cache_dir: Path | None = None, *, leave_out: bool = False) -> Content:
    """Load and check a course folder; an unchanged one comes from an index in the cache.

    Whether it is unchanged is asked of every YAML file, each time. Of the other files of an exercise only their
    names matter here, and what stub.py and checks.py define; whether one came, went or changed is asked when the
    exercise is taken from the index.

    Args:
        root: The folder.
        cache_dir: Where the index lies.
        leave_out: Leave out exercises that are invalid, as long as the reading list and the curriculum are not.

    Raises:
        ContentError: With every problem of every file, each as path:line:column. Taking an exercise may raise it
            too, if a file beside its exercise.yaml is gone.
    """
    if cache_dir is None:
        return _parse(root, leave_out=leave_out)
    index = Index(cache_dir, root, lambda name: _stamp_folders(root, name))

    @cache
    def rebuild() -> Content:
        return _parse_and_keep(root, index, leave_out=leave_out)

    with suppress(OSError, ValueError):  # no index yet, a torn one, one of another state, or a file is missing
        courses, readings, exercises = index.read(
            _stamp_yaml(root), lambda: rebuild().readings, lambda: rebuild().exercises
        )
        return Content(str(root), readings, courses, exercises)
    return rebuild()


def _parse_and_keep(root: Path, index: Index, *, leave_out: bool) -> Content:
    stamp = b""
    folders: dict[str, bytes] = {}
    with suppress(OSError):  # a file is missing, and will be reported as such
        # Taken before the files are read, so that what is changed meanwhile is read again the next time.
        folders = {name: _stamp_folders(root, name) for name in _exercise_names(root)}
        stamp = _stamp_yaml(root)
    content = _parse(root, leave_out=leave_out)
    if content.left_out:
        return content
    with suppress(OSError, ValueError):  # a full or read-only cache costs the next start some time, nothing else
        index.write(stamp, folders, content.courses, content.readings, content.exercises)
    return content


def _stamp_yaml(root: Path) -> bytes:
    """Stamp all that the index is made from: the YAML files, and the code that checks them."""
    exercises = str(root / EXERCISES)
    yaml_files = [f"{exercises}/{name}/{EXERCISE}" for name in _exercise_names(root)]
    parts = [part for part in ("core", "course", "expressions") if (PACKAGE / part).is_dir()]
    code = [entry.path for part in parts for entry in os.scandir(PACKAGE / part) if entry.is_file()]
    return stamp_files([str(root / READING_LIST), *map(str, _course_files(root)), *yaml_files, *sorted(code)])


def _stamp_folders(root: Path, exercise_id: str) -> bytes:
    """Stamp the folders in which the files beside an exercise.yaml come and go, and the files whose names it uses."""
    folder = f"{root / EXERCISES}/{exercise_id}"
    beside = [f"{folder}/{name}" for name in (MUTANTS, ACCEPT, STUB, SOLUTION, CHECKS)]
    return stamp_files([folder, *(path for path in beside if os.path.exists(path))])


def _course_files(root: Path) -> list[Path]:
    """List the courses; those with the wrong ending too, so that they are reported and not overlooked."""
    return sorted(file for file in (root / CURRICULUM).glob("*.y*ml") if file.suffix in (".yaml", ".yml"))


def _exercise_names(root: Path) -> list[str]:
    if not (root / EXERCISES).is_dir():
        return []
    with os.scandir(root / EXERCISES) as entries:
        names = sorted(entry.name for entry in entries if not entry.name.startswith((".", "__")))
    return [name for name in names if os.path.isdir(root / EXERCISES / name)]  # a link may lead in a circle


def _parse(root: Path, *, leave_out: bool = False) -> Content:
    # Here, because they import yaml and difflib, which an index from the cache does without.
    from grader.course import links
    from grader.course.conform import read_model
    from grader.course.yaml_tree import Problem, parse_file

    def parse(file: Path) -> "YamlFile":
        return parse_file(file, file.relative_to(root).as_posix())

    listed = parse(root / READING_LIST)
    courses = {file: parse(file) for file in _course_files(root)}
    folders = [root / EXERCISES / name for name in _exercise_names(root)]
    exercises = {folder: parse(folder / EXERCISE) for folder in folders}
    reading_list = read_model(listed, ReadingList)
    read_courses = [read_model(source, Course) for source in courses.values()]
    read_exercises = {folder.name: read_model(source, Exercise) for folder, source in exercises.items()}
    if courses:
        links.check_links(listed, list(courses.values()), exercises)
    else:
        listed.problems.append(Problem(CURRICULUM, 1, 1, "this folder holds no course; add a file such as toys.yaml"))
    for file, source in courses.items():
        if file.suffix != ".yaml":
            source.problems.append(Problem(source.path, 1, 1, f"courses end in .yaml; rename it to {file.stem}.yaml"))
    sources = [listed, *courses.values(), *(() if leave_out else exercises.values())]
    problems: list[Problem] = sorted(problem for source in sources for problem in source.problems)
    if problems or reading_list is None:
        everything = sorted({*problems, *(problem for source in exercises.values() for problem in source.problems)})
        raise ContentError([str(problem) for problem in everything], hint=_HINT)
    left_out = {
        folder.name: tuple(map(str, sorted(source.problems)))
        for folder, source in exercises.items()
        if source.problems or not read_exercises[folder.name]
    }
    sound = {name: exercise for name, exercise in read_exercises.items() if exercise and name not in left_out}
    content = Content(
        root=str(root),
        readings={reading.id: reading for reading in reading_list.readings},
        courses=tuple(course for course in read_courses if course),  # in the order of their file names
        exercises=sound,
    )
    return _leave_out(content, left_out) if left_out else content


def _leave_out(content: Content, left_out: Mapping[str, tuple[str, ...]]) -> Content:
    """Take every mention of invalid exercises out of a course."""

    def keep(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(name for name in names if name not in left_out)

    def thin(course: Course) -> Course:
        return replace(course, units=tuple(replace(unit, exercises=keep(unit.exercises)) for unit in course.units))

    exercises = {name: replace(one, prerequisites=keep(one.prerequisites)) for name, one in content.exercises.items()}
    return replace(
        content,
        courses=tuple(map(thin, content.courses)),
        exercises=_Exercises(exercises, left_out),
        left_out=left_out,
    )
