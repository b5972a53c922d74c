"""Sum the log up, one event after another in the order of their moments. Pure: no database.

Nothing here depends on the numbers of the rows, but the order of reviews of one and the same moment: of two machines
whose logs were merged both sum up the same. What was
summed up so far can be stored, and the events that came since are added to it: the sum of a long log costs no more than
that of a short one.
"""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from grader.progress.records import (
    Activity,
    ExerciseProgress,
    ExerciseStatus,
    Progress,
    ReadingProgress,
    ReadingState,
    Review,
)
from grader.progress.rows import decode_text, from_micros
from grader.progress.spans import SLOT_US, measure_span

#: A stored sum of another version is not used; it is made again from the log.
VERSION = 1

#: What kind of event it is, in the order that they count in at one and the same moment: a pass comes before what did
#: not lead to it any more.
PASSED, ATTEMPT, START, REVIEW_START, HINT, READING, REVIEW, REVEAL, ANSWER = range(9)

#: (at_us, kind, subject, ...): what the kind adds is written where it is read, in `Summary.add`.
Event = tuple[Any, ...]

STATES: tuple[ReadingState | None, ...] = (None, "queued", "reading", "done")


class _Exercise(msgspec.Struct, array_like=True):
    listed: bool = False
    started_us: int | None = None
    attempts: int = 0
    #: The share of the points, the moment, the points and the most there were: by these the best is chosen.
    best: tuple[float, int, int, int] | None = None
    solved_us: int | None = None
    last_us: int | None = None
    failed_before: int = 0
    hints: int = 0
    hints_before: int = 0
    gave_up: int | None = None
    answered: list[str] = []
    minutes: float = 0.0


class _Reading(msgspec.Struct, array_like=True):
    state: int = 0
    minutes: int = 0
    notes: list[bytes] = []
    changed_us: int = 0
    done_us: int | None = None


