"""`study show`: what an exercise asks for, or the pictures of its last grade."""

from typing import TYPE_CHECKING

import click

from grader.cli.context import Context, short_path
from grader.cli.exercise.describe import describe_exercise
from grader.cli.options import json_option
from grader.core.errors import UsageError

if TYPE_CHECKING:
    from grader.view.figures import Format


@click.command()
@click.argument("exercise_id", metavar="[ID]", required=False)
@click.option("--plot", is_flag=True, help="Draw the pictures of its last grade instead, here and as files.")
@click.option("--format", "form", type=click.Choice(["svg", "png"]), help="With --plot: which files.  [default: svg]")
@json_option
def show(exercise_id: str | None, plot: bool, form: "Format | None", as_json: bool) -> int:
    """Show what an exercise asks for. Without ID: the exercise you started last."""
    if plot:
        from grader.cli.exercise.plot import show_pictures

        context = Context(as_json=as_json)
        return show_pictures(context, context.find_exercise(exercise_id), form)
    if form is not None:
        raise UsageError(
            "--format goes with --plot",
            hint=f"study show{f' {exercise_id}' if exercise_id else ''} --plot --format {form}",
        )
    from grader.view.next_step import render_exercise, status_of

    context = Context(as_json=as_json)
    exercise = context.find_exercise(exercise_id)
    status = status_of(context.load_progress(), exercise.id)
    path = context.workspace.submission_path(exercise.id)
    where = short_path(path) if path.exists() else f"study start {exercise.id}   writes {short_path(path)}"
    context.show(
        lambda: render_exercise(context.content, exercise, status, where),
        lambda: describe_exercise(exercise) | {"status": status, "path": str(path)},
    )
    context.warm_up()
    return 0
