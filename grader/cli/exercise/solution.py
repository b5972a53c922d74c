"""`study solution`: our solution, alone or beside the learner's own."""

import click

from grader.cli.context import Context
from grader.cli.options import json_option
from grader.core.errors import UsageError
from grader.course.code import read_solution


@click.command()
@click.argument("exercise_id", metavar="[ID]", required=False)
@click.option("--give-up", is_flag=True, help="Show it although you have not solved the exercise; this is recorded.")
@click.option("--diff", is_flag=True, help="Show what you passed with beside it, function by function.")
@json_option
def solution(exercise_id: str | None, give_up: bool, diff: bool, as_json: bool) -> None:
    """Show our solution: after a pass, or with --give-up. Without ID: the exercise you started last."""
    from rich.text import Text

    context = Context(as_json=as_json)
    exercise = context.find_exercise(exercise_id)
    so_far = context.load_progress().exercises.get(exercise.id)
    solved = so_far is not None and so_far.status == "solved"
    if not solved and not give_up:
        text = f"{exercise.id} is not solved yet; its solution is shown after a pass"
        raise UsageError(text, hint=f"study hint {exercise.id}   or   study solution {exercise.id} --give-up")
    source = read_solution(exercise, context.content.folder(exercise.id))
    if diff:
        from grader.cli.exercise.solution_diff import show_comparison

        return show_comparison(context, exercise, source, gave_up=not solved)
    context.store.record_reveal(exercise.id, gave_up=not solved)
    context.show(
        lambda: Text(source.rstrip("\n"), no_wrap=True),
        lambda: {"exercise": exercise.id, "solution": source, "gave_up": not solved},
    )
