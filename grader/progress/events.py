"""Read when everything happened, and how each check came out: lean rows, no submission and no message."""

from typing import Literal, NamedTuple

import msgspec

from grader.core.verdict import Status
from grader.progress.backend import Backend
from grader.progress.records import AttemptVerdict, ReadingState
from grader.progress.rows import decode_text
from grader.progress.texts import load_details


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
    """One start of an exercise, again for a review too, or one hint shown."""

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


_EXERCISE_EVENTS: tuple[tuple[str, Literal["start", "hint"]], ...] = (
    ("starts", "start"),
    ("review_starts", "start"),
    ("hints", "hint"),
)

#: By exercise: its newest attempts, the oldest of them first.
CheckHistory = dict[str, tuple[AttemptChecks, ...]]


def read_events(backend: Backend) -> Events:
    """Read every attempt, start, hint and reading event, and what reviews add to them."""
    attempts = backend.execute(
        "SELECT id, at_us, exercise_id, verdict, score, max_score, elapsed_s FROM attempts ORDER BY at_us, id"
    )
    readings = backend.execute("SELECT at_us, reading_id, state, minutes FROM reading_events ORDER BY id")
    recalled = backend.execute("SELECT at_us, subject_id, NULL, NULL FROM reviews WHERE kind = 'reading'")
    others = [
        ExerciseEvent(at_us, name, kind)
        for table, kind in _EXERCISE_EVENTS
        for at_us, name in backend.execute(f"SELECT at_us, exercise_id FROM {table} ORDER BY at_us, id")
    ]
    return Events(
        attempts=tuple(map(AttemptEvent._make, attempts)),
        readings=tuple(sorted(map(ReadingEvent._make, (*readings, *recalled)), key=lambda event: event.at_us)),
        others=tuple(others),
    )


def read_check_history(backend: Backend, newest: int) -> CheckHistory:
    """Read how the checks of each exercise's `newest` attempts came out."""
    aged = (
        "SELECT id, at_us, exercise_id, ROW_NUMBER() OVER (PARTITION BY exercise_id ORDER BY at_us DESC, id DESC) AS age "
        "FROM attempts"
    )
    chosen = backend.execute(
        f"SELECT exercise_id, id FROM ({aged}) AS aged WHERE age <= ? ORDER BY at_us, id", [newest]
    )
    details = load_details(backend, sorted(number for _, number in chosen))
    found: dict[str, list[AttemptChecks]] = {}
    for exercise_id, number in chosen:
        if number in details and details[number].checks:
            outcomes = (
                CheckOutcome(check.check_id, decode_text(check.title), check.status) for check in details[number].checks
            )
            found.setdefault(exercise_id, []).append(AttemptChecks(number, tuple(outcomes)))
    return {exercise_id: tuple(attempts) for exercise_id, attempts in found.items()}
