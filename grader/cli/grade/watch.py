"""The command `study watch`: grade on every save until it passes."""

from typing import TYPE_CHECKING

import click

from grader.cli.context import Context
from grader.cli.grade.submission import find_own_file
from grader.cli.options import device_option, isolation_option, seed_option

if TYPE_CHECKING:
    from grader.core.job import Device, Isolation


@click.command()
@click.argument("exercise_id", metavar="[ID]", required=False)
@device_option
@seed_option
@isolation_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line for every grade; no keys.")
def watch(exercise_id: str | None, device: "Device", seed: int | None, isolation: "Isolation", as_json: bool) -> int:
    """Grade your file now and on every save, until it passes.

    Keys: n what is next, h a hint (counted), r grade again, q quit. Ends with 0 after a pass, with 1 if
    you leave before it. Without ID: the exercise you started last.
    """
    from grader.cli.grade.watch_session import WatchSession
    from grader.grading.job import GradeOptions

    context = Context(as_json=as_json)
    exercise = context.find_exercise(exercise_id)
    path = find_own_file(context, exercise)
    return WatchSession(context, exercise, path, GradeOptions(device, seed, isolation)).run()