class Summary(msgspec.Struct, array_like=True):
    """The sum of all events up to a moment.

    `seen` is, by table, the highest number of a row that is in it or in `late`; `until_us` the moment of the newest
    event that is in it; `late` are those behind the moment it was made at, because a clock was ahead: not added yet.
    """

    version: int = VERSION
    seen: dict[str, int] = {}
    until_us: int = -1
    late: list[Any] = []
    exercises: dict[str, _Exercise] = {}
    readings: dict[str, _Reading] = {}
    reviews: list[tuple[int, str, str, int, int, int, int]] = []
    last_started: tuple[int, str] | None = None
    before_us: int | None = None
    slots: dict[int, int] = {}

    def add_all(self, events: Iterable[Event]) -> None:
        """Add events that are in order, none of them before `until_us`."""
        for event in events:
            self.add(event)

    def add(self, event: Event) -> None:
        """Add the next event."""
        at_us, kind = event[0], event[1]
        self.until_us = at_us
        if kind in (READING, REVIEW):
            self._add_reading(event) if kind == READING else self._add_review(event)
            return
        exercise = self.exercises.get(event[2])
        if exercise is None:
            exercise = self.exercises[event[2]] = _Exercise()
        exercise.listed = exercise.listed or kind != REVIEW_START
        if kind in (PASSED, ATTEMPT):
            self._count_day(at_us)
            self._add_attempt(exercise, event)
        elif kind == START:
            exercise.started_us = at_us if exercise.started_us is None else exercise.started_us
            if self.last_started is None or at_us > self.last_started[0]:
                self.last_started = (at_us, event[2])
        elif kind == HINT:
            exercise.hints = max(exercise.hints, event[3])
            if exercise.solved_us is None:
                exercise.hints_before = exercise.hints
        elif kind == REVEAL:
            exercise.gave_up = max(exercise.gave_up or 0, event[3])
        elif kind == ANSWER and event[3] not in exercise.answered:
            exercise.answered.append(event[3])
        if kind in (PASSED, ATTEMPT, START, REVIEW_START, HINT):
            own_min = max(0.0, event[6]) / 60 if kind in (PASSED, ATTEMPT) else 0.0
            exercise.minutes += measure_span(self.before_us, at_us, own_min)
            self.before_us = at_us

    def _add_attempt(self, exercise: _Exercise, event: Event) -> None:
        at_us, kind, _, verdict, score, most, _ = event
        if verdict == "grader_fault":
            return
        exercise.attempts += 1
        exercise.last_us = at_us
        rank = (score / most if most else 0.0, at_us, score, most)
        exercise.best = rank if exercise.best is None else max(exercise.best, rank)
        if exercise.solved_us is None:
            if kind == PASSED:
                exercise.solved_us = at_us
            else:
                exercise.failed_before += 1

    def _add_reading(self, event: Event) -> None:
        at_us, _, name, state, minutes, has_note, note = event
        reading = self.readings.get(name)
        if reading is None:
            reading = self.readings[name] = _Reading()
        reading.state = state or reading.state
        reading.minutes += minutes
        reading.changed_us = at_us
        if has_note:
            reading.notes.append(note)
        if STATES[state] == "done" and reading.done_us is None:
            reading.done_us = at_us
        self._count_day(at_us)
        if minutes:
            self.before_us = at_us

    def _add_review(self, event: Event) -> None:
        at_us, _, _, kind, *rest = event
        self.reviews.append((at_us, kind, *rest))
        if kind == "reading":
            self._count_day(at_us)

    def _count_day(self, at_us: int) -> None:
        slot = at_us // SLOT_US
        self.slots[slot] = self.slots.get(slot, 0) + 1

    def to_progress(self) -> Progress:
        """Return what is known of every exercise and reading."""
        exercises = {
            name: _describe(name, exercise) for name, exercise in sorted(self.exercises.items()) if exercise.listed
        }
        return Progress(
            exercises=exercises,
            readings={name: _describe_reading(reading) for name, reading in self.readings.items()},
            last_started=None if self.last_started is None else self.last_started[1],
            attempts=sum(exercise.attempts for exercise in exercises.values()),
            reviews=tuple(
                Review(
                    at=from_micros(at_us),
                    kind=kind,  # type: ignore[arg-type]  # the database checks it
                    subject_id=subject,
                    rating=rating,
                    attempts=attempts,
                    hints=hints,
                    revealed=bool(revealed),
                )
                for at_us, kind, subject, rating, attempts, hints, revealed in self.reviews
            ),
        )

    def to_activity(self) -> Activity:
        """Return the time that was put in, and when."""
        return Activity(
            exercises={name: one.minutes for name, one in self.exercises.items() if one.minutes},
            readings={name: float(one.minutes) for name, one in self.readings.items() if one.minutes},
            slots=self.slots,
        )


def _describe(name: str, one: _Exercise) -> ExerciseProgress:
    status: ExerciseStatus = "started"
    if one.attempts:
        status = "tried" if one.solved_us is None else "solved"
    revealed: Literal["gave_up", "after_pass"] | None = None
    if one.gave_up is not None:
        revealed = "gave_up" if one.gave_up else "after_pass"
    solved = one.solved_us is not None
    return ExerciseProgress(
        exercise_id=name,
        status=status,
        attempts=one.attempts,
        best_score=one.best[2] if one.best else 0,
        max_score=one.best[3] if one.best else 0,
        hints_shown=one.hints,
        revealed=revealed,
        answered=tuple(sorted(one.answered)),
        first_solved_at=None if one.solved_us is None else from_micros(one.solved_us),
        last_attempt_at=None if one.last_us is None else from_micros(one.last_us),
        started_at=None if one.started_us is None else from_micros(one.started_us),
        failed_before_solved=one.failed_before if solved else 0,
        hints_before_solved=one.hints_before if solved else 0,
    )


def _describe_reading(one: _Reading) -> ReadingProgress:
    return ReadingProgress(
        state=STATES[one.state],
        minutes=one.minutes,
        notes=tuple(map(decode_text, one.notes)),
        changed_at=from_micros(one.changed_us),
        done_at=None if one.done_us is None else from_micros(one.done_us),
    )
