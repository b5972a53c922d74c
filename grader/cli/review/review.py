"""Reviews: `study review` hands out what is due, grades it, and rates it from what happened."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.context import Context, read_clock, short_path
from grader.cli.options import device_option, isolation_option, json_option, seed_option
from grader.cli.review.choice import choose_open, find_begun, find_subject, require_done, require_solved
from grader.core.errors import ProgressError, UsageError, WorkspaceError

if TYPE_CHECKING:
    from grader.core.job import Device, Isolation
    from grader.core.models import Exercise, Reading
    from grader.core.verdict import Verdict
    from grader.grading import GradeOptions

#: So many of the reviews to come are listed.
MOST_COMING = 10


@click.command()
@click.argument("subject", metavar="[ID]", required=False)
@click.option("--list", "listed", is_flag=True, help="List what is due, and what comes next.")
@click.option("--grade", "graded", is_flag=True, help="Grade the file that was handed out; a pass ends the review.")
@click.option("--give-up", is_flag=True, help="End it without a pass, and see our solution; it comes back soon.")
@click.option(
    "--rate",
    type=click.Choice(["again", "hard", "good", "easy"]),
    help="How well you recalled a reading; exercises are rated from what happened.",
)
@device_option
@seed_option
@isolation_option
@json_option
def review(
    subject: str | None,
    listed: bool,
    graded: bool,
    give_up: bool,
    rate: str | None,
    device: "Device",
    seed: int | None,
    isolation: "Isolation",
    as_json: bool,
) -> int:
    """Solve again what is due, from a fresh stub. Without ID: what you are least likely to recall."""
    context = Context(as_json=as_json)
    asked = [
        name
        for name, given in (
            ("--list", listed),
            ("--grade", graded),
            ("--give-up", give_up),
            ("--rate", rate is not None),
        )
        if given
    ]
    if len(asked) > 1:
        raise UsageError(f"{asked[0]} and {asked[1]} cannot be combined", hint="study review --help")
    from grader.grading.job import GradeOptions

    options = GradeOptions(device, seed, isolation)
    if not graded and options != GradeOptions():
        raise UsageError("--device, --seed and --isolation go with --grade", hint="study review --grade")
    if listed:
        if subject is not None:
            raise UsageError("--list shows all reviews; it takes no ID", hint=f"study review {subject}")
        _list_reviews(context)
    elif graded:
        return _grade_review(context, choose_open(context, subject, "--grade"), options)
    elif give_up:
        _give_up(context, choose_open(context, subject, "--give-up"))
    elif rate is not None:
        _rate_reading(context, subject, rate)
    else:
        _hand_out(context, subject)
    return 0


def _list_reviews(context: Context) -> None:
    from msgspec import to_builtins

    from grader.plan.reviews import find_coming, find_due
    from grader.view.reviews import render_reviews

    now, known = read_clock(), context.load_progress()
    due, coming = find_due(context.content, known, now), find_coming(context.content, known, now, MOST_COMING)
    context.show(lambda: render_reviews(due, coming), lambda: {"due": to_builtins(due), "coming": to_builtins(coming)})


def _hand_out(context: Context, typed: str | None) -> None:
    """Hand out what was named, else what is due; a file that was handed out before is gone on with."""
    from msgspec import to_builtins

    from grader.plan.reviews import find_coming, find_due
    from grader.view.reviews import render_nothing_due

    if typed is not None:
        _hand_out_subject(context, find_subject(context, typed))
        return
    if begun := find_begun(context):
        _hand_out_exercise(context, context.content.exercises[begun[0]])
        return
    now, known = read_clock(), context.load_progress()
    due = find_due(context.content, known, now)
    if not due:
        coming = find_coming(context.content, known, now, 1)
        context.show(
            lambda: render_nothing_due(next(iter(coming), None)),
            lambda: {"due": [], "coming": to_builtins(coming)},
        )
        return
    subjects: Any = context.content.exercises if due[0].kind == "exercise" else context.content.readings
    _hand_out_subject(context, subjects[due[0].subject])


def _hand_out_subject(context: Context, subject: "Exercise | Reading") -> None:
    from grader.core.models import Exercise

    if isinstance(subject, Exercise):
        _hand_out_exercise(context, subject)
    else:
        _show_reading(context, subject)


def _hand_out_exercise(context: Context, exercise: "Exercise") -> None:
    from msgspec import to_builtins

    from grader.course.code import read_stub
    from grader.files.workspace import make_review_folder, write_whole
    from grader.view.reviews import render_handed_out

    due = require_solved(context, exercise.id)
    path = context.workspace.review_path(exercise.id)
    fresh = not os.path.lexists(path)
    if fresh:
        stub = read_stub(exercise, context.content.folder(exercise.id))
        make_review_folder(context.workspace)
        # First the log: without it, what happens from here on would not count.
        context.store.record_review_start(exercise.id)
        write_whole(path, stub.encode("utf-8"))
    own = context.workspace.submission_path(exercise.id)
    kept = short_path(own) if own.exists() else None
    data = {
        "kind": "exercise",
        "subject": exercise.id,
        "path": str(path),
        "new": fresh,
        "due": to_builtins(due) if due else None,
    }
    context.show(lambda: render_handed_out(exercise, due, short_path(path), kept, fresh=fresh), lambda: data)
    context.warm_up()


def _show_reading(context: Context, reading: "Reading") -> None:
    from msgspec import to_builtins

    from grader.view.reviews import render_reading_review

    known, due = context.load_progress(), require_done(context, reading.id)
    notes = known.readings[reading.id].notes
    context.show(
        lambda: render_reading_review(reading, due, notes),
        lambda: {"kind": "reading", "subject": reading.id, "due": to_builtins(due) if due else None, "notes": notes},
    )


def _grade_review(context: Context, exercise: "Exercise", options: "GradeOptions") -> int:
    from grader.cli.grade.one_file import grade_file
    from grader.grading import SubmissionText

    path = context.workspace.review_path(exercise.id)
    text = SubmissionText(_read_review_file(path, exercise.id))
    finished: list[dict[str, Any]] = []

    def finish(verdict: "Verdict") -> ProgressError | None:
        # What cannot be logged is not rated either: the file stays, to be graded once the log works again.
        if verdict.verdict == "passed":
            try:
                finished.append(_finish(context, exercise))
            except ProgressError as error:
                return error
        return None

    def show(verdict: "Verdict") -> None:
        _show_graded(context, exercise, verdict, finished[0] if finished else None)

    return grade_file(context, exercise, path, text, options, show, finish)


def _read_review_file(path: Path, exercise_id: str) -> str:
    from grader.core.errors import SubmissionUnreadable
    from grader.files.workspace import read_submission

    try:
        return read_submission(path)
    except SubmissionUnreadable as error:
        hint = f"correct it, or give the review up (the file is kept): study review {exercise_id} --give-up"
        raise SubmissionUnreadable(error.message, hint=hint) from None


def _finish(context: Context, exercise: "Exercise", *, gave_up: bool = False) -> dict[str, Any]:
    """Rate a review that has ended, and move its file to the backups; returns what there is to tell."""
    from msgspec import to_builtins

    from grader.plan.reviews import RATINGS, find_review, rate_work

    path = context.workspace.review_path(exercise.id)
    work = context.store.count_review_work(exercise.id, f"{os.sep}{path.parent.name}{os.sep}{path.name}")
    # Whatever the log says: a clock that went back since the stub was handed out hides what came after it.
    attempts, revealed = max(work.attempts, 0 if gave_up else 1), work.revealed or gave_up
    rating = rate_work(attempts=attempts, hints=work.hints, revealed=revealed)
    context.store.record_review("exercise", exercise.id, rating, attempts=attempts, hints=work.hints, revealed=revealed)
    backup = _set_aside(context, path)
    due = find_review(context.content, context.store.load_progress(), read_clock(), "exercise", exercise.id)
    return {
        "rating": RATINGS[rating],
        "attempts": attempts,
        "hints": work.hints,
        "revealed": revealed,
        "next": to_builtins(due) if due else None,
        "backup": str(backup) if backup else None,
    }


def _set_aside(context: Context, path: Path) -> Path | None:
    try:
        return context.workspace.set_aside(path)
    except WorkspaceError as error:  # the review is over all the same
        context.say(f"study: {error.message}\nnext: {error.hint}")
        return None


def _show_graded(context: Context, exercise: "Exercise", verdict: Any, finished: dict[str, Any] | None) -> None:
    from msgspec import to_builtins
    from rich.console import Group

    from grader.cli.grade.outcome import render_outcome
    from grader.view.reviews import render_rated, render_review_open

    context.show(
        lambda: Group(
            render_outcome(context, exercise, verdict, context.workspace.review_path(exercise.id)),
            render_rated(finished) if finished else render_review_open(exercise.id),
        ),
        lambda: to_builtins(verdict) | {"review": finished},
    )


def _give_up(context: Context, exercise: "Exercise") -> None:
    from rich.console import Group
    from rich.text import Text

    from grader.course.code import read_solution
    from grader.view.reviews import render_rated

    source = read_solution(exercise, context.content.folder(exercise.id))
    context.store.record_reveal(exercise.id, gave_up=False)  # it was solved once, and stays solved
    finished = _finish(context, exercise, gave_up=True)
    context.show(
        lambda: Group(Text(source.rstrip("\n")), Text(), render_rated(finished)),
        lambda: {"exercise": exercise.id, "solution": source, "review": finished},
    )


def _rate_reading(context: Context, typed: str | None, rate: str) -> None:
    from msgspec import to_builtins

    from grader.core.models import Exercise
    from grader.plan.reviews import RATINGS, find_review
    from grader.view.reviews import render_reading_rated

    if typed is None:
        raise UsageError("--rate needs the reading that is rated", hint="study review --list")
    subject = find_subject(context, typed, reading_first=True)
    if isinstance(subject, Exercise):
        raise UsageError(
            f"{subject.id} is an exercise: it is rated from what happens, not by you",
            hint=f"study review {subject.id}",
        )
    require_done(context, subject.id)
    number = next(number for number, name in RATINGS.items() if name == rate)
    context.store.record_review("reading", subject.id, number)
    due = find_review(context.content, context.load_progress(), read_clock(), "reading", subject.id)
    context.show(
        lambda: render_reading_rated(subject.id, rate, due),
        lambda: {"kind": "reading", "subject": subject.id, "rating": rate, "next": to_builtins(due) if due else None},
    )
