"""What goes into the progress log and what comes out of it: plain frozen values, no database."""

from datetime import datetime
from typing import Literal

import msgspec

from grader.core.verdict import CheckResult

AttemptVerdict = Literal["passed", "failed", "grader_fault"]
ExerciseStatus = Literal["started", "tried", "solved"]
ReadingState = Literal["queued", "reading", "done"]
Reveal = Literal["after_pass", "gave_up"]
SubjectKind = Literal["exercise", "reading"]


class NewAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """One grade, ready to be logged; `submission` is the whole text that was graded, kept as it is."""

    exercise_id: str
    verdict: AttemptVerdict
    score: int
    max_score: int
    seed: int
    device: str
    corpus: str | None
    elapsed_s: float
    submission: str
    submission_path: str
    checks: tuple[CheckResult, ...]
    isolation: dict[str, bool]


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One logged grade; `ProgressStore.load_submission(attempt_id)` gives the text that was graded."""

    attempt_id: int
    at: datetime
    exercise_id: str
    verdict: AttemptVerdict
    score: int
    max_score: int
    seed: int
    device: str
    corpus: str | None
    elapsed_s: float
    submission_path: str
    checks: tuple[CheckResult, ...]
    isolation: dict[str, bool]


class ExerciseProgress(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one exercise.

    `attempts`, the scores and `last_attempt_at` leave grader faults out. `best_score` and `max_score`
    belong to the same attempt: the one with the largest share of the points it could have had.
    `hints_shown` is the highest hint number seen, `answered` are the open questions that were answered (with the
    right number, where one is asked for), `started_at` the first start.
    `failed_before_solved` and `hints_before_solved` tell how it was solved the first time; both are 0 while it is open.
    """

    exercise_id: str
    status: ExerciseStatus
    attempts: int = 0
    best_score: int = 0
    max_score: int = 0
    hints_shown: int = 0
    revealed: Reveal | None = None
    answered: tuple[str, ...] = ()
    first_solved_at: datetime | None = None
    last_attempt_at: datetime | None = None
    started_at: datetime | None = None
    failed_before_solved: int = 0
    hints_before_solved: int = 0


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One answer to an open question; `number_right` is None where the question asks for no number."""

    at: datetime
    exercise_id: str
    question_id: str
    text: str
    number_right: bool | None


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """One finished review: the rating (1 again, 2 hard, 3 good, 4 easy), and what an exercise was rated from.

    `attempts` and `hints` count from when the stub was handed out; `revealed` tells whether the solution was shown.
    """

    at: datetime
    kind: SubjectKind
    subject_id: str
    rating: int
    attempts: int = 0
    hints: int = 0
    revealed: bool = False


class ReviewWork(msgspec.Struct, frozen=True, kw_only=True):
    """What has happened since the stub of a review was handed out: counted attempts, hints, and the solution shown."""

    attempts: int
    hints: int
    revealed: bool


class ReadingProgress(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one reading: the last state given, all minutes added up, the notes oldest first.

    `done_at` is when it was first said to be done.
    """

    state: ReadingState | None
    minutes: int
    notes: tuple[str, ...]
    changed_at: datetime
    done_at: datetime | None = None


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the log says about a learner, without the texts they submitted.

    `last_started` is the exercise started most recently; grading another one does not change it.
    `attempts` counts every attempt except grader faults. `reviews` are all that were rated, the oldest first.
    """

    exercises: dict[str, ExerciseProgress]
    readings: dict[str, ReadingProgress]
    last_started: str | None
    attempts: int
    reviews: tuple[Review, ...] = ()


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """The minutes put in, by exercise and by reading; and how much was done in each quarter of an hour since 1970."""

    exercises: dict[str, float]
    readings: dict[str, float]
    slots: dict[int, int]
