"""The commands around a grade: next, start, hint, show, reset, solution."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.context import Desk, read_clock, short_path
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
    show_next(Desk(as_json=as_json))


def show_next(desk: Desk) -> None:
    """Show the reviews that are due and the next step, as the progress log has them now."""
    from msgspec import to_builtins

    from grader.plan.next_step import plan_next
    from grader.plan.reviews import plan_reviews
    from grader.view.next_step import render_next

    known = desk.load_progress()
    step, reviews = plan_next(desk.content, known), plan_reviews(desk.content, known, read_clock())
    told = {
        "exercise": _describe_exercise(step.exercise) if step.exercise else None,
        "reviews": to_builtins(reviews),
    }
    desk.show(lambda: _render_with_reviews(reviews, render_next(step)), lambda: to_builtins(step) | told)


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

    desk = Desk(as_json=as_json)
    exercise = desk.find_exercise(exercise_id)
    kind = choose_kind(desk, exercise, notebook)
    stub = make_stub(desk, exercise, kind)
    store = desk.store
    path, backup, fresh = desk.workspace.place(exercise.id, kind), None, True
    try:
        path, backup = desk.workspace.write_stub(exercise.id, stub, replace=force, kind=kind)
    except FileExistsError:
        fresh = False
    store.record_start(exercise.id)
    _show_started(desk, exercise, path, backup, fresh=fresh)
    desk.warm_up()


def _show_started(desk: Desk, exercise: "Exercise", path: Path, backup: Path | None, *, fresh: bool) -> None:
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
    desk.show(lambda: Group(*lines), lambda: data)


@click.command()
@click.argument("exercise_id", metavar="[ID]", required=False)
@json_option
def hint(exercise_id: str | None, as_json: bool) -> None:
    """Show the next hint; the ones before stay visible. Hints are counted. Without ID: the exercise you started last."""
    desk = Desk(as_json=as_json)
    show_hint(desk, desk.find_exercise(exercise_id))


def show_hint(desk: Desk, exercise: "Exercise") -> None:
    """Show the hints up to the next one, and record that it was seen."""
    from rich.console import Group

    from grader.text.console import line

    standing = desk.load_progress().exercises.get(exercise.id)
    number = min((standing.hints_shown if standing else 0) + 1, len(exercise.hints))
    desk.store.record_hint(exercise.id, number)
    total = len(exercise.hints)
    lines = [line((f"hint {i} of {total}  ", "bold"), text) for i, text in enumerate(exercise.hints[:number], 1)]
    more = f"study hint {exercise.id}" if number < total else f"study solution {exercise.id} --give-up"
    lines.append(line(("still stuck: ", "dim"), (more, "green")))
    data = {"exercise": exercise.id, "shown": number, "total": total, "hints": exercise.hints[:number]}
    desk.show(lambda: Group(*lines), lambda: data)


@click.command()
@click.argument("exercise_id", metavar="[ID]", required=False)
@click.option("--plot", is_flag=True, help="Draw the pictures of its last grade instead, here and as files.")
@click.option("--format", "form", type=click.Choice(["svg", "png"]), help="With --plot: which files.  [default: svg]")
@json_option
def show(exercise_id: str | None, plot: bool, form: "Format | None", as_json: bool) -> int:
    """Show what an exercise asks for. Without ID: the exercise you started last."""
    if plot:
        from grader.cli.exercise.plot import show_pictures

        desk = Desk(as_json=as_json)
        return show_pictures(desk, desk.find_exercise(exercise_id), form)
    if form is not None:
        raise UsageError(
            "--format goes with --plot",
            hint=f"study show{f' {exercise_id}' if exercise_id else ''} --plot --format {form}",
        )
    from grader.view.next_step import render_exercise, status_of

    desk = Desk(as_json=as_json)
    exercise = desk.find_exercise(exercise_id)
    status = status_of(desk.load_progress(), exercise.id)
    path = desk.workspace.submission_path(exercise.id)
    where = short_path(path) if path.exists() else f"study start {exercise.id}   writes {short_path(path)}"
    desk.show(
        lambda: render_exercise(desk.content, exercise, status, where),
        lambda: _describe_exercise(exercise) | {"status": status, "path": str(path)},
    )
    desk.warm_up()
    return 0


@click.command()
@click.argument("exercise_id", metavar="[ID]", required=False)
@json_option
def reset(exercise_id: str | None, as_json: bool) -> None:
    """Put the untouched stub back; your file is kept as a backup. Without ID: the exercise you started last."""
    from grader.cli.exercise.stubs import choose_kind, make_stub
    from grader.text.console import line

    desk = Desk(as_json=as_json)
    exercise = desk.find_exercise(exercise_id)
    if not desk.workspace.submission_path(exercise.id).exists():
        raise UsageError(f"there is no file of {exercise.id} to reset", hint=f"study start {exercise.id}")
    kind = choose_kind(desk, exercise)
    stub = make_stub(desk, exercise, kind)
    path, backup = desk.workspace.write_stub(exercise.id, stub, replace=True, kind=kind)
    desk.store.record_reset(exercise.id, str(backup))
    desk.show(
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

    desk = Desk(as_json=as_json)
    exercise = desk.find_exercise(exercise_id)
    standing = desk.load_progress().exercises.get(exercise.id)
    solved = standing is not None and standing.status == "solved"
    if not solved and not give_up:
        text = f"{exercise.id} is not solved yet; its solution is shown after a pass"
        raise UsageError(text, hint=f"study hint {exercise.id}   or   study solution {exercise.id} --give-up")
    source = read_solution(exercise, desk.content.folder(exercise.id))
    if diff:
        from grader.cli.exercise.solution_diff import show_comparison

        return show_comparison(desk, exercise, source, gave_up=not solved)
    desk.store.record_reveal(exercise.id, gave_up=not solved)
    desk.show(
        lambda: Text(source.rstrip("\n"), no_wrap=True),
        lambda: {"exercise": exercise.id, "solution": source, "gave_up": not solved},
    )
