"""Write new readings into a course: the text of its files is added to, checked as a whole, and only then replaced."""

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml
from msgspec import Struct

from grader.core.errors import ContentError, UsageError, WorkspaceError
from grader.core.models import Reading
from grader.course.content import CURRICULUM, EXERCISES, READING_LIST, load_content
from grader.course.edit import add_readings_to_unit, append_item, quote
from grader.files.replacing import read_umask
from grader.files.workspace import write_whole
from grader.readings.words import make_id, make_unique

#: What readings stand under that stood under nothing.
NO_SECTION = "Imported"
#: The files of a curriculum count in the order of their names, and what was imported comes last.
IMPORTED = f"{CURRICULUM}/zz-imported.yaml"
_LIST_HEAD = "# Readings of your own. `study import` adds to them below; change what you like, and add more by hand.\nreadings:\n"


class Draft(Struct, frozen=True):
    """The files of a course as they are (None: not there) and as they would be, by their names in the course."""

    root: Path
    before: dict[str, str | None]
    after: dict[str, str]
    new: tuple[Reading, ...]


def render_reading(reading: Reading, indent: str) -> str:
    """Write a reading as an item of reading_list.yaml."""
    fields = [
        ("id", reading.id),
        ("kind", reading.kind),
        ("title", quote(reading.title)),
        ("authors", f"[{', '.join(quote(author) for author in reading.authors)}]" if reading.authors else None),
        ("year", reading.year),
        ("url", quote(reading.url) if reading.url else None),
        ("track", reading.track),
        ("minutes", reading.minutes),
        ("video_id", quote(reading.video_id) if reading.video_id else None),
        ("note", quote(reading.note) if reading.note else None),
    ]
    rows = [f"{name}: {value}" for name, value in fields if value is not None]
    return "".join(f"{indent}{'  ' if n else '- '}{row}\n" for n, row in enumerate(rows))


def draft_import(root: Path, new: Sequence[tuple[str, Reading]]) -> Draft:
    """Work out the texts of a course's files with new readings, each in a unit for its section.

    Raises:
        UsageError: If reading_list.yaml is written in a way that cannot be added to with certainty.
        ContentError: If the course is not valid as it is.
    """
    listed = _read(root / READING_LIST)
    course = _read(root / IMPORTED)
    readings = [reading for _, reading in new]
    if listed is None:
        after = _LIST_HEAD + "".join(render_reading(reading, "") for reading in readings)
    else:
        added = append_item(listed, "readings", lambda indent: "".join(render_reading(r, indent) for r in readings))
        if added is None:
            raise UsageError(
                f"{root / READING_LIST} is not written as a list of `- id: ...` lines, so nothing can be added below it",
                hint="write it like that, or leave --course out: readings then go to your own course",
            )
        after = added
    before = {READING_LIST: listed, IMPORTED: course}
    return Draft(root, before, {READING_LIST: after, IMPORTED: _place(root, course, new)}, tuple(readings))


def _read(file: Path) -> str | None:
    if file.is_symlink():
        raise UsageError(f"{file} is a symbolic link, which would be replaced", hint="put the file itself there")
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}", hint=f"study lint {file.parent}") from None


def _place(root: Path, text: str | None, new: Sequence[tuple[str, Reading]]) -> str:
    """Return the file of units that imported readings stand in."""
    sections: dict[str, list[str]] = {}
    for section, reading in new:
        sections.setdefault(section, []).append(reading.id)
    courses = load_content(root).courses if (root / READING_LIST).exists() else ()
    taken = {unit.id for course in courses for unit in course.units}
    if text is None:
        name = make_unique("imported", {course.id for course in courses})
        text = (
            "# Where imported readings are: a unit for each section of the lists they come from.\n"
            f'id: {name}\ntitle: "Imported readings"\nsummary: "Readings from lists of your own."\nunits:\n'
        )
        return text + "".join(_render_unit(section, ids, taken, "") for section, ids in sections.items())
    ours: Mapping[str, str] = _find_units(text)
    for section, ids in sections.items():
        unit = ours.get(section)
        changed = add_readings_to_unit(text, unit, ids) if unit else None
        if changed is None:
            changed = append_item(text, "units", lambda indent, s=section, i=ids: _render_unit(s, i, taken, indent))  # type: ignore[misc]
        if changed is None:
            raise UsageError(f"{root / IMPORTED} is not written as a list of units, so nothing can be added to it")
        text = changed
    return text


