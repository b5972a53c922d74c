"""Attempts that pass, put into a log as by a grade some time ago."""

from pathlib import Path

from grader.progress import NewAttempt, ProgressStore

PASSED = NewAttempt(
    exercise_id="e01_steps",
    verdict="passed",
    score=1,
    max_score=1,
    seed=1,
    device="cpu",
    corpus=None,
    elapsed_s=0.1,
    submission="",
    submission_path="e01_steps.py",
    checks=(),
    isolation={},
)


def log_pass(home: Path, exercise_id: str, submission: str | None) -> None:
    """Make an exercise solved, as by a grade some time ago, and put a file there (None: no file)."""
    study = home / "study"
    (study / ".study").mkdir(parents=True, exist_ok=True)
    attempt = NewAttempt(
        exercise_id=exercise_id, verdict="passed", score=1, max_score=1, seed=0, device="cpu", corpus=None,
        elapsed_s=0.1, submission="", submission_path="", checks=(), isolation={},
    )  # fmt: skip
    with ProgressStore.open(study / ".study/study.db") as store:
        store.record_attempt(attempt)
    if submission is not None:
        (study / f"{exercise_id}.py").write_text(submission)
