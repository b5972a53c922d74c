"""Make a new log of all that can be read of a damaged one, row by row, and of its backups.

The damaged file stays as it was, under another name. Nothing here writes to it: what is read is a copy, because SQLite
would bring a -wal into the file when it closes it.
"""

import mmap
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from grader.progress import schema
from grader.progress.backend import Backend, transaction
from grader.progress.backups import backup_folder, list_backups
from grader.progress.migrating import apply
from grader.progress.reading_damage import DamagedFile, fill_up, graft_first_page
from grader.progress.refilling import Found, refill
from grader.progress.rows import from_micros
from grader.progress.scanning import scan, write_scan
from grader.progress.summary import store_summary

#: Makes a log in a file that is not there yet.
MakeLog = Callable[[Path], Backend]

#: What follows the name of a log that was set aside.
ASIDE = "damaged"


#: What is in every log, in more than one place: no text that a learner keeps elsewhere has it.
_TRACES = (b"CREATE TABLE schema_migrations", b"CREATE TABLE attempts", b"attempts_no_update", b"attempts_by_exercise")
#: What a log is called unless another name was chosen.
_USUAL_NAME = "study.db"


def was_log(file: Path) -> bool:
    """Tell whether a file that is no whole database has ever been a progress log."""
    if file.name == _USUAL_NAME or list_backups(file) or list_aside(file):
        return True
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        is_text = data.find(b"\0") < 0  # what sqlite3 dumps, say
        return not is_text and any(data.find(trace) >= 0 for trace in _TRACES)


def salvage(log: Path, now: datetime, make_log: MakeLog) -> str:
    """Put a new log in the place of a damaged one; no other process may have it open.

    Returns:
        The sentence for the learner.

    Raises:
        OSError: If it cannot be done; then the damaged log is where it was.
    """
    with tempfile.TemporaryDirectory(prefix=f".{log.name}-salvage-", dir=log.parent) as folder:
        made = Path(folder) / "new.db"
        found = rebuild(log, made, now, make_log)
        aside = _choose_name(log, now)
        # Nobody knows what a file of garbage held that is smaller than any log; of others that is said.
        was_log = found.is_counted or log.stat().st_size >= made.stat().st_size
        said = _tell(log, aside, found, was_log=was_log)
        note = note_of(log, aside)
        note.parent.mkdir(mode=0o700, exist_ok=True)
        note.write_text(f"{said}\n", encoding="utf-8")
        for suffix in ("-wal", "-shm"):  # the file last: alone it would be given a new -wal
            with suppress(FileNotFoundError):
                os.rename(f"{log}{suffix}", f"{aside}{suffix}")
        os.rename(log, aside)
        os.rename(made, log)
    return said


def complete(log: Path, aside: Path, now: datetime, make_log: MakeLog) -> str:
    """Add to a log what a file that was set aside, and the backups, still hold; no other process may have the log open.

    Returns:
        A sentence about what was added.
    """
    with tempfile.TemporaryDirectory(prefix=f".{log.name}-salvage-", dir=log.parent) as folder:
        made = Path(folder) / "new.db"
        rebuild(log, made, now, make_log, aside=aside)
        added = _count(made) - _count(log)
        if added <= 0:
            return f"Nothing more can be read of {aside.name}."
        before = backup_folder(log) / f"before-repair-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{log.suffix}"
        before.parent.mkdir(mode=0o700, exist_ok=True)
        os.rename(log, before)
        os.rename(made, log)
    return f"{added:,} rows were added from {aside.name} and the backups; the log from before is {before}."


