"""Reviews: `study review` hands out what is due, grades it, and rates it from what happened."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.context import Desk, read_clock, short_path
from grader.cli.exercise.learn import json_option
from grader.cli.grade.grade import (
    EXIT_CODES,
    Manner,
    device_option,
    isolation_option,
    seed_option,
)
from grader.cli.review.choice import choose_open, find_begun, find_subject, require_done, require_solved
from grader.core.errors import ProgressError, UsageError, WorkspaceError

if TYPE_CHECKING:
    from grader.core.job import Isolation
    from grader.core.models import Exercise, Reading

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
    device: str,
    seed: int | None,
    isolation: "Isolation",
    as_json: bool,
) -> int:
    """Solve again what is due, from a fresh stub. Without ID: what you are least likely to recall."""
    desk = Desk(as_json=as_json)
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
        raise UsageError(f"{asked[0]} and {asked[1]} do not go together", hint="study review --help")
    manner = Manner(device, seed, isolation)
    if not graded and manner != Manner():
        raise UsageError("--device, --seed and --isolation go with --grade", hint="study review --grade")
    if listed:
        if subject is not None:
            raise UsageError("--list shows all reviews; it takes no ID", hint=f"study review {subject}")
        _list_reviews(desk)
    elif graded:
        return _grade_review(desk, choose_open(desk, subject, "--grade"), manner)
    elif give_up:
        _give_up(desk, choose_open(desk, subject, "--give-up"))
    elif rate is not None:
        _rate_reading(desk, subject, rate)
    else:
        _hand_out(desk, subject)
    return 0


def _list_reviews(desk: Desk) -> None:
    from msgspec import to_builtins

    from grader.plan.reviews import find_coming, find_due
    from grader.view.reviews import render_reviews

    now, known = read_clock(), desk.load_progress()
    due, coming = find_due(desk.content, known, now), find_coming(desk.content, known, now, MOST_COMING)
    desk.show(lambda: render_reviews(due, coming), lambda: {"due": to_builtins(due), "coming": to_builtins(coming)})


def _hand_out(desk: Desk, typed: str | None) -> None:
    """Hand out what was named, else what is due; a file that was handed out before is gone on with."""
    from msgspec import to_builtins

    from grader.plan.reviews import find_coming, find_due
    from grader.view.reviews import render_nothing_due

    if typed is not None:
        _hand_out_subject(desk, find_subject(desk, typed))
        return
    if begun := find_begun(desk):
        _hand_out_exercise(desk, desk.content.exercises[begun[0]])
        return
    now, known = read_clock(), desk.load_progress()
    due = find_due(desk.content, known, now)
    if not due:
        coming = find_coming(desk.content, known, now, 1)
        desk.show(
            lambda: render_nothing_due(next(iter(coming), None)),
            lambda: {"due": [], "coming": to_builtins(coming)},
        )
        return
    subjects: Any = desk.content.exercises if due[0].kind == "exercise" else desk.content.readings
    _hand_out_subject(desk, subjects[due[0].subject])


def _hand_out_subject(desk: Desk, subject: "Exercise | Reading") -> None:
    from grader.core.models import Exercise

    if isinstance(subject, Exercise):
        _hand_out_exercise(desk, subject)
    else:
        _show_reading(desk, subject)


def _hand_out_exercise(desk: Desk, exercise: "Exercise") -> None:
    from msgspec import to_builtins

    from grader.course.code import read_stub
    from grader.files.workspace import make_review_folder, write_whole
    from grader.view.reviews import render_handed_out

    due = require_solved(desk, exercise.id)
    path = desk.workspace.review_path(exercise.id)
    fresh = not os.path.lexists(path)
    if fresh:
        stub = read_stub(exercise, desk.content.folder(exercise.id))
        make_review_folder(desk.workspace)
        # First the log: without it, what happens from here on would not count.
        desk.store.record_review_start(exercise.id)
        write_whole(path, stub.encode("utf-8"))
    own = desk.workspace.submission_path(exercise.id)
    kept = short_path(own) if own.exists() else None
    data = {
        "kind": "exercise",
        "subject": exercise.id,
        "path": str(path),
        "new": fresh,
        "due": to_builtins(due) if due else None,
    }
    desk.show(lambda: render_handed_out(exercise, due, short_path(path), kept, fresh=fresh), lambda: data)
    desk.warm_up()


def _show_reading(desk: Desk, reading: "Reading") -> None:
    from msgspec import to_builtins

    from grader.view.reviews import render_reading_review

    known, due = desk.load_progress(), require_done(desk, reading.id)
    notes = known.readings[reading.id].notes
    desk.show(
        lambda: render_reading_review(reading, due, notes),
        lambda: {"kind": "reading", "subject": reading.id, "due": to_builtins(due) if due else None, "notes": notes},
    )


def _grade_review(desk: Desk, exercise: "Exercise", manner: Manner) -> int:
    from grader.cli.grade.grade import GradeRun, record_verdict, tell_fallen_back
    from grader.engine.client import Engine

    path = desk.workspace.review_path(exercise.id)
    run = GradeRun(desk, exercise, path, _read_review_file(path, exercise.id), manner)
    desk.settle_server()
    engine = Engine()
    try:
        run.corpus = desk.load_corpus(exercise)
        run.submit(engine)
        from grader.view.watching import watch_grade

        _ = desk.store
        with watch_grade(exercise, quiet=desk.as_json) as on_event:
            verdict = engine.follow(on_event)
        tell_fallen_back(desk, engine)
        unlogged, finished = record_verdict(desk, run, verdict), None
        # What cannot be logged is not rated either: the file stays, to be graded once the log works again.
        if verdict.verdict == "passed" and unlogged is None:
            try:
                finished = _finish(desk, exercise)
            except ProgressError as error:
                unlogged = error
        _show_graded(desk, exercise, verdict, finished)
    finally:
        engine.stop(wait=False)
    if unlogged is not None:
        raise unlogged
    if not engine.warm:
        desk.warm_up()
    return EXIT_CODES[verdict.verdict]


def _read_review_file(path: Path, exercise_id: str) -> str:
    from grader.core.errors import SubmissionUnreadable
    from grader.files.workspace import read_submission

    try:
        return read_submission(path)
    except SubmissionUnreadable as error:
        hint = f"correct it, or give the review up (the file is kept): study review {exercise_id} --give-up"
        raise SubmissionUnreadable(error.message, hint=hint) from None


def _finish(desk: Desk, exercise: "Exercise", *, gave_up: bool = False) -> dict[str, Any]:
    """Rate a review that has ended, and move its file to the backups; returns what there is to tell."""
    from msgspec import to_builtins

    from grader.plan.reviews import RATINGS, find_review, rate_work

    path = desk.workspace.review_path(exercise.id)
    work = desk.store.count_review_work(exercise.id, f"{os.sep}{path.parent.name}{os.sep}{path.name}")
    # Whatever the log says: a clock that went back since the stub was handed out hides what came after it.
    attempts, revealed = max(work.attempts, 0 if gave_up else 1), work.revealed or gave_up
    rating = rate_work(attempts=attempts, hints=work.hints, revealed=revealed)
    desk.store.record_review("exercise", exercise.id, rating, attempts=attempts, hints=work.hints, revealed=revealed)
    backup = _set_aside(desk, path)
    due = find_review(desk.content, desk.store.load_progress(), read_clock(), "exercise", exercise.id)
    return {
        "rating": RATINGS[rating],
        "attempts": attempts,
        "hints": work.hints,
        "revealed": revealed,
        "next": to_builtins(due) if due else None,
        "backup": str(backup) if backup else None,
    }


def _set_aside(desk: Desk, path: Path) -> Path | None:
    try:
        return desk.workspace.set_aside(path)
    except WorkspaceError as error:  # the review is over all the same
        desk.say(f"study: {error.message}\nnext: {error.hint}")
        return None


def _show_graded(desk: Desk, exercise: "Exercise", verdict: Any, finished: dict[str, Any] | None) -> None:
    from msgspec import to_builtins
    from rich.console import Group

    from grader.cli.grade.outcome import render_outcome
    from grader.view.reviews import render_rated, render_review_open

    desk.show(
        lambda: Group(
            render_outcome(desk, exercise, verdict, desk.workspace.review_path(exercise.id)),
            render_rated(finished) if finished else render_review_open(exercise.id),
        ),
        lambda: to_builtins(verdict) | {"review": finished},
    )


def _give_up(desk: Desk, exercise: "Exercise") -> None:
    from rich.console import Group
    from rich.text import Text

    from grader.course.code import read_solution
    from grader.view.reviews import render_rated

    source = read_solution(exercise, desk.content.folder(exercise.id))
    desk.store.record_reveal(exercise.id, gave_up=False)  # it was solved once, and stays solved
    finished = _finish(desk, exercise, gave_up=True)
    desk.show(
        lambda: Group(Text(source.rstrip("\n")), Text(), render_rated(finished)),
        lambda: {"exercise": exercise.id, "solution": source, "review": finished},
    )


def _rate_reading(desk: Desk, typed: str | None, rate: str) -> None:
    from msgspec import to_builtins

    from grader.core.models import Exercise
    from grader.plan.reviews import RATINGS, find_review
    from grader.view.reviews import render_reading_rated

    if typed is None:
        raise UsageError("--rate needs the reading that is rated", hint="study review --list")
    subject = find_subject(desk, typed, reading_first=True)
    if isinstance(subject, Exercise):
        raise UsageError(
            f"{subject.id} is an exercise: it is rated from what happens, not by you",
            hint=f"study review {subject.id}",
        )
    require_done(desk, subject.id)
    number = next(number for number, name in RATINGS.items() if name == rate)
    desk.store.record_review("reading", subject.id, number)
    due = find_review(desk.content, desk.load_progress(), read_clock(), "reading", subject.id)
    desk.show(
        lambda: render_reading_rated(subject.id, rate, due),
        lambda: {"kind": "reading", "subject": subject.id, "rating": rate, "next": to_builtins(due) if due else None},
    )
