"""What the log says about reviews, and about how an exercise was solved the first time."""

from peewee import Database, fn

from grader.progress.records import Review, ReviewWork
from grader.progress.rows import decode_text, from_micros
from grader.progress.schema import ATTEMPTS, HINTS, REVEALS, REVIEW_STARTS, REVIEWS


def read_reviews(database: Database) -> tuple[Review, ...]:
    """Read every review, the oldest first; by the moment, because a log may be merged from two machines."""
    c = REVIEWS.c
    columns = (c.at_us, c.kind, c.subject_id, c.rating, c.attempts, c.hints, c.revealed)
    query = REVIEWS.select(*columns).order_by(c.at_us, c.id)
    return tuple(
        Review(
            at=from_micros(at_us),
            kind=kind,
            subject_id=subject_id,
            rating=rating,
            attempts=attempts,
            hints=hints,
            revealed=bool(revealed),
        )
        for at_us, kind, subject_id, rating, attempts, hints, revealed in query.tuples().execute(database)
    )


def read_first_solves(database: Database) -> dict[str, tuple[int, int]]:
    """Return, of each exercise that is solved, the failed attempts and the hints seen before the first pass.

    An exercise that needed neither is left out.
    """
    c = ATTEMPTS.c
    solved = (
        ATTEMPTS.select(c.exercise_id, fn.MIN(c.at_us).alias("at_us"))
        .where(c.verdict == "passed")
        .group_by(c.exercise_id)
        .alias("solved")
    )
    tries = ATTEMPTS.join(solved, on=c.exercise_id == solved.c.exercise_id)
    failed = tries.select(c.exercise_id, fn.COUNT(c.id)).where((c.verdict == "failed") & (c.at_us < solved.c.at_us))
    seen = HINTS.join(solved, on=HINTS.c.exercise_id == solved.c.exercise_id)
    hints = seen.select(HINTS.c.exercise_id, fn.MAX(HINTS.c.number)).where(HINTS.c.at_us < solved.c.at_us)
    failed_by = dict(failed.group_by(c.exercise_id).tuples().execute(database))
    hints_by = dict(hints.group_by(HINTS.c.exercise_id).tuples().execute(database))
    return {name: (failed_by.get(name, 0), hints_by.get(name, 0)) for name in {*failed_by, *hints_by}}


def count_review_work(database: Database, exercise_id: str, review_file: str) -> ReviewWork:
    """Count the attempts at a review's file, the hints and the reveals since its stub was handed out."""
    starts, c = REVIEW_STARTS.c, ATTEMPTS.c
    newest = REVIEW_STARTS.select(starts.at_us).where(starts.exercise_id == exercise_id).order_by(starts.id.desc())
    # A file that was never handed out, but laid there: it counts from the beginning of time, to be strict.
    since_us = next((at_us for (at_us,) in newest.limit(1).tuples().execute(database)), 0)
    mine = (c.exercise_id == exercise_id) & (c.at_us >= since_us) & (c.verdict != "grader_fault")
    paths = ATTEMPTS.select(c.submission_path).where(mine).tuples().execute(database)
    hints = HINTS.select(fn.COUNT(HINTS.c.id)).where((HINTS.c.exercise_id == exercise_id) & (HINTS.c.at_us >= since_us))
    reveals = REVEALS.select(fn.COUNT(REVEALS.c.id)).where(
        (REVEALS.c.exercise_id == exercise_id) & (REVEALS.c.at_us >= since_us)
    )
    return ReviewWork(
        attempts=sum(decode_text(path).endswith(review_file) for (path,) in paths),
        hints=next(iter(hints.tuples().execute(database)))[0],
        revealed=next(iter(reveals.tuples().execute(database)))[0] > 0,
    )
