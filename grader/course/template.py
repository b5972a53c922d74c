"""Write new exercises and new courses, whole or not at all."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from grader.core.errors import UsageError
from grader.core.models import Reading
from grader.core.package import PACKAGE
from grader.course import starter
from grader.course.code import CHECKS, EXERCISE, MUTANTS, RECORD, SOLUTION
from grader.course.content import CURRICULUM, EXERCISES, READING_LIST, Content, find_course
from grader.course.edit import add_to_unit, quote, replace_file, replace_values
from grader.course.json_schema import SCHEMA_FOLDER, SCHEMAS, schema_line, write_schemas
from grader.files.replacing import read_umask

_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_MAX_ID = 60


class NewExercise(Struct, frozen=True):
    """What was written: the files, and the curriculum file that names the exercise."""

    folder: Path
    files: tuple[str, ...]
    curriculum: Path


def find_own_course(chosen: str | None, start: Path) -> Path:
    """Return the course to write to.

    Args:
        chosen: The folder named by the user, if one is.
        start: Else the course around this folder, found as every command finds it.

    Raises:
        UsageError: If there is none, or it belongs to an installed package.
    """
    root = Path(chosen).resolve() if chosen else find_course(None, start).root
    if not (root / READING_LIST).is_file() or not (chosen or start.resolve().is_relative_to(root)):
        where = f"{chosen} holds no {READING_LIST}" if chosen else f"no folder from {start} upward is a course"
        raise UsageError(where, hint="name the folder that holds reading_list.yaml: --course PATH")
    if root.is_relative_to(PACKAGE) or {"site-packages", "dist-packages"} & set(root.parts):
        raise UsageError(
            f"{root} belongs to an installed package, and the next update would take back what is written there",
            hint="write to a course folder of your own: --course PATH",
        )
    return root


def require_free_id(exercise_id: str, content: Content) -> None:
    """Refuse an id that cannot be one, or that is taken.

    Raises:
        UsageError: With an id that could be used instead.
    """
    if not _ID.fullmatch(exercise_id) or len(exercise_id) > _MAX_ID:
        rule = f"lower-case words joined by _, at most {_MAX_ID} characters"
        near = suggest_id(exercise_id)
        raise UsageError(
            f"`{exercise_id}` cannot be the id of an exercise: {rule}", hint=f"study new {near}" if near else None
        )
    folder = content.folder(exercise_id)
    if exercise_id in content.exercises:
        raise UsageError(
            f"the exercise `{exercise_id}` exists already", hint="choose another id, or change that one's files"
        )
    if os.path.lexists(folder):
        raise UsageError(f"{folder} is there already", hint="choose another id, or move that away")


def suggest_id(typed: str) -> str | None:
    """Return the nearest id to what was typed, or None if nothing of it can be used."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", typed)
    words = [word for word in re.split(r"[^a-z0-9]+", spaced.lower()) if word]
    if not words:
        return None
    name = "_".join(words)
    return (name if name[0].isalpha() else f"e{name}")[:_MAX_ID].rstrip("_")


def make_title(exercise_id: str) -> str:
    """Make a title from an id: e04_center_rows is “Center rows”."""
    words = re.sub(r"^[a-z]?[0-9]+_", "", exercise_id).replace("_", " ")
    return words[0].upper() + words[1:]


def make_files(exercise_id: str, title: str, reading: Reading, *, single: bool, schema: str | None) -> dict[str, str]:
    """Make the files of a new exercise: path below its folder -> text.

    Args:
        exercise_id: Its id.
        title: Its title.
        reading: What it belongs to.
        single: Whether all of it is in exercise.yaml.
        schema: The first line of exercise.yaml, for editors.
    """

    values = {"ID": exercise_id, "TITLE": quote(title), "READING": reading.id, "SOURCE": reading.title}
    solution = _fill(starter.SOLUTION, {"TITLE": _for_docstring(title), "SOURCE": _for_docstring(reading.title)})
    head = (f"{schema}\n" if schema else "") + _fill(starter.HEAD, values)
    if single:
        code = {
            "SOLUTION": _indent(solution, 2),
            "COLUMNS": _indent(starter.COLUMNS, 4),
            "IN_PLACE": _indent(starter.IN_PLACE, 4),
        }
        return {EXERCISE: head + _fill(starter.INLINE, code)}
    return {
        EXERCISE: head + starter.IN_FILES,
        SOLUTION: solution,
        CHECKS: _fill(starter.CHECKS, values),
        f"{MUTANTS}/columns.py": starter.COLUMNS,
        f"{MUTANTS}/in_place.py": starter.IN_PLACE,
    }


