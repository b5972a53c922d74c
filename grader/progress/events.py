"""Read when everything happened, and how each check came out: lean rows, no submission and no message."""

from typing import Any, Literal, NamedTuple

import msgspec
from peewee import Database, Table, fn

from grader.core.verdict import Status
from grader.progress.records import AttemptVerdict, ReadingState
from grader.progress.rows import decode_text
from grader.progress.schema import ATTEMPTS, CHECK_RESULTS, HINTS, READING_EVENTS, REVIEW_STARTS, REVIEWS, STARTS


class AttemptEvent(NamedTuple):
    """One logged grade; `at_us` here and below is in microseconds since 1970-01-01 UTC."""

    attempt_id: int
    at_us: int
    exercise_id: str
    verdict: AttemptVerdict
    score: int
    max_score: int
    elapsed_s: float


class ReadingEvent(NamedTuple):
    """One thing said of a reading, in a review too; `minutes` are those added by it."""

    at_us: int
    reading_id: str
    state: ReadingState | None
    minutes: int | None


class ExerciseEvent(NamedTuple):
    """One start of an exercise, anew for a review too, or one hint shown."""

    at_us: int
    exercise_id: str
    kind: Literal["start", "hint"]


class Events(msgspec.Struct, frozen=True, kw_only=True):
    """All that happened, each kind by its moment, as a log may be merged from two machines; grader faults too."""

    attempts: tuple[AttemptEvent, ...] = ()
    readings: tuple[ReadingEvent, ...] = ()
    others: tuple[ExerciseEvent, ...] = ()


class CheckOutcome(NamedTuple):
    """How one check came out in one attempt."""

    check_id: str
    title: str
    status: Status


class AttemptChecks(NamedTuple):
    """The checks of one attempt, in their order."""

    attempt_id: int
    outcomes: tuple[CheckOutcome, ...]


_EXERCISE_EVENTS: tuple[tuple[Table, Literal["start", "hint"]], ...] = (
    (STARTS, "start"),
    (REVIEW_STARTS, "start"),
    (HINTS, "hint"),
)

#: By exercise: its newest attempts, the oldest of them first.
CheckHistory = dict[str, tuple[AttemptChecks, ...]]


def read_events(database: Database) -> Events:
    """Read every attempt, start, hint and reading event, and what reviews add to them."""
    a, r, v = ATTEMPTS.c, READING_EVENTS.c, REVIEWS.c
    attempts = ATTEMPTS.select(a.id, a.at_us, a.exercise_id, a.verdict, a.score, a.max_score, a.elapsed_s)
    readings = READING_EVENTS.select(r.at_us, r.reading_id, r.state, r.minutes).order_by(r.id)
    recalled = REVIEWS.select(v.at_us, v.subject_id, None, None).where(v.kind == "reading")
    others = [
        ExerciseEvent(at_us, name, kind)
        for table, kind in _EXERCISE_EVENTS
        for at_us, name in _read_moments(database, table)
    ]
    return Events(
        attempts=tuple(map(AttemptEvent._make, attempts.order_by(a.at_us, a.id).tuples().execute(database))),
        readings=tuple(
            sorted(
                map(ReadingEvent._make, (*readings.tuples().execute(database), *recalled.tuples().execute(database))),
                key=lambda event: event.at_us,
            )
        ),
        others=tuple(others),
    )


def _read_moments(database: Database, table: Table) -> Any:  # Any: peewee's rows have no types
    return (
        table.select(table.c.at_us, table.c.exercise_id).order_by(table.c.at_us, table.c.id).tuples().execute(database)
    )


def read_check_history(database: Database, newest: int) -> CheckHistory:
    """Read how the checks of each exercise's `newest` attempts came out."""
    a, c = ATTEMPTS.c, CHECK_RESULTS.c
    age = fn.ROW_NUMBER().over(partition_by=[a.exercise_id], order_by=[a.at_us.desc(), a.id.desc()])
    columns = (a.id.alias("id"), a.at_us.alias("at_us"), a.exercise_id.alias("exercise_id"), age.alias("age"))
    aged = ATTEMPTS.select(*columns).alias("aged")
    joined = CHECK_RESULTS.join(aged, on=aged.c.id == c.attempt_id)
    rows = joined.select(aged.c.exercise_id, c.attempt_id, c.check_id, c.title, c.status)
    query = rows.where(aged.c.age <= newest).order_by(aged.c.at_us, c.attempt_id, c.position).tuples()
    found: dict[str, dict[int, list[CheckOutcome]]] = {}
    titles: dict[bytes, str] = {}
    for exercise_id, attempt_id, check_id, title, status in query.execute(database):
        key = bytes(title)
        text = titles[key] = titles.get(key) or decode_text(key)
        outcomes = found.setdefault(exercise_id, {}).setdefault(attempt_id, [])
        outcomes.append(CheckOutcome(check_id, text, status))
    return {
        exercise_id: tuple(AttemptChecks(attempt_id, tuple(outcomes)) for attempt_id, outcomes in attempts.items())
        for exercise_id, attempts in found.items()
    }
