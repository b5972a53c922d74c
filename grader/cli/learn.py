"""The commands of the main job: next, start, grade, hint, show, reset, solution."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.desk import Desk, short_path
from grader.errors import ProgressError, UsageError

if TYPE_CHECKING:
    from grader.models import Exercise
    from grader.progress import NewAttempt
    from grader.verdict import Verdict

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
SOLUTION_FILE = "solution.py"
STUB_FILE = "stub.py"


@click.command("next")
@json_option
def next_step(as_json: bool) -> None:
    """Say what to read and solve now, and why."""
    from msgspec import to_builtins

    from grader.planner import plan_next
    from grader.view.plan import render_next

    desk = Desk(as_json=as_json)
    step = plan_next(desk.content, desk.load_progress())
    desk.show(lambda: render_next(step), lambda: to_builtins(step))


@click.command()
@click.argument("exercise_id", metavar="ID")
@click.option("--force", is_flag=True, help="Begin anew; your file so far is kept as a backup.")
@json_option
def start(exercise_id: str, force: bool, as_json: bool) -> None:
    """Put an exercise's file into the workspace."""
    desk = Desk(as_json=as_json)
    exercise = desk.find_exercise(exercise_id)
    stub = (desk.content.folder(exercise.id) / STUB_FILE).read_text(encoding="utf-8")
    store = desk.store
    path, backup, fresh = desk.workspace.submission_path(exercise.id), None, True
    try:
        path, backup = desk.workspace.write_stub(exercise.id, stub, replace=force)
    except FileExistsError:
        fresh = False
    store.record_start(exercise.id)
    _show_started(desk, exercise, path, backup, fresh=fresh)


def _show_started(desk: Desk, exercise: "Exercise", path: Path, backup: Path | None, *, fresh: bool) -> None:
    from rich.console import Group

    from grader.view.text import line

    lines = [
        line(
            ("wrote  " if fresh else "kept   ", "bold"), short_path(path), "" if fresh else "  (it was there already)"
        ),
        *([line(("backup ", "bold"), short_path(backup))] if backup else []),
        line(("Type   ", "bold"), (f"study show {exercise.id}", "green"), "    what it asks for"),
        line(("       ", ""), (f"study grade {exercise.id}", "green"), "   grade it"),
    ]
    if not fresh:
        lines.append(line(("       ", ""), (f"study start {exercise.id} --force", "green"), "   begin anew"))
    data = {"exercise": exercise.id, "path": str(path), "new": fresh, "backup": str(backup) if backup else None}
    desk.show(lambda: Group(*lines), lambda: data)


