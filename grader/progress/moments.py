"""Which moment a record is stamped with when the clock cannot be right.

The log takes the clock's word, with two exceptions. Both need a proof, for a clock that was wrong yesterday looks just
like one that is wrong today:

- Before `EARLIEST` there was no study. A clock that is reset to 1970 or 2018, as by an empty battery, is no moment: the
  record gets the newest moment that the log knows, or where it knows none, the clock's all the same.
- At least `MOST_DAYS_AHEAD + 1` days of the log lie ahead of the clock. Nobody works on so many days with a clock that
  runs ahead, so it is this one that is behind: the record comes right after the newest.

Fewer days ahead are the trace of a clock that ran ahead for a session. They are left as they are, and do not hold up
what comes later. Whoever reads moments can rely on no more than this: `grader.plan.reviews` takes what lies before EARLIEST
as done at an unknown moment, and what is later than now as not done yet.
"""

from datetime import UTC, datetime, timedelta

from grader.progress.backend import Backend
from grader.progress.rows import from_micros, to_micros

EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)
MOST_DAYS_AHEAD = 2
#: Two machines, or a clock that was just set, differ by less.
_SLACK = timedelta(days=1)
_DAY_US = 86_400_000_000
_TABLES = ("attempts", "starts", "hints", "reveals", "resets", "reading_events", "answers", "reviews", "review_starts")


def choose_moment(backend: Backend, now: datetime) -> datetime:
    """Return the moment to stamp a record with; call it inside the transaction that adds it."""
    lasts = ", ".join(f"(SELECT at_us FROM {table} ORDER BY id DESC LIMIT 1)" for table in _TABLES)
    newest = max((at_us for at_us in backend.execute(f"SELECT {lasts}")[0] if at_us is not None), default=0)
    if to_micros(now + _SLACK) >= newest:
        return now
    if now < EARLIEST or _count_days_ahead(backend, now) > MOST_DAYS_AHEAD:
        return from_micros(newest + 1)
    return now


def _count_days_ahead(backend: Backend, now: datetime) -> int:
    after = to_micros(now + _SLACK)
    days: set[int] = set()
    for table in _TABLES:
        found = backend.execute(f"SELECT DISTINCT at_us / {_DAY_US} FROM {table} WHERE at_us > ?", [after])
        days.update(day for (day,) in found)
    return len(days)
