"""A progress log in a SQLite file: opened with care, set aside when damaged."""

import fcntl
import os
import shutil
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import peewee

from grader.core.errors import ProgressError
from grader.progress.schema import SQLITE

_SMALLEST_PAGE_BYTES = 512  # of a SQLite database
_RETRY_PAUSE_S = 0.01

# Every connection to a WAL database keeps a read lock on these bytes of the file, from its first read
# to its end: PENDING_BYTE + 2 and SHARED_SIZE in SQLite's os.h.
_SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510


class SqliteBackend:
    """A log in one SQLite file (with -wal and -shm beside it while it is in use)."""

    dialect = SQLITE

    def __init__(self, path: Path, *, busy_timeout_s: float) -> None:
        self.path = path.absolute()
        self.place = str(self.path)
        self._busy_timeout_s = busy_timeout_s
        self._inode: int | None = None
        self.database = peewee.SqliteDatabase(
            os.fspath(self.path),
            # FULL: a grade that was reported stays logged when the power fails. It is one fsync each.
            pragmas={"journal_mode": "wal", "synchronous": "full", "foreign_keys": 1},
            timeout=busy_timeout_s,
            autoconnect=False,  # every connection is made by `connect`, under its lock
        )

    def connect(self) -> None:
        """Open the file, creating it and its folder where they are missing."""
        if not self.database.is_closed():
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked_folder(fcntl.LOCK_SH):
                self._open_file()
        except OSError as error:
            raise ProgressError(
                f"The progress log {self.place} cannot be reached: {error.strerror}", hint="study doctor"
            ) from error

    def begin(self) -> None:
        """Begin with the write lock: a read lock that is upgraded later can fail with no wait."""
        self.database.begin("IMMEDIATE")

    def lock_schema(self) -> None:
        """Do nothing more: `begin` has already locked out every other writer."""

    def recover(self, error: Exception, now: datetime) -> str | None:
        """Rename a damaged file, so that the next `connect` makes a new one."""
        if _sqlite_code(error) not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise self._explain(error) from error
        self.database.close()
        try:
            with self._locked_folder(fcntl.LOCK_EX):
                aside = self._set_aside(now)
        except OSError as failure:
            raise ProgressError(
                f"The progress log {self.place} is damaged and cannot be set aside: {failure.strerror}",
                hint="study doctor",
            ) from failure
        if aside is None:
            return None
        return (
            f"The progress log {self.place} was damaged. It has been moved to {aside}, "
            "and a new, empty log was started."
        )

    @contextmanager
    def _locked_folder(self, kind: int) -> Iterator[None]:
        """Keep connecting (LOCK_SH) and setting aside (LOCK_EX) apart.

        SQLite finds -wal and -shm by name. A connection half made while the file is renamed would join
        the old file with the new file's -wal.
        """
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, kind)
            yield
        finally:
            os.close(folder)

    def _open_file(self) -> None:
        give_up_at = time.monotonic() + self._busy_timeout_s
        while True:
            status = self._find_status()
            self._inode = status.st_ino if status else None
            if status and stat.S_ISREG(status.st_mode) and status.st_size > 0:
                self._check_header(status.st_size)
            try:
                self.database.connect()
                return
            except peewee.OperationalError as error:
                # While one process turns a new file into a WAL database, SQLite answers "locked" to
                # another one at once, whatever the busy timeout says.
                if _sqlite_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                    raise
                time.sleep(_RETRY_PAUSE_S)

    def _set_aside(self, now: datetime) -> Path | None:
        """Rename the damaged file with what belongs to it; None if that has been done already."""
        status = self._find_status()
        if not status or status.st_ino != self._inode:
            return None
        with self.path.open("r+b") as damaged:  # to write, because only then can a write lock be had
            self._wait_until_unused(damaged.fileno())
            stem = f"{self.path.name}.damaged-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
            aside, number = self.path.with_name(stem), 1
            while aside.exists():
                number += 1
                aside = self.path.with_name(f"{stem}-{number}")
            for suffix in ("-wal", "-shm", ""):  # the file last: alone it would be given a new -wal
                with suppress(FileNotFoundError):
                    os.rename(f"{self.path}{suffix}", f"{aside}{suffix}")
        return aside

    def _wait_until_unused(self, damaged: int) -> None:
        """Wait for the connections of other processes to end.

        The last of them deletes the -wal by its name when it ends, and by then it would be a new one's.
        """
        give_up_at = time.monotonic() + self._busy_timeout_s
        while True:
            try:
                fcntl.lockf(damaged, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
                return
            except (BlockingIOError, PermissionError) as error:  # POSIX allows either
                if time.monotonic() > give_up_at:
                    raise ProgressError(
                        f"The progress log {self.place} is damaged, and another process has it open",
                        hint="end the other study command, then type this one again",
                    ) from error
                time.sleep(_RETRY_PAUSE_S)

    def _check_header(self, size_bytes: int) -> None:
        """Raise SQLite's own error where the file is no database, before a connection can touch it.

        A connection would take a file shorter than a page for an empty one, and delete a -wal that
        belongs to no database. Only SQLite reads the file here: opening and closing it ourselves would
        drop the locks that other connections of this process hold on it.
        """
        if size_bytes < _SMALLEST_PAGE_BYTES:
            error = sqlite3.DatabaseError("the file is shorter than any database")
            error.sqlite_errorcode = sqlite3.SQLITE_NOTADB
            raise error
        try:
            with closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro&immutable=1", uri=True)) as looker:
                looker.execute("PRAGMA schema_version")
        except sqlite3.DatabaseError as error:
            # Anything else is left to the real connection: it has the -wal, which may mend the file.
            if _sqlite_code(error) == sqlite3.SQLITE_NOTADB:
                raise

    def _find_status(self) -> os.stat_result | None:
        try:
            return self.path.stat()
        except FileNotFoundError:
            return None

    def _is_disk_full(self) -> bool:
        # SQLite reports no more than "disk I/O error" when its -shm file, of 32 KiB, finds no room.
        return shutil.disk_usage(self.path.parent).free < 32 * 1024

    def _explain(self, error: Exception) -> ProgressError:
        code = _sqlite_code(error)
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return ProgressError(
                f"Another process has kept the progress log {self.place} locked for more than "
                f"{self._busy_timeout_s:g} s",
                hint="end the other study command, then type this one again",
            )
        if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and self._is_disk_full()):
            return ProgressError(
                f"There is no space left to write the progress log {self.place}",
                hint=f"free some space (df -h {self.path.parent}), then type the command again",
            )
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            return ProgressError(
                f"The progress log {self.place} cannot be opened for writing: {error}",
                hint="make the file and its folder writable, then: study doctor",
            )
        return ProgressError(f"The progress log {self.place} cannot be used: {error}", hint="study doctor")


def _sqlite_code(error: Exception) -> int | None:
    """Return SQLite's primary result code; the extended codes add detail above the low byte."""
    code = getattr(getattr(error, "orig", error), "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF
