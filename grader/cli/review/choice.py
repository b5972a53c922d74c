"""Which exercise or reading a review is about, and whether it can be."""

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from grader.cli.context import Context, read_clock, short_path
from grader.core.errors import UsageError

if TYPE_CHECKING:
    from grader.core.models import Exercise, Reading
    from grader.plan.reviews import Due


def find_subject(context: Context, typed: str, *, reading_first: bool = False) -> "Exercise | Reading":
    """Return the exercise or the reading that was meant; what fits both kinds is the exercise."""

    def find_reading() -> "Exercise | Reading":
        return context.find_reading(typed)

    def find_exercise() -> "Exercise | Reading":
        return context.find_exercise(typed)

    first, second = (find_reading, find_exercise) if reading_first else (find_exercise, find_reading)
    try:
        return first()
    except UsageError as error:
        with suppress(UsageError):
            return second()
        raise error from None


def require_solved(context: Context, exercise_id: str) -> "Due | None":
    """Return the next review of an exercise.

    Raises:
        UsageError: If it is not solved yet.
    """
    from grader.plan.reviews import find_review

    known = context.load_progress()
    so_far = known.exercises.get(exercise_id)
    if so_far is None or so_far.status != "solved":
        text = f"{exercise_id} is not solved yet; what is solved comes back as a review"
        raise UsageError(text, hint=context.name_next(exercise_id))
    return find_review(context.content, known, read_clock(), "exercise", exercise_id)


def require_done(context: Context, reading_id: str) -> "Due | None":
    """Return the next review of a reading.

    Raises:
        UsageError: If it is not done yet.
    """
    from grader.plan.reviews import find_review

    known = context.load_progress()
    reading = known.readings.get(reading_id)
    if reading is None or reading.state != "done":
        raise UsageError(
            f"{reading_id} is not done yet; what is done comes back as a review", hint=f"study read {reading_id} --done"
        )
    return find_review(context.content, known, read_clock(), "reading", reading_id)


def choose_open(context: Context, typed: str | None, option: str) -> "Exercise":
    """Return the exercise whose review is to be graded or given up: its file has been handed out.

    Raises:
        UsageError: If there is none, or several and none was named.
    """
    from grader.core.models import Exercise

    if typed is not None:
        subject = find_subject(context, typed)
        if not isinstance(subject, Exercise):
            raise UsageError(
                f"{subject.id} is a reading: you say yourself how well you recall it",
                hint=f"study review {subject.id} --rate good",
            )
        require_solved(context, subject.id)
        if not os.path.lexists(path := context.workspace.review_path(subject.id)):
            raise UsageError(
                f"no review of {subject.id} is open: {short_path(path)} is not there", hint=f"study review {subject.id}"
            )
        return subject
    begun = find_begun(context)
    if not begun:
        raise UsageError("no review is open", hint="study review")
    if len(begun) > 1:
        raise UsageError(f"{len(begun)} reviews are open: {', '.join(begun)}", hint=f"study review {option} {begun[0]}")
    return context.content.exercises[begun[0]]


def find_begun(context: Context) -> list[str]:
    """Return the exercises whose review has been handed out and is not over."""
    solved = [name for name, p in context.load_progress().exercises.items() if p.status == "solved"]
    return [n for n in solved if n in context.content.exercises and os.path.lexists(context.workspace.review_path(n))]
