"""A backup of a log for each of the newest three days: what a damaged or lost file has cost can be had from there."""

import os
import sqlite3
import time
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from grader.progress.rows import RowDamaged
from grader.progress.schema import APPEND_ONLY

KEPT = 3
#: The backup of the day is made again when it is older: so much work is lost at most, and a command seldom waits for it.
_REFRESHED_AFTER_S = 3600


#: Tables whose rows are part of an attempt, and no event.
_PARTS = ("submissions", "attempt_details")


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
    """Make the backup of the day, unless there is one that is new enough.

    Returns:
        A sentence for the learner where it cannot be made: what was logged is safe all the same.

    Raises:
        RowDamaged: If the log itself is damaged: a backup of it would push out one that is whole.
    """
    target = backup_folder(log) / f"{log.stem}-{now.astimezone(UTC):%Y-%m-%d}{log.suffix}"
    temporary = target.with_name(f".{target.name}.{os.urandom(6).hex()}.tmp")
    try:
        if trouble := find_trouble(log):
            return trouble
        if _is_fresh(target):
            return None
        records = _count(connection)
        if _holds_more(count_records(target), records):  # of a log that was lost since
            return None
        target.parent.mkdir(mode=0o700, exist_ok=True)
        _copy(connection, temporary)
        os.replace(temporary, target)
        _rotate(log, target, records)
    except (OSError, sqlite3.Error) as error:
        return f"No backup of the progress log could be made in {target.parent}: {error}"
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return None


def find_trouble(log: Path) -> str | None:
    """Return a sentence about what keeps backups from being made, with what to type."""
    folder = backup_folder(log)
    if not os.path.lexists(folder):
        return None
    said = f"No backup of the progress log can be made: {folder}"
    if not folder.is_dir():
        return f"{said} is not a folder. Move it away: mv {folder} {folder}.old"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"{said} may not be written. Allow it: chmod u+wx {folder}"
    return None


def _is_fresh(backup: Path) -> bool:
    try:
        age_s = time.time() - backup.stat().st_mtime
    except FileNotFoundError:
        return False
    return abs(age_s) < _REFRESHED_AFTER_S  # one from the future was made by another clock


def _rotate(log: Path, made: Path, records: tuple[int, int]) -> None:
    """Delete the oldest backups; never one that is needed to bring back what the log has lost."""
    if read_loss(log) is not None:
        return
    others = [one for one in list_backups(log) if one != made]
    fuller = next((one for one in others if _holds_more(count_records(one), records)), None)
    for old in others[KEPT - 1 :]:
        if old != fuller:
            old.unlink(missing_ok=True)


def _holds_more(backup: tuple[int, int], log: tuple[int, int]) -> bool:
    """Tell whether there are more attempts or more events."""
    return backup[0] > log[0] or backup[1] > log[1]


def count_records(file: Path) -> tuple[int, int]:
    """Return how many attempts and how many events in all a log in a file holds; 0 where it is none."""
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro&immutable=1", uri=True)) as connection,
    ):
        return _count(connection)
    return 0, 0


def _count(connection: sqlite3.Connection) -> tuple[int, int]:
    found: dict[str, int] = {}
    for table in APPEND_ONLY:
        if table not in _PARTS:
            with suppress(sqlite3.Error):  # an older log has fewer tables
                found[table] = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
    return found.get("attempts", 0), sum(found.values())


def _loss_note(log: Path) -> Path:
    """Return the file that says that the log was lost: the backup with most of it, then the sentence."""
    return backup_folder(log) / f"{log.name}.lost.txt"


def note_loss(log: Path) -> None:
    """Write down that a log is missing or empty, if a backup of it holds anything."""
    counted = [(count_records(backup), backup) for backup in list_backups(log)]
    (_, records), fullest = max(counted, key=lambda one: one[0], default=((0, 0), log))  # of several, the newest
    if records == 0 or _loss_note(log).exists():
        return
    with suppress(OSError):  # a new log can be begun all the same; doctor tells of a folder that cannot be written
        _loss_note(log).write_text(
            f"{fullest.name}\nThe progress log {log} was missing or empty, and a new one was begun. Its backup {fullest} "
            f"holds {records:,} records; to bring them back: study doctor --repair\n",
            encoding="utf-8",
        )


def read_loss(log: Path) -> str | None:
    """Return the sentence about a log that was lost and not brought back."""
    with suppress(OSError):
        return _loss_note(log).read_text(encoding="utf-8", errors="replace").partition("\n")[2].strip()
    return None


def find_lost(log: Path) -> Path | None:
    """Return the backup that a lost log is to be brought back from."""
    with suppress(OSError):
        name = _loss_note(log).read_text(encoding="utf-8", errors="replace").partition("\n")[0]
        return next((backup for backup in list_backups(log) if backup.name == name), None)
    return None


def forget_loss(log: Path) -> None:
    """Say no more that a log was lost."""
    _loss_note(log).unlink(missing_ok=True)


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