def _find_units(text: str) -> dict[str, str]:
    """Return the ids of the units in a file that has been loaded, by their titles."""
    data = yaml.safe_load(text)
    return {unit["title"]: unit["id"] for unit in data["units"]}


def _render_unit(section: str, ids: Sequence[str], taken: set[str], indent: str) -> str:
    name = make_unique(make_id(section, "section"), taken)
    taken.add(name)
    rows = [
        f"- id: {name}",
        f"  title: {quote(section)}",
        f"  summary: {quote(_summarize(section))}",
        "  readings:",
    ]
    rows += [f"  - {reading}" for reading in ids]
    return "".join(f"{indent}{row}\n" for row in rows)


def _summarize(section: str) -> str:
    return "From a list without headings." if section == NO_SECTION else f"Imported from “{section}”."


def check_draft(draft: Draft) -> None:
    """Load the course as it would be, from a copy.

    Raises:
        ContentError: With every problem it would have; nothing has been written.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="study-import-") as name:
            _copy_course(draft, Path(name))
            loaded = load_content(Path(name))
    except ContentError as error:
        hint = f"study lint {draft.root}   shows what is wrong with it as it is"
        raise ContentError([f"{draft.root}/{problem}" for problem in error.problems], hint=hint) from None
    except OSError as error:
        raise _explain(draft.root, error) from None
    if tuple(loaded.readings.values())[-len(draft.new) :] != draft.new:
        file = draft.root / READING_LIST
        raise UsageError(f"nothing can be added to {file} with certainty", hint="add the readings by hand")


def _copy_course(draft: Draft, copy: Path) -> None:
    """Make a course as it would be; the exercises, which stay as they are, are only linked to."""
    (copy / CURRICULUM).mkdir()
    for file in (draft.root / CURRICULUM).glob("*.y*ml"):
        shutil.copyfile(file, copy / CURRICULUM / file.name)
    if (draft.root / EXERCISES).is_dir():
        (copy / EXERCISES).symlink_to((draft.root / EXERCISES).resolve())
    for path, text in draft.after.items():
        (copy / path).write_bytes(text.encode("utf-8"))


def write_draft(draft: Draft) -> None:
    """Replace the files of a course, all or none; a course that is not there yet appears whole.

    Raises:
        UsageError: If a file was changed since it was read.
        WorkspaceError: If one cannot be written.
    """
    for path, text in draft.before.items():
        if _read(draft.root / path) != text:
            raise UsageError(
                f"{draft.root / path} was changed in the meantime; nothing was written", hint="import again"
            )
    if not draft.root.exists():
        _write_new(draft)
        return
    written: list[str] = []
    try:
        for path, text in draft.after.items():
            written.append(path)
            write_whole(draft.root / path, text.encode("utf-8"))
    except BaseException:
        for path in written:
            before = draft.before[path]
            if before is None:
                (draft.root / path).unlink(missing_ok=True)
            elif _read(draft.root / path) != before:
                write_whole(draft.root / path, before.encode("utf-8"))
        raise


def _write_new(draft: Draft) -> None:
    folder = None
    try:
        folder = Path(tempfile.mkdtemp(dir=draft.root.parent, prefix=f".{draft.root.name}."))
        (folder / CURRICULUM).mkdir()
        for path, text in draft.after.items():
            write_whole(folder / path, text.encode("utf-8"))
        folder.chmod(0o777 & ~read_umask())
        os.rename(folder, draft.root)
    except OSError as error:
        raise _explain(draft.root, error) from None
    finally:
        if folder is not None and folder.exists():
            shutil.rmtree(folder)


def _explain(place: Path, error: OSError) -> WorkspaceError:
    return WorkspaceError(
        f"{error.filename or place} cannot be written: {error.strerror}; nothing was changed",
        hint="free some space or correct the permissions, then import again",
    )