@click.command()
@click.argument("exercise_id", metavar="[ID]", required=False)
@click.option("--submission", type=click.Path(path_type=Path), help="Grade this file instead of your own.")
@click.option("--device", type=click.Choice(["cpu", "cuda", "mps", "auto"]), default="cpu", show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Repeat a grade with the same inputs.")
@json_option
def grade(exercise_id: str | None, submission: Path | None, device: str, seed: int | None, as_json: bool) -> int:
    """Run the hidden checks on your file. Without ID: the exercise you started last."""
    import secrets

    from grader.runner import Engine
    from grader.workspace import read_submission

    desk = Desk(as_json=as_json)
    exercise = _choose_exercise(desk, exercise_id)
    path = submission or desk.workspace.submission_path(exercise.id)
    if submission is None and not path.exists() and not path.is_symlink():
        raise UsageError(f"{short_path(path)} is not there yet", hint=f"study start {exercise.id}")
    source = read_submission(path)
    engine = Engine()  # torch loads while we go on
    try:
        store = desk.store
        corpus = desk.load_corpus(exercise)
        with _watch(desk, exercise) as on_event:
            verdict = engine.grade(
                exercise,
                desk.content.folder(exercise.id),
                submission=source,
                path=short_path(path.absolute()),
                seed=secrets.randbelow(2**31) if seed is None else seed,
                device=device,
                corpus=corpus,
                on_event=on_event,
            )
    finally:
        engine.stop()
    unlogged: ProgressError | None = None
    try:
        store.record_attempt(_attempt(verdict, source, path))
    except ProgressError as error:  # the verdict is shown all the same
        unlogged = error
    _show_verdict(desk, exercise, verdict)
    if unlogged is not None:
        raise unlogged
    return {"passed": 0, "failed": 1, "grader_fault": 4}[verdict.verdict]


def _choose_exercise(desk: Desk, typed: str | None) -> "Exercise":
    if typed is not None:
        return desk.find_exercise(typed)
    last = desk.load_progress().last_started
    if last is None or last not in desk.content.exercises:
        raise UsageError("no exercise has been started yet", hint="study next")
    return desk.content.exercises[last]


def _watch(desk: Desk, exercise: "Exercise") -> Any:
    from grader.view.watching import watch_grade

    return watch_grade(exercise, quiet=desk.as_json)


def _attempt(verdict: "Verdict", source: str, path: Path) -> "NewAttempt":
    from grader.progress import NewAttempt

    return NewAttempt(
        exercise_id=verdict.exercise,
        verdict=verdict.verdict,
        score=verdict.score,
        max_score=verdict.max_score,
        seed=verdict.seed,
        device=verdict.device,
        corpus=verdict.corpus,
        elapsed_s=verdict.elapsed_s,
        submission=source,
        submission_path=str(path),
        checks=verdict.checks,
        isolation=verdict.isolation,
    )


def _show_verdict(desk: Desk, exercise: "Exercise", verdict: "Verdict") -> None:
    from msgspec import to_builtins
    from rich.console import Group

    from grader.view.text import line
    from grader.view.verdict import render_verdict

    if verdict.verdict == "passed":
        steps = f"study next   (compare with ours: study solution {exercise.id})"
    else:
        steps = f"study grade {exercise.id}   (stuck: study hint {exercise.id})"
    desk.show(
        lambda: Group(render_verdict(verdict, exercise.title), line(("next: ", "bold"), (steps, "green"))),
        lambda: to_builtins(verdict),
    )


@click.command()
@click.argument("exercise_id", metavar="ID")
@json_option
def hint(exercise_id: str, as_json: bool) -> None:
    """Show the next hint; the ones before stay visible. Hints are counted."""
    from rich.console import Group

    from grader.view.text import line

    desk = Desk(as_json=as_json)
    exercise = desk.find_exercise(exercise_id)
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
@click.argument("exercise_id", metavar="ID")
@json_option
def show(exercise_id: str, as_json: bool) -> None:
    """Show what an exercise asks for."""
    from msgspec import to_builtins

    from grader.view.plan import render_exercise, status_of

    desk = Desk(as_json=as_json)
    exercise = desk.find_exercise(exercise_id)
    status = status_of(desk.load_progress(), exercise.id)
    path = desk.workspace.submission_path(exercise.id)
    where = short_path(path) if path.exists() else f"study start {exercise.id}   writes {short_path(path)}"
    hidden = {"hints", "mutants"}  # what the course keeps to itself until it is asked or earned
    data = {key: value for key, value in to_builtins(exercise).items() if key not in hidden}
    desk.show(
        lambda: render_exercise(desk.content, exercise, status, where),
        lambda: data | {"status": status, "path": str(path)},
    )


@click.command()
@click.argument("exercise_id", metavar="ID")
@json_option
def reset(exercise_id: str, as_json: bool) -> None:
    """Put the untouched stub back; your file is kept as a backup."""
    from grader.view.text import line

    desk = Desk(as_json=as_json)
    exercise = desk.find_exercise(exercise_id)
    if not desk.workspace.submission_path(exercise.id).exists():
        raise UsageError(f"there is no file of {exercise.id} to reset", hint=f"study start {exercise.id}")
    stub = (desk.content.folder(exercise.id) / STUB_FILE).read_text(encoding="utf-8")
    path, backup = desk.workspace.write_stub(exercise.id, stub, replace=True)
    desk.store.record_reset(exercise.id, str(backup))
    desk.show(
        lambda: line(
            f"reset {short_path(path)}; your version is kept in {short_path(backup) if backup else 'no backup'}"
        ),
        lambda: {"exercise": exercise.id, "path": str(path), "backup": str(backup) if backup else None},
    )


@click.command()
@click.argument("exercise_id", metavar="ID")
@click.option("--give-up", is_flag=True, help="Show it although you have not solved the exercise; this is recorded.")
@json_option
def solution(exercise_id: str, give_up: bool, as_json: bool) -> None:
    """Show our solution: after a pass, or with --give-up."""
    from rich.text import Text

    desk = Desk(as_json=as_json)
    exercise = desk.find_exercise(exercise_id)
    standing = desk.load_progress().exercises.get(exercise.id)
    solved = standing is not None and standing.status == "solved"
    if not solved and not give_up:
        text = f"{exercise.id} is not solved yet; its solution is shown after a pass"
        raise UsageError(text, hint=f"study hint {exercise.id}   or   study solution {exercise.id} --give-up")
    desk.store.record_reveal(exercise.id, gave_up=not solved)
    source = (desk.content.folder(exercise.id) / SOLUTION_FILE).read_text(encoding="utf-8")
    desk.show(
        lambda: Text(source.rstrip("\n")),
        lambda: {"exercise": exercise.id, "solution": source, "gave_up": not solved},
    )
