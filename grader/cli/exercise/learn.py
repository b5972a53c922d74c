"""The commands around a grade: next, start, hint, show, reset, solution."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.context import Context, read_clock, short_path
from grader.cli.options import json_option
from grader.core.errors import UsageError
from grader.course.code import read_solution

if TYPE_CHECKING:
    from rich.console import RenderableType

    from grader.core.models import Exercise
    from grader.plan.reviews import ReviewPlan
    from grader.view.figures import Format


@click.command("next")
@json_option
def next_step(as_json: bool) -> None:
    """Say what to read and solve now, and why."""
    show_next(Context(as_json=as_json))


def show_next(context: Context) -> None:
    """Show the reviews that are due and the next step, as the progress log has them now."""
    from msgspec import to_builtins

    from grader.plan.next_step import plan_next
    from grader.plan.reviews import plan_reviews
    from grader.view.next_step import render_next

    known = context.load_progress()
    step, reviews = plan_next(context.content, known), plan_reviews(context.content, known, read_clock())
    told = {
        "exercise": _describe_exercise(step.exercise) if step.exercise else None,
        "reviews": to_builtins(reviews),
    }
    context.show(lambda: _render_with_reviews(reviews, render_next(step)), lambda: to_builtins(step) | told)


def _render_with_reviews(reviews: "ReviewPlan", step: "RenderableType") -> "RenderableType":
    if not reviews.first:
        return step
    from rich.console import Group

    from grader.view.reviews import render_first_reviews

    return Group(render_first_reviews(reviews), step)


def _describe_exercise(exercise: "Exercise") -> dict[str, Any]:
    """Return an exercise as plain data, without what the course keeps to itself until it is asked for or earned."""
    from msgspec import to_builtins

    from grader.core.verdict import name_check

    hidden = {"hints", "mutants", "solution", "accept", "equivalent", "checks", "taught", "questions"}
    data = {key: value for key, value in to_builtins(exercise).items() if key not in hidden}
    data["checks"] = [
        {"id": c.id, "title": name_check(c), "points": c.points, "needs": c.needs, "timeout_s": c.timeout_s}
        for c in exercise.checks
    ]
    return data


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
        lambda: _describe_exercise(exercise) | {"status": status, "path": str(path)},
    )
    context.warm_up()
    return 0


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
