"""Keep what came of a grade: the attempt with its text in the progress log, and the pictures."""

from pathlib import Path
from typing import TYPE_CHECKING

from grader.core.errors import ProgressError, WorkspaceError
from grader.core.verdict import Verdict

if TYPE_CHECKING:
    from grader.files.workspace import Workspace
    from grader.progress import ProgressStore


def record_attempt(store: "ProgressStore", verdict: Verdict, source: str, path: Path) -> ProgressError | None:
    """Log an attempt; an error is returned, so that the verdict can be shown all the same.

    Args:
        store: The progress log.
        verdict: What came of the grade.
        source: The text that was graded.
        path: The file that it was read from.
    """
    from grader.progress import NewAttempt

    attempt = NewAttempt(
        exercise_id=verdict.exercise,
        verdict=verdict.verdict,
        score=verdict.score,
        max_score=verdict.max_score,
        seed=verdict.seed,
        device=verdict.device,
        corpus=verdict.corpus,
        elapsed_s=verdict.elapsed_s,
        submission=source,
        submission_path=str(path),
        checks=verdict.checks,
        isolation=verdict.isolation,
    )
    try:
        store.record_attempt(attempt)
    except ProgressError as error:
        return error
    return None


def keep_pictures(workspace: "Workspace", verdict: Verdict) -> WorkspaceError | None:
    """Keep the pictures of a grade in a workspace that has been made; an error is returned, as above."""
    if not verdict.pictures:
        return None
    from grader.files.picture_store import PictureStore

    try:
        PictureStore(workspace).keep(verdict)
    except WorkspaceError as error:
        return error
    return None
