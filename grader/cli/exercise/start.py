"""`study start`: put an exercise's file into the workspace."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.context import Context, short_path
from grader.cli.options import json_option

if TYPE_CHECKING:
    from grader.core.models import Exercise


@click.command()
@click.argument("exercise_id", metavar="ID")
@click.option("--force", is_flag=True, help="Begin again; your file so far is kept as a backup.")
@click.option(
    "--notebook/--no-notebook",
    default=None,
    help="A Jupyter notebook or a Python file.  [default: what is there, or a file]",
)
@json_option
def start(exercise_id: str, force: bool, notebook: bool | None, as_json: bool) -> None:
    """Put an exercise's file into the workspace."""
    from grader.cli.exercise.stubs import choose_kind, make_stub

    context = Context(as_json=as_json)
    exercise = context.find_exercise(exercise_id)
    kind = choose_kind(context, exercise, notebook)
    stub = make_stub(context, exercise, kind)
    store = context.store
    path, backup, fresh = context.workspace.place(exercise.id, kind), None, True
    try:
        path, backup = context.workspace.write_stub(exercise.id, stub, replace=force, kind=kind)
    except FileExistsError:
        fresh = False
    store.record_start(exercise.id)
    _show_started(context, exercise, path, backup, fresh=fresh)
    context.warm_up()


def _show_started(context: Context, exercise: "Exercise", path: Path, backup: Path | None, *, fresh: bool) -> None:
    from rich.console import Group

    from grader.text.console import line

    lines = [
        line(
            ("wrote  " if fresh else "kept   ", "bold"), short_path(path), "" if fresh else "  (it was there already)"
        ),
        *([line(("backup ", "bold"), short_path(backup))] if backup else []),
        line(("Type   ", "bold"), (f"study show {exercise.id}", "green"), "    what it asks for"),
        line(("       ", ""), (f"study grade {exercise.id}", "green"), "   grade it"),
    ]
    if not fresh:
        again = f"study start {exercise.id}{' --notebook' if path.suffix == '.ipynb' else ''} --force"
        lines.append(line(("       ", ""), (again, "green"), "   begin again"))
    data = {"exercise": exercise.id, "path": str(path), "new": fresh, "backup": str(backup) if backup else None}
    context.show(lambda: Group(*lines), lambda: data)
