"""`study hint`: show one hint more."""

from typing import TYPE_CHECKING

import click

from grader.cli.context import Context
from grader.cli.options import json_option

if TYPE_CHECKING:
    from grader.core.models import Exercise


@click.command()
@click.argument("exercise_id", metavar="[ID]", required=False)
@json_option
def hint(exercise_id: str | None, as_json: bool) -> None:
    """Show the next hint; the ones before stay visible. Hints are counted. Without ID: the exercise you started last."""
    context = Context(as_json=as_json)
    show_hint(context, context.find_exercise(exercise_id))


def show_hint(context: Context, exercise: "Exercise") -> None:
    """Show the hints up to the next one, and record that it was seen."""
    from rich.console import Group

    from grader.text.console import line

    so_far = context.load_progress().exercises.get(exercise.id)
    number = min((so_far.hints_shown if so_far else 0) + 1, len(exercise.hints))
    context.store.record_hint(exercise.id, number)
    total = len(exercise.hints)
    lines = [line((f"hint {i} of {total}  ", "bold"), text) for i, text in enumerate(exercise.hints[:number], 1)]
    more = f"study hint {exercise.id}" if number < total else f"study solution {exercise.id} --give-up"
    lines.append(line(("still stuck: ", "dim"), (more, "green")))
    data = {"exercise": exercise.id, "shown": number, "total": total, "hints": exercise.hints[:number]}
    context.show(lambda: Group(*lines), lambda: data)