def _fill(text: str, values: Mapping[str, str]) -> str:
    return re.sub("@([A-Z_]+)@", lambda match: values[match[1]], text)


def _for_docstring(text: str) -> str:
    """Write a text so that it neither ends a docstring nor starts an escape in it."""
    return text.replace("\\", "\\\\").replace('"', "'")


def _indent(code: str, by: int) -> str:
    return "\n".join(" " * by + line if line else "" for line in code.rstrip("\n").split("\n"))


def copy_files(folder: Path, exercise_id: str, title: str) -> dict[str, bytes]:
    """Read the files of an exercise, with another id and title: path below its folder -> content."""
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        # A copy has not been proved.
        if path.is_file() and "__pycache__" not in path.parts and path != folder / RECORD
    }
    text = files[EXERCISE].decode("utf-8-sig")
    files[EXERCISE] = replace_values(text, {"id": exercise_id, "title": quote(title)}).encode()
    return files


def write_exercise(content: Content, exercise_id: str, files: Mapping[str, str | bytes], unit_id: str) -> NewExercise:
    """Write an exercise into a course, and its id into a unit; if that fails midway, nothing is left of it.

    Args:
        content: The course.
        exercise_id: An id that is free.
        files: Path below its folder -> content.
        unit_id: The unit to add it to.

    Raises:
        UsageError: If there is no such unit, its file cannot be changed with certainty, or the disk refuses.
    """
    root = Path(content.root)
    folder = content.folder(exercise_id)
    curriculum = _change_unit(root, unit_id, exercise_id)
    try:
        folder.parent.mkdir(exist_ok=True)
        with _whole_folder(folder) as temporary:
            for name, text in files.items():
                file = temporary / name
                file.parent.mkdir(exist_ok=True)
                file.write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            replace_file(*curriculum)
        except BaseException:
            shutil.rmtree(folder)
            raise
    except OSError as error:
        raise _cannot_write(folder, error) from None
    return NewExercise(folder, tuple(files), curriculum[0])


def _change_unit(root: Path, unit_id: str, exercise_id: str) -> tuple[Path, str]:
    """Return the file that holds a unit, and its text with the exercise added."""
    for file in sorted((root / CURRICULUM).glob("*.yaml")):
        text = file.read_bytes().decode("utf-8")  # read_text would change the line ends
        changed = add_to_unit(text, unit_id, exercise_id)
        if changed is not None:
            return file, changed
    raise UsageError(
        f"the unit `{unit_id}` of {root / CURRICULUM} is written in a way that is not safe to change",
        hint="write each id of its `exercises:` in a line of its own, - id, then run it again",
    )


@contextmanager
def _whole_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to fill, which becomes `folder` when everything is in it, and else goes away."""
    # A name with a dot: a course that is loaded meanwhile does not see it.
    temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    try:
        yield temporary
        temporary.chmod(0o777 & ~read_umask())  # mkdtemp lets only its owner in
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def write_course_skeleton(folder: Path) -> None:
    """Write a course with one reading, one unit and no exercise yet, which `study new` can fill.

    Args:
        folder: Must be empty, or not there yet.

    Raises:
        UsageError: If something is in it, or the disk refuses; nothing is left of it then.
    """
    there = os.path.lexists(folder)
    if there and not (folder.is_dir() and not any(folder.iterdir())):
        raise UsageError(f"{folder} is there already", hint="name a folder that is empty, or not there yet")
    name = "-".join(re.findall("[a-z0-9]+", folder.absolute().name.lower()))[:80].rstrip("-") or "course"
    title = name.replace("-", " ").capitalize()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            (folder / CURRICULUM).mkdir()
            (folder / EXERCISES).mkdir()
            course = _fill(starter.COURSE, {"NAME": name, "TITLE": quote(title)})
            replace_file(folder / CURRICULUM / "one.yaml", f"{schema_line(SCHEMAS['curriculum'], 1)}\n{course}")
            write_schemas(folder / SCHEMA_FOLDER)
            # Last, because it is what makes the folder a course.
            listed = f"{schema_line(SCHEMAS['reading_list'], 0)}\n{starter.READING_LIST}"
            replace_file(folder / READING_LIST, listed)
        except BaseException:
            _remove_all(folder, itself=not there)
            raise
    except OSError as error:
        raise _cannot_write(folder, error) from None


def _remove_all(folder: Path, *, itself: bool) -> None:
    """Empty a folder that held nothing before; if it is a process's current folder, it has to stay."""
    for entry in folder.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    if itself:
        folder.rmdir()


def _cannot_write(folder: Path, error: OSError) -> UsageError:
    return UsageError(
        f"{folder} cannot be written: {error.strerror}; nothing was changed",
        hint="free some space or correct the permissions, then run it again",
    )
