"""`study schema`: JSON Schemas of the YAML files, and of a verdict."""

from pathlib import Path

import click

from grader.cli.author.own_course import course_option, find_own
from grader.cli.context import Context, short_path, write_data
from grader.cli.options import json_option
from grader.core.errors import UsageError


@click.command()
@click.argument("name", type=click.Choice(["reading_list", "curriculum", "exercise"]), required=False)
@click.option(
    "--write",
    "folder",
    metavar="[FOLDER]",
    is_flag=False,
    flag_value="",
    help="Write all three files; by default into docs/schema of the course.",
)
@click.option("--verdict", is_flag=True, help="Print the schema of what `study grade --json` prints.")
@course_option
@json_option
def schema(name: str | None, folder: str | None, verdict: bool, course: str | None, as_json: bool) -> None:
    """Print the JSON Schema of a kind of YAML file, for editors that complete and check."""
    from rich.console import Group

    from grader.course.json_schema import SCHEMA_FOLDER, SCHEMAS, write_schema, write_schemas
    from grader.text.console import line

    if verdict:
        from grader.formats.verdict_schema import write_verdict_schema

        if name or folder is not None:
            raise UsageError("--verdict prints one schema of its own", hint="study schema --verdict")
        write_data(write_verdict_schema())
        return
    if name and folder is not None:
        raise UsageError("--write writes all schemas", hint=f"study schema --write, or: study schema {name}")
    if name:
        write_data(write_schema(SCHEMAS[name]))
        return
    context = Context(as_json=as_json)
    if folder is not None:
        target = Path(folder).absolute() if folder else find_own(course) / SCHEMA_FOLDER
        try:
            written = write_schemas(target)
        except OSError as error:
            raise UsageError(
                f"{target} cannot be written: {error.strerror}", hint="name another folder: study schema --write FOLDER"
            ) from None
        context.show(
            lambda: Group(*(line("wrote  ", short_path(file)) for file in written)),
            lambda: {"files": [str(file) for file in written]},
        )
        return
    lines = [
        line((f"{one.name:<14}", "bold"), f"{one.files:<28}", f"study schema {one.name}") for one in SCHEMAS.values()
    ]
    context.show(
        lambda: Group(*lines), lambda: {"schemas": [{"name": one.name, "files": one.files} for one in SCHEMAS.values()]}
    )
