"""The sum of the log as the database keeps it, so that no command adds everything up again."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from grader.progress.backend import Backend, read_pages, transaction
from grader.progress.rows import to_micros
from grader.progress.summing import (
    ANSWER,
    ATTEMPT,
    HINT,
    PASSED,
    READING,
    REVEAL,
    REVIEW,
    REVIEW_START,
    START,
    STATES,
    VERSION,
    Event,
    Summary,
)

#: The sum is stored again at every so many rows of a table. Those since are added up at each reading.
STORE_EVERY = 128
#: A log with fewer rows than this is added up sooner than a sum of it is stored.
_MANY_ROWS = 1000
_ROW = 1

#: table -> its columns; how a row becomes an event is in `_to_event`.
_COLUMNS = {
    "attempts": "id, at_us, exercise_id, verdict, score, max_score, elapsed_s",
    "starts": "id, at_us, exercise_id",
    "review_starts": "id, at_us, exercise_id",
    "hints": "id, at_us, exercise_id, number",
    "reveals": "id, at_us, exercise_id, gave_up",
    "answers": "id, at_us, exercise_id, question_id, number_right",
    "reading_events": "id, at_us, reading_id, state, minutes, note",
    "reviews": "id, at_us, kind, subject_id, rating, attempts, hints, revealed",
}
_KINDS = {"starts": START, "review_starts": REVIEW_START, "hints": HINT, "reveals": REVEAL}
_DECODER = msgspec.msgpack.Decoder(Summary)


def load_summary(backend: Backend, now: Callable[[], datetime]) -> Summary:
    """Return the sum of the whole log: the stored one, and what came since."""
    summary, is_new = _add_up(backend)
    if is_new and sum(summary.seen.values()) > _MANY_ROWS:
        try:
            with transaction(backend):
                store_summary(backend, now())
        except backend.driver_errors():
            return summary  # a log that cannot be written to can still be read; the next command adds it up again
    return summary


def recompute_summary(backend: Backend) -> Summary:
    """Return the sum of the whole log, made from its rows alone."""
    summary = Summary()
    _add_late(summary, _read_tail(backend, summary))
    return summary


def store_summary(backend: Backend, now: datetime) -> None:
    """Store the sum up to `now`; call it inside a transaction."""
    summary = _load_stored(backend)
    tail = _read_tail(backend, summary)
    if not _fits(summary, tail):
        summary = Summary()
        tail = _read_tail(backend, summary)
    waiting = sorted([*map(tuple, summary.late), *tail])
    now_us = to_micros(now)
    summary.add_all(event for event in waiting if event[0] <= now_us)
    summary.late = [event for event in waiting if event[0] > now_us]
    backend.execute(
        "INSERT INTO summaries (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        [_ROW, msgspec.msgpack.encode(summary)],
    )


def forget_summary(backend: Backend) -> None:
    """Take the stored sum away; the next reading makes it again."""
    backend.execute("DELETE FROM summaries")


def is_summary_right(backend: Backend) -> bool:
    """Tell whether the stored sum, with what came since, is the sum of the rows."""
    summary, _ = _add_up(backend)
    return summary == recompute_summary(backend)


def _add_up(backend: Backend) -> tuple[Summary, bool]:
    """Return the sum of everything, and whether the stored one was of no use for it."""
    summary = _load_stored(backend)
    tail = _read_tail(backend, summary)
    if not _fits(summary, tail):
        return recompute_summary(backend), True
    is_new = summary.until_us < 0
    _add_late(summary, tail)
    return summary, is_new


def _add_late(summary: Summary, tail: list[Event]) -> None:
    summary.add_all(sorted([*map(tuple, summary.late), *tail]))
    summary.late = []


def _fits(summary: Summary, tail: list[Event]) -> bool:
    """Tell whether everything in the tail comes after what is summed up already."""
    return all(event[0] > summary.until_us for event in tail)


def _load_stored(backend: Backend) -> Summary:
    rows = backend.execute("SELECT body FROM summaries WHERE id = ?", [_ROW])
    try:
        summary = _DECODER.decode(rows[0][0]) if rows else Summary()
    except msgspec.DecodeError:
        return Summary()  # it can be made again from the rows
    return summary if summary.version == VERSION else Summary()


def _read_tail(backend: Backend, summary: Summary) -> list[Event]:
    """Read the events that the sum has not seen, and note that it has."""
    events: list[Event] = []
    for table, columns in _COLUMNS.items():
        seen = summary.seen.get(table, 0)
        for row in read_pages(backend, table, columns, after=seen):
            seen = row[0]
            event = _to_event(table, row)
            if event is not None:
                events.append(event)
        if seen:
            summary.seen[table] = seen
    return events


def _to_event(table: str, row: tuple[Any, ...]) -> Event | None:
    _, at_us, *rest = row
    if table == "attempts":
        return (at_us, PASSED if rest[1] == "passed" else ATTEMPT, *rest)
    if table == "reading_events":
        name, state, minutes, note = rest
        known = STATES.index(state) if state in STATES else 0
        return (at_us, READING, name, known, minutes or 0, note is not None, b"" if note is None else bytes(note))
    if table == "answers":
        # One whose number was wrong is still open.
        return (at_us, ANSWER, rest[0], rest[1]) if rest[2] in (None, 1) else None
    if table == "reviews":
        return (at_us, REVIEW, *row[:1], *rest)
    return (at_us, _KINDS[table], *rest)
