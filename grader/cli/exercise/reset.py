"""`study reset`: put the untouched stub back."""

import click

from grader.cli.context import Context, short_path
from grader.cli.options import json_option
from grader.core.errors import UsageError


@click.command()
@click.argument("exercise_id", metavar="[ID]", required=False)
@json_option
def reset(exercise_id: str | None, as_json: bool) -> None:
    """Put the untouched stub back; your file is kept as a backup. Without ID: the exercise you started last."""
    from grader.cli.exercise.stubs import choose_kind, make_stub
    from grader.text.console import line

    context = Context(as_json=as_json)
    exercise = context.find_exercise(exercise_id)
    if not context.workspace.submission_path(exercise.id).exists():
        raise UsageError(f"there is no file of {exercise.id} to reset", hint=f"study start {exercise.id}")
    kind = choose_kind(context, exercise)
    stub = make_stub(context, exercise, kind)
    path, backup = context.workspace.write_stub(exercise.id, stub, replace=True, kind=kind)
    context.store.record_reset(exercise.id, str(backup))
    context.show(
        lambda: line(
            f"reset {short_path(path)}; your version is kept in {short_path(backup) if backup else 'no backup'}"
        ),
        lambda: {"exercise": exercise.id, "path": str(path), "backup": str(backup) if backup else None},
    )
