"""Exported logs as bytes, for the tests of what carries progress from one machine to another."""

import io
from datetime import UTC, datetime

from grader.progress import ProgressStore
from grader.progress.transfer import Event, read_log
from grader.progress.transfer_file import LogFile, write_log

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def export(store: ProgressStore) -> bytes:
    """Return the file of a log, exported at `NOW`."""
    file = io.BytesIO()
    write_log(store._backend, file, now=NOW)
    return file.getvalue()


def open_file(data: bytes) -> LogFile:
    """Check a file, and return it."""
    file = LogFile(io.BytesIO(data), "file")
    file.check()
    return file


def merge(store: ProgressStore, data: bytes, *, dry_run: bool = False) -> dict[str, int]:
    """Merge a file into a log."""
    return dict(sorted(store.merge_log(open_file(data).read, dry_run=dry_run).items()))


def read_events(store: ProgressStore) -> list[Event]:
    """Return all events of a log."""
    return [event for _, event in read_log(store._backend)]
