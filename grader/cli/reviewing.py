"""Reviews: `study review` hands out what is due, grades it, and rates it from what happened."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.desk import Desk, read_clock, short_path
from grader.cli.grading import (
    EXIT_CODES,
    Manner,
    device_option,
    isolation_option,
    seed_option,
)
from grader.cli.learn import json_option
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.job import Isolation
    from grader.models import Exercise, Reading
    from grader.reviews import Due

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
        for name, given in (("--list", listed), ("--grade", graded), ("--give-up", give_up), ("--rate", rate is not None))
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
        return _grade_review(desk, _choose_open(desk, subject, "--grade"), manner)
    elif give_up:
        _give_up(desk, _choose_open(desk, subject, "--give-up"))
    elif rate is not None:
        _rate_reading(desk, subject, rate)
    else:
        _hand_out(desk, subject)
    return 0


def _list_reviews(desk: Desk) -> None:
    from msgspec import to_builtins

    from grader.reviews import find_coming, find_due
    from grader.view.reviews import render_reviews

    now, known = read_clock(), desk.load_progress()
    due, coming = find_due(desk.content, known, now), find_coming(desk.content, known, now, MOST_COMING)
    desk.show(
        lambda: render_reviews(due, coming), lambda: {"due": to_builtins(due), "coming": to_builtins(coming)}
    )


def _hand_out(desk: Desk, typed: str | None) -> None:
    """Hand out what was named, else what is due; a file that was handed out before is gone on with."""
    from msgspec import to_builtins

    from grader.reviews import find_coming, find_due
    from grader.view.reviews import render_nothing_due

    if typed is not None:
        chosen = _find_subject(desk, typed)
        _hand_out_subject(desk, chosen)
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
    begun = [one for one in due if one.kind == "exercise" and os.path.lexists(desk.workspace.review_path(one.subject))]
    first = next(iter(begun), due[0])
    subjects: Any = desk.content.exercises if first.kind == "exercise" else desk.content.readings
    _hand_out_subject(desk, subjects[first.subject])


def _hand_out_subject(desk: Desk, subject: "Exercise | Reading") -> None:
    from grader.models import Exercise

    if isinstance(subject, Exercise):
        _hand_out_exercise(desk, subject)
    else:
        _show_reading(desk, subject)


def _hand_out_exercise(desk: Desk, exercise: "Exercise") -> None:
    from msgspec import to_builtins

    from grader.course.code import read_stub
    from grader.view.reviews import render_handed_out
    from grader.workspace import make_review_folder, write_whole

    due = _require_solved(desk, exercise.id)
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

    known, due = desk.load_progress(), _require_done(desk, reading.id)
    notes = known.readings[reading.id].notes
    desk.show(
        lambda: render_reading_review(reading, due, notes),
        lambda: {"kind": "reading", "subject": reading.id, "due": to_builtins(due) if due else None, "notes": notes},
    )


def _grade_review(desk: Desk, exercise: "Exercise", manner: Manner) -> int:
    from grader.cli.grading import GradeRun, record_verdict
    from grader.runner import Engine

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
        unlogged = record_verdict(desk, run, verdict)
        # What cannot be logged must not be rated either: the file stays, to be graded once the log works again.
        finished = _finish(desk, exercise) if verdict.verdict == "passed" and unlogged is None else None
        _show_graded(desk, exercise, verdict, finished)
    finally:
        engine.stop(wait=False)
    if unlogged is not None:
        raise unlogged
    if not engine.warm:
        desk.warm_up()
    return EXIT_CODES[verdict.verdict]


def _read_review_file(path: Path, exercise_id: str) -> str:
    from grader.errors import SubmissionUnreadable
    from grader.workspace import read_submission

    try:
        return read_submission(path)
    except SubmissionUnreadable as error:
        hint = f"correct it, or give the review up (the file is kept): study review {exercise_id} --give-up"
        raise SubmissionUnreadable(error.message, hint=hint) from None


def _finish(desk: Desk, exercise: "Exercise", *, gave_up: bool = False) -> dict[str, Any]:
    """Rate a review that has ended, and move its file to the backups; returns what there is to tell."""
    from msgspec import to_builtins

    from grader.reviews import AGAIN, RATINGS, find_review, rate_work

    path = desk.workspace.review_path(exercise.id)
    work = desk.store.count_review_work(exercise.id, f"{os.sep}{path.parent.name}{os.sep}{path.name}")
    rating = AGAIN if gave_up else rate_work(attempts=work.attempts, hints=work.hints, revealed=work.revealed)
    desk.store.record_review(
        "exercise",
        exercise.id,
        rating,
        attempts=work.attempts,
        hints=work.hints,
        revealed=work.revealed or gave_up,
    )
    backup = desk.workspace.set_aside(path)
    due = find_review(desk.content, desk.store.load_progress(), read_clock(), "exercise", exercise.id)
    return {
        "rating": RATINGS[rating],
        "attempts": work.attempts,
        "hints": work.hints,
        "revealed": work.revealed or gave_up,
        "next": to_builtins(due) if due else None,
        "backup": str(backup),
    }


def _show_graded(desk: Desk, exercise: "Exercise", verdict: Any, finished: dict[str, Any] | None) -> None:
    from msgspec import to_builtins
    from rich.console import Group

    from grader.cli.grading import render_outcome
    from grader.view.reviews import render_rated, render_review_open

    desk.show(
        lambda: Group(
            render_outcome(desk, exercise, verdict),
            render_rated(finished, short_path(Path(finished["backup"])))
            if finished
            else render_review_open(exercise.id),
        ),
        lambda: to_builtins(verdict) | {"review": finished},
    )


def _give_up(desk: Desk, exercise: "Exercise") -> None:
    from rich.console import Group
    from rich.text import Text

    from grader.course.code import read_solution
    from grader.view.reviews import render_rated

    source = read_solution(exercise, desk.content.folder(exercise.id))
    finished = _finish(desk, exercise, gave_up=True)
    desk.store.record_reveal(exercise.id, gave_up=False)  # it was solved once, and stays solved
    desk.show(
        lambda: Group(
            Text(source.rstrip("\n")), Text(), render_rated(finished, short_path(Path(finished["backup"])))
        ),
        lambda: {"exercise": exercise.id, "solution": source, "review": finished},
    )


def _rate_reading(desk: Desk, typed: str | None, rate: str) -> None:
    from msgspec import to_builtins

    from grader.models import Exercise
    from grader.reviews import RATINGS, find_review
    from grader.view.reviews import render_reading_rated

    if typed is None:
        raise UsageError("--rate needs the reading that is rated", hint="study review --list")
    subject = _find_subject(desk, typed, reading_first=True)
    if isinstance(subject, Exercise):
        raise UsageError(
            f"{subject.id} is an exercise: it is rated from what happens, not by you",
            hint=f"study review {subject.id}",
        )
    _require_done(desk, subject.id)
    number = next(number for number, name in RATINGS.items() if name == rate)
    desk.store.record_review("reading", subject.id, number)
    due = find_review(desk.content, desk.load_progress(), read_clock(), "reading", subject.id)
    desk.show(
        lambda: render_reading_rated(subject.id, rate, due),
        lambda: {"kind": "reading", "subject": subject.id, "rating": rate, "next": to_builtins(due) if due else None},
    )


def _find_subject(desk: Desk, typed: str, *, reading_first: bool = False) -> "Exercise | Reading":
    """Return the exercise or the reading that was meant; what fits both kinds is the exercise."""
    from grader.planner import resolve_id

    def find_reading() -> "Reading":
        return desk.content.readings[resolve_id(typed, desk.content.readings, "reading")]

    first, second = (find_reading, lambda: desk.find_exercise(typed))
    if not reading_first:
        first, second = second, first  # type: ignore[assignment]
    try:
        return first()
    except UsageError as error:
        try:
            return second()
        except UsageError:
            raise error from None


def _require_solved(desk: Desk, exercise_id: str) -> "Due | None":
    """Return the next review of an exercise.

    Raises:
        UsageError: If it is not solved yet.
    """
    from grader.reviews import find_review

    known = desk.load_progress()
    standing = known.exercises.get(exercise_id)
    if standing is None or standing.status != "solved":
        begin = f"study start {exercise_id}" if standing is None else f"study grade {exercise_id}"
        raise UsageError(f"{exercise_id} is not solved yet; what is solved comes back as a review", hint=begin)
    return find_review(desk.content, known, read_clock(), "exercise", exercise_id)


def _require_done(desk: Desk, reading_id: str) -> "Due | None":
    """Return the next review of a reading.

    Raises:
        UsageError: If it is not done yet.
    """
    from grader.reviews import find_review

    known = desk.load_progress()
    reading = known.readings.get(reading_id)
    if reading is None or reading.state != "done":
        raise UsageError(
            f"{reading_id} is not done yet; what is done comes back as a review", hint=f"study read {reading_id} --done"
        )
    return find_review(desk.content, known, read_clock(), "reading", reading_id)


def _choose_open(desk: Desk, typed: str | None, option: str) -> "Exercise":
    """Return the exercise whose review is to be graded or given up: its file has been handed out.

    Raises:
        UsageError: If there is none, or several and none was named.
    """
    from grader.models import Exercise

    if typed is not None:
        subject = _find_subject(desk, typed)
        if not isinstance(subject, Exercise):
            raise UsageError(
                f"{subject.id} is a reading: you say yourself how well you recall it",
                hint=f"study review {subject.id} --rate good",
            )
        _require_solved(desk, subject.id)
        if not os.path.lexists(path := desk.workspace.review_path(subject.id)):
            raise UsageError(
                f"no review of {subject.id} is open: {short_path(path)} is not there", hint=f"study review {subject.id}"
            )
        return subject
    solved = [name for name, p in desk.load_progress().exercises.items() if p.status == "solved"]
    begun = [
        name
        for name in solved
        if name in desk.content.exercises and os.path.lexists(desk.workspace.review_path(name))
    ]
    if not begun:
        raise UsageError("no review is open", hint="study review")
    if len(begun) > 1:
        raise UsageError(
            f"{len(begun)} reviews are open: {', '.join(begun)}", hint=f"study review {option} {begun[0]}"
        )
    return desk.content.exercises[begun[0]]

