"""Sum the log up into one `Progress`, without reading a single submission.

Nothing here depends on the numbers of the rows: of two machines whose logs were merged both sum up the same.
"""

from collections.abc import Iterable
from typing import NamedTuple

from peewee import Database, Function, Table, fn

from grader.progress.records import (
    AttemptVerdict,
    ExerciseProgress,
    ExerciseStatus,
    Progress,
    ReadingProgress,
    ReadingState,
)
from grader.progress.review_log import read_first_solves, read_reviews
from grader.progress.rows import decode_text, from_micros
from grader.progress.schema import ANSWERS, ATTEMPTS, HINTS, READING_EVENTS, REVEALS, STARTS

_STATES = (None, "queued", "reading", "done")


class _AttemptGroup(NamedTuple):
    """The attempts at one exercise that ended alike."""

    exercise_id: str
    verdict: AttemptVerdict
    score: int
    max_score: int
    attempts: int
    first_us: int
    last_us: int

    @property
    def rank(self) -> tuple[float, int, int, int]:
        """Order groups by the share of the points won, then by recency; the last two decide between equals."""
        share = self.score / self.max_score if self.max_score else 0.0
        return (share, self.last_us, self.score, self.max_score)


def read_progress(database: Database) -> Progress:
    """Read the whole log, except check results and submissions, and sum it up."""
    starts = _read_by_exercise(database, STARTS, fn.MIN(STARTS.c.at_us))
    groups: dict[str, list[_AttemptGroup]] = {}
    for group in _read_attempt_groups(database):
        groups.setdefault(group.exercise_id, []).append(group)
    hints = _read_by_exercise(database, HINTS, fn.MAX(HINTS.c.number))
    reveals = _read_by_exercise(database, REVEALS, fn.MAX(REVEALS.c.gave_up))
    answered = _read_answered(database)
    first_solves = read_first_solves(database)
    exercises = {
        exercise_id: _sum_up_exercise(
            exercise_id,
            started_us=starts.get(exercise_id),
            groups=groups.get(exercise_id, []),
            hints_shown=hints.get(exercise_id, 0),
            gave_up=reveals.get(exercise_id),
            answered=answered.get(exercise_id, []),
            before_solved=first_solves.get(exercise_id, (0, 0)),
        )
        for exercise_id in sorted({*starts, *groups, *hints, *reveals, *answered})
    }
    return Progress(
        exercises=exercises,
        readings=_read_readings(database),
        last_started=_find_last_started(database),
        attempts=sum(exercise.attempts for exercise in exercises.values()),
        reviews=read_reviews(database),
    )


def _sum_up_exercise(
    exercise_id: str,
    *,
    started_us: int | None,
    groups: Iterable[_AttemptGroup],
    hints_shown: int,
    gave_up: int | None,
    answered: Iterable[str],
    before_solved: tuple[int, int],
) -> ExerciseProgress:
    counted = [group for group in groups if group.verdict != "grader_fault"]
    solved_us = min((group.first_us for group in counted if group.verdict == "passed"), default=None)
    last_us = max((group.last_us for group in counted), default=None)
    best = max(counted, key=lambda group: group.rank, default=None)
    status: ExerciseStatus = "started"
    if counted:
        status = "tried" if solved_us is None else "solved"
    return ExerciseProgress(
        exercise_id=exercise_id,
        status=status,
        attempts=sum(group.attempts for group in counted),
        best_score=best.score if best else 0,
        max_score=best.max_score if best else 0,
        hints_shown=hints_shown,
        revealed=None if gave_up is None else "gave_up" if gave_up else "after_pass",
        answered=tuple(answered),
        first_solved_at=None if solved_us is None else from_micros(solved_us),
        last_attempt_at=None if last_us is None else from_micros(last_us),
        started_at=None if started_us is None else from_micros(started_us),
        failed_before_solved=before_solved[0],
        hints_before_solved=before_solved[1],
    )


def _read_attempt_groups(database: Database) -> list[_AttemptGroup]:
    c = ATTEMPTS.c
    alike = (c.exercise_id, c.verdict, c.score, c.max_score)
    query = ATTEMPTS.select(*alike, fn.COUNT(c.id), fn.MIN(c.at_us), fn.MAX(c.at_us))
    return [_AttemptGroup(*row) for row in query.group_by(*alike).tuples().execute(database)]


def _read_by_exercise(database: Database, table: Table, value: Function) -> dict[str, int]:
    query = table.select(table.c.exercise_id, value).group_by(table.c.exercise_id)
    return dict(query.tuples().execute(database))


def _read_answered(database: Database) -> dict[str, list[str]]:
    """Return the questions that were answered, by exercise; one whose number was wrong is still open."""
    c = ANSWERS.c
    settled = c.number_right.is_null() | (c.number_right == 1)
    query = ANSWERS.select(c.exercise_id, c.question_id).where(settled).distinct()
    answered: dict[str, list[str]] = {}
    for exercise_id, question_id in sorted(query.tuples().execute(database)):
        answered.setdefault(exercise_id, []).append(question_id)
    return answered


def _find_last_started(database: Database) -> str | None:
    newest = STARTS.select(STARTS.c.exercise_id).order_by(STARTS.c.at_us.desc(), STARTS.c.exercise_id).limit(1)
    return next((str(exercise_id) for (exercise_id,) in newest.tuples().execute(database)), None)


def _read_readings(database: Database) -> dict[str, ReadingProgress]:
    c = READING_EVENTS.c
    query = READING_EVENTS.select(c.reading_id, c.state, c.minutes, c.note, c.at_us)
    readings: dict[str, ReadingProgress] = {}
    rows: Iterable[tuple[str, ReadingState | None, int | None, bytes | None, int]]
    rows = query.tuples().execute(database)
    for reading_id, state, minutes, note, at_us in sorted(rows, key=_reading_order):
        before = readings.get(reading_id)
        notes = () if note is None else (decode_text(note),)
        readings[reading_id] = ReadingProgress(
            state=state or (before.state if before else None),
            minutes=(before.minutes if before else 0) + (minutes or 0),
            notes=(*(before.notes if before else ()), *notes),
            changed_at=from_micros(at_us),
            done_at=(before.done_at if before else None) or (from_micros(at_us) if state == "done" else None),
        )
    return readings


def _reading_order(row: tuple[str, ReadingState | None, int | None, bytes | None, int]) -> tuple[object, ...]:
    """Order events on readings by their moments; what happened at the same one by what it says.

    Sorted here: databases disagree on where NULL belongs, and on the order of texts.
    """
    reading_id, state, minutes, note, at_us = row
    return at_us, reading_id, _STATES.index(state), minutes or 0, note or b""