@contextmanager
def rebuilt(backup: Path, now: datetime, make_log: MakeLog) -> Iterator[Backend]:
    """Give all that can be read of a backup as a log of the newest schema, as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix=f".{backup.name}-", dir=backup.parent) as folder:
        copy, made = Path(folder) / "copy.db", Path(folder) / "new.db"
        shutil.copyfile(backup, copy)
        rebuild(copy, made, now, make_log)
        backend = make_log(made)
        backend.connect()
        try:
            yield backend
        finally:
            backend.close()


def _count(log: Path) -> int:
    """Count the rows and texts of a log that is in order."""
    with closing(sqlite3.connect(log)) as connection:
        counts = [connection.execute(f"SELECT COUNT(*) FROM {table}") for table in schema.APPEND_ONLY]
        counts.append(connection.execute("SELECT COUNT(*) FROM submissions WHERE packed IS NOT NULL"))
        return sum(count.fetchone()[0] for count in counts)


def rebuild(log: Path, target: Path, now: datetime, make_log: MakeLog, *, aside: Path | None = None) -> Found:
    """Write what can be read of a log and its backups into a new file; what was lost is told in the result.

    Args:
        log: The log, damaged or not.
        target: The file to make.
        now: When that is.
        make_log: Makes the log in the new file.
        aside: A damaged file of the same log, from before.
    """
    with tempfile.TemporaryDirectory(prefix="copies-", dir=target.parent) as folder, ExitStack() as stack:
        opener = _Opener(Path(folder), stack, make_log)
        sources = list(opener.open_all(log, aside))
        backend = make_log(target)
        stack.callback(backend.close)
        backend.connect()
        backend.execute("PRAGMA synchronous = off")  # it is brought to the disk when it is whole
        births = [birth for source in sources if (birth := source.read_birth()) is not None]
        with transaction(backend):
            make_tables(backend, from_micros(births[0]) if births else now)
            found = refill(backend, [source for source in sources if source.read_birth() in (None, *births[:1])])
            store_summary(backend, now)
        backend.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    descriptor = os.open(target, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return found


def make_tables(backend: Backend, begun: datetime) -> None:
    """Make the tables of an empty log that was begun at a moment."""
    for version in range(len(schema.MIGRATIONS)):
        apply(backend, version, begun)


class _Opener:
    """Opens copies of files that may hold rows of a log."""

    def __init__(self, folder: Path, stack: ExitStack, make_log: MakeLog) -> None:
        self._make_log = make_log
        self._folder = folder
        self._stack = stack

    def open_all(self, log: Path, aside: Path | None) -> Iterator[DamagedFile]:
        """Yield what can be opened, the best first: the log, a damaged file of it, and its backups."""
        backups = list_backups(log)
        yield from self._open_damaged(log, "log", backups)
        if aside is not None:
            yield from self._open_damaged(aside, "aside", backups, is_backup=True)
        for backup in backups:
            yield from self._open(self._copy(backup, backup.name), is_backup=True)

    def _open_damaged(
        self, file: Path, name: str, backups: list[Path], *, is_backup: bool = False
    ) -> Iterator[DamagedFile]:
        """Yield a file with its -wal, and alone; or where neither names its tables, with another's first page.

        Last what its leaf pages hold, whatever leads to them.
        """
        is_open = False
        wal = file.with_name(f"{file.name}-wal")
        if wal.exists() and wal.stat().st_size:
            together = self._copy(file, f"{name}-with-wal.db")
            self._copy(wal, f"{name}-with-wal.db-wal")
            for source in self._open(together, is_backup=is_backup, immutable=False):
                is_open = True
                yield source
        alone = self._copy(file, f"{name}.db")
        fill_up(alone)
        for source in self._open(alone, is_backup=is_backup):
            is_open = True
            yield source
        donors = [*backups, self._fresh]
        if not is_open:
            yield from self._open_grafted(file, name, donors, is_backup=is_backup)
        scanned = self._folder / f"{name}-scanned.db"
        write_scan(scan(file, donors), scanned)
        yield from self._open(scanned, is_backup=is_backup, is_scanned=True)

    @cached_property
    def _fresh(self) -> Path:
        """A log of no event."""
        place = self._folder / "fresh.db"
        fresh = self._make_log(place)
        fresh.connect()
        fresh.execute("PRAGMA synchronous = off")  # a file of the moment
        with transaction(fresh):
            make_tables(fresh, datetime.now(UTC))
        fresh.close()
        return place

    def _open_grafted(self, file: Path, name: str, donors: list[Path], *, is_backup: bool) -> Iterator[DamagedFile]:
        for number, donor in enumerate(donors):
            grafted = self._copy(file, f"{name}-grafted-{number}.db")
            if graft_first_page(grafted, donor):
                fill_up(grafted)
                for source in self._open(grafted, is_backup=is_backup):
                    yield source
                    return

    def _copy(self, file: Path, name: str) -> Path:
        return Path(shutil.copyfile(file, self._folder / name))

    def _open(
        self, path: Path, *, is_backup: bool, immutable: bool = True, is_scanned: bool = False
    ) -> Iterator[DamagedFile]:
        """Yield the file opened, unless it names no table."""
        try:
            source = DamagedFile(path, is_backup=is_backup, immutable=immutable, is_scanned=is_scanned)
        except sqlite3.Error:
            return
        self._stack.callback(source.close)
        if source.list_tables():
            yield source


def _choose_name(log: Path, now: datetime) -> Path:
    stem = f"{log.name}.{ASIDE}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    aside, number = log.with_name(stem), 1
    while os.path.lexists(aside):
        number += 1
        aside = log.with_name(f"{stem}-{number}")
    return aside


def list_aside(log: Path) -> list[Path]:
    """Return the damaged files that were set aside and not dealt with yet, the oldest first."""
    return sorted(
        entry for entry in log.parent.glob(f"{log.name}.{ASIDE}-*") if not entry.name.endswith(("-wal", "-shm"))
    )


def note_of(log: Path, aside: Path) -> Path:
    """Return the file with what was said when a damaged one was set aside."""
    return backup_folder(log) / f"{aside.name}.txt"


def _tell(log: Path, aside: Path, found: Found, *, was_log: bool) -> str:
    moved = f"The progress log {log} was damaged. It has been moved to {aside}, and "
    if not found.kept and not found.lost and not was_log:
        return f"{moved}a new, empty log was started."
    return f"{moved}a new log was made of what can be read: {found.describe()}."
