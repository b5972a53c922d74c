"""`study new`: write a new exercise into a course."""

from typing import TYPE_CHECKING

import click

from grader.cli.author.own_course import course_option, find_own
from grader.cli.context import Context, short_path
from grader.cli.options import json_option
from grader.core.errors import UsageError

if TYPE_CHECKING:
    from grader.core.models import Reading
    from grader.course import Content
    from grader.course.template import NewExercise


@click.command()
@click.argument("exercise_id", metavar="ID")
@click.option("--from", "origin", metavar="NAME", help="Copy this exercise of the course.")
@click.option("--single", is_flag=True, help="All in one exercise.yaml, with declared checks.")
@click.option(
    "--unit", "unit_id", metavar="UNIT", help="Add it at the end of this unit; by default the only one there is."
)
@click.option("--title", help="Its title; else one made from the id.")
@course_option
@json_option
def new(
    exercise_id: str,
    origin: str | None,
    single: bool,
    unit_id: str | None,
    title: str | None,
    course: str | None,
    as_json: bool,
) -> None:
    """Write a new exercise into your course: small, complete, and to be changed."""
    from grader.course import load_content, template
    from grader.course.json_schema import SCHEMA_FOLDER, SCHEMAS, schema_line

    if origin and single:
        raise UsageError("--from copies an exercise in the form it has", hint="leave --single out")
    root = find_own(course)
    content = load_content(root)
    template.require_free_id(exercise_id, content)
    title = " ".join((title or "").split()) or template.make_title(exercise_id)
    copied = content.folder(_find_origin(content, origin)) if origin else None
    unit_id = _find_unit(content, unit_id)
    files: dict[str, str] | dict[str, bytes]
    if copied is not None:
        files = template.copy_files(copied, exercise_id, title)
    else:
        published = (root / SCHEMA_FOLDER / SCHEMAS["exercise"].file_name).is_file()
        line = schema_line(SCHEMAS["exercise"], 2) if published else None
        reading = _find_reading(content, unit_id)
        files = template.make_files(exercise_id, title, reading, single=single, schema=line)
    made = template.write_exercise(content, exercise_id, files, unit_id)
    _show_new(Context(as_json=as_json), exercise_id, made)


def _find_origin(content: "Content", typed: str) -> str:
    from grader.plan.choose_id import resolve_id

    return resolve_id(typed, content.exercises, "exercise")


def _find_unit(content: "Content", typed: str | None) -> str:
    """Return the unit that was meant; if none was typed, the only one: a course in which no unit holds it is invalid.

    Raises:
        UsageError: If there is none, or none was typed and there are several.
    """
    from grader.plan.choose_id import resolve_id

    known = [unit.id for unit in content.units]
    if typed is None:
        if len(known) == 1:
            return known[0]
        raise UsageError(
            f"which unit is it for? The course has {', '.join(known) or 'none'}",
            hint="add --unit UNIT" if known else f"write a unit into {content.root}/curriculum/ first",
        )
    try:
        return resolve_id(typed, known, "unit")
    except UsageError as error:
        raise UsageError(error.message, hint=f"one of: {', '.join(known)}") from None


def _find_reading(content: "Content", unit_id: str) -> "Reading":
    """Return a reading the new exercise may belong to: the first of its unit, else of the list."""
    names = [name for unit in content.units if unit.id == unit_id for name in unit.readings]
    return content.readings[next(iter([*names, *content.readings]))]


def _show_new(context: Context, exercise_id: str, made: "NewExercise") -> None:
    from rich.console import Group

    from grader.text.console import line

    folder = short_path(made.folder)
    lines = [line("wrote  ", f"{folder}/{name}") for name in made.files]
    lines.append(line("added  ", f"{exercise_id} to {short_path(made.curriculum)}"))
    lines.append(line(("next: ", "bold"), (f"study start {exercise_id}", "green"), "   once it is what you want"))
    context.show(
        lambda: Group(*lines),
        lambda: {
            "id": exercise_id,
            "folder": str(made.folder),
            "files": list(made.files),
            "curriculum": str(made.curriculum),
        },
    )
