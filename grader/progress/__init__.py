"""The progress log: what a learner has started, tried, solved and read, in SQLite or PostgreSQL."""

from grader.progress.records import (
    Attempt,
    AttemptVerdict,
    CheckResult,
    CheckStatus,
    ExerciseProgress,
    ExerciseStatus,
    NewAttempt,
    Progress,
    ReadingProgress,
    ReadingState,
    Reveal,
)
from grader.progress.schema import MIGRATIONS
from grader.progress.store import ProgressStore

__all__ = [
    "MIGRATIONS",
    "Attempt",
    "AttemptVerdict",
    "CheckResult",
    "CheckStatus",
    "ExerciseProgress",
    "ExerciseStatus",
    "NewAttempt",
    "Progress",
    "ProgressStore",
    "ReadingProgress",
    "ReadingState",
    "Reveal",
]
