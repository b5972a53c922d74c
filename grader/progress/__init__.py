"""The progress log: what a learner has started, tried, solved and read, in SQLite or PostgreSQL."""

from typing import TYPE_CHECKING

from grader.progress.records import (
    Activity,
    Answer,
    Attempt,
    AttemptVerdict,
    ExerciseProgress,
    ExerciseStatus,
    NewAttempt,
    Progress,
    ReadingProgress,
    ReadingState,
    Reveal,
    Review,
    ReviewWork,
    SubjectKind,
)

if TYPE_CHECKING:
    from grader.progress.store import ProgressStore

__all__ = [
    "Activity",
    "Answer",
    "Attempt",
    "AttemptVerdict",
    "ExerciseProgress",
    "ExerciseStatus",
    "NewAttempt",
    "Progress",
    "ProgressStore",
    "ReadingProgress",
    "ReadingState",
    "Reveal",
    "Review",
    "ReviewWork",
    "SubjectKind",
]


def __getattr__(name: str) -> object:
    """Import the store when it is first named: code that only needs the records is spared the database."""
    if name == "ProgressStore":
        from grader.progress.store import ProgressStore

        return ProgressStore
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
