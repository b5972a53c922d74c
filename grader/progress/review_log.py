"""What the log says about the review of an exercise that is going on."""

from grader.progress.backend import Backend
from grader.progress.records import ReviewWork
from grader.progress.texts import load_details


def count_review_work(backend: Backend, exercise_id: str, review_file: str) -> ReviewWork:
    """Count the attempts at a review's file, the hints and the reveals since its stub was handed out."""
    newest = backend.execute(
        "SELECT at_us FROM review_starts WHERE exercise_id = ? ORDER BY id DESC LIMIT 1", [exercise_id]
    )
    # A file that was never handed out, but laid there: it counts from the beginning of time, to be strict.
    since_us = newest[0][0] if newest else 0
    mine = "exercise_id = ? AND at_us >= ?"
    attempts = backend.execute(
        f"SELECT id FROM attempts WHERE {mine} AND verdict <> 'grader_fault'", [exercise_id, since_us]
    )
    details = load_details(backend, [number for (number,) in attempts])
    hints, reveals = (
        backend.execute(f"SELECT COUNT(*) FROM {table} WHERE {mine}", [exercise_id, since_us])[0][0]
        for table in ("hints", "reveals")
    )
    return ReviewWork(
        attempts=sum(one.submission_path.endswith(review_file) for one in details.values()),
        hints=hints,
        revealed=reveals > 0,
    )
