"""One backup of a log a day, the newest three: what a damaged page has cost can be had from there."""

import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from grader.progress.rows import RowDamaged

KEPT = 3


def backup_folder(log: Path) -> Path:
    """Return the folder with the backups of a log, and with damaged files that were dealt with."""
    return log.with_name(f"{log.name}.backups")


def list_backups(log: Path) -> list[Path]:
    """Return the backups of a log, the newest first."""
    try:
        found = [(entry.stat().st_mtime_ns, entry) for entry in backup_folder(log).glob(f"{log.stem}-*{log.suffix}")]
    except OSError:
        return []
    return [entry for _, entry in sorted(found, reverse=True)]


def back_up(log: Path, connection: sqlite3.Connection, now: datetime) -> str | None:
    """Make the backup of the day, unless there is one.

    Returns:
        A sentence for the learner where it cannot be made: what was logged is safe all the same.

    Raises:
        RowDamaged: If the log itself is damaged: a backup of it would push out one that is whole.
    """
    target = backup_folder(log) / f"{log.stem}-{now.astimezone(UTC):%Y-%m-%d}{log.suffix}"
    if target.exists():
        return None
    temporary = target.with_name(f".{target.name}.{os.urandom(6).hex()}.tmp")
    try:
        target.parent.mkdir(mode=0o700, exist_ok=True)
        _copy(connection, temporary)
        os.replace(temporary, target)
        for old in [one for one in list_backups(log) if one != target][KEPT - 1 :]:
            old.unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        return f"No backup of the progress log could be made in {target.parent}: {error}"
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return None


def _copy(connection: sqlite3.Connection, target: Path) -> None:
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode = delete").fetchall()  # one file, for itself
        problems = copy.execute("PRAGMA quick_check(1)").fetchall()
    if problems != [("ok",)]:
        raise RowDamaged(f"the log is damaged: {problems[0][0]}")
    descriptor = os.open(target, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
