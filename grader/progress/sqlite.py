"""A progress log in a SQLite file: opened with care, salvaged when damaged, backed up once per day."""

import fcntl
import os
import shlex
import shutil
import sqlite3
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.core.errors import ProgressError, ProgressUnusable, UsageError
from grader.progress.backend import insert_statement
from grader.progress.damage import is_damage, sqlite_code
from grader.progress.dialect import SQLITE
from grader.progress.rows import RowDamaged
from grader.progress.schema import APPEND_ONLY

_SMALLEST_PAGE_BYTES = 512  # of a SQLite database
_RETRY_PAUSE_S = 0.01
#: How long a writer waits for readers, so that what it has written is in the file itself: they read for milliseconds.
_CHECKPOINT_WAIT_S = 2.0

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
        self.connection: sqlite3.Connection | None = None

    def driver_errors(self) -> tuple[type[Exception], ...]:
        """Return sqlite3's base class."""
        return (sqlite3.Error,)

    def connect(self) -> None:
        """Open the file, creating it and its folder where they are missing."""
        if self.connection is not None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked_folder(fcntl.LOCK_SH):
                self._open_file()
        except PermissionError as error:
            raise ProgressUnusable(
                f"The progress log {self.place} cannot be reached: {error.strerror}",
                hint=self.find_refusal() or "study doctor",
            ) from error
        except OSError as error:
            raise ProgressError(
                f"The progress log {self.place} cannot be reached: {error.strerror}", hint="study doctor"
            ) from error

    def close(self) -> None:
        """Close the connection; the last one to a file takes its -wal and -shm away."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def execute(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement."""
        return self._connected().execute(sql, values).fetchall()

    def insert(self, table: str, row: Mapping[str, Any]) -> int:
        """Add a row."""
        cursor = self._connected().execute(insert_statement(table, tuple(row)), tuple(row.values()))
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def _connected(self) -> sqlite3.Connection:
        if self.connection is None:
            raise sqlite3.ProgrammingError("the connection is closed")
        return self.connection

    def list_tables(self) -> list[str]:
        """Return the tables of the file.

        Raises:
            RowDamaged: If there must be more than are named.
        """
        # First the pages: another process may make the tables between the two.
        ((pages,),) = self.execute("PRAGMA page_count")
        names = [name for (name,) in self.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = [name for name in names if not name.startswith("sqlite_")]
        if not tables and pages > 1:
            raise RowDamaged("the file names no table, and is not empty")
        if "schema_migrations" not in tables and set(tables) & set(APPEND_ONLY):
            raise RowDamaged("the file does not name all of its tables")
        return tables

    def begin(self) -> None:
        """Begin with the write lock: a read lock that is upgraded later can fail with no wait."""
        self.execute("BEGIN IMMEDIATE")

    def end_conversion(self) -> None:
        """Do nothing: a row that brings its number is counted."""

    def shrink(self) -> None:
        """Write the file again without what was freed; where there is no room for that, it stays as large as it is.

        Older versions made the file readable by everybody; it becomes its owner's alone.
        """
        with suppress(PermissionError):  # it belongs to another user, who shares it
            self.path.chmod(0o600)
        try:
            self.execute("VACUUM")
        except sqlite3.Error as error:
            if sqlite_code(error) not in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY):
                raise

    def settle(self) -> str | None:
        """Bring what was committed from the -wal into the file itself."""
        try:
            self._checkpoint()
        except sqlite3.Error as error:
            if is_damage(error):
                raise
            return f"What was just logged is safe in {self.path}-wal, but cannot be moved into {self.path} yet: {error}"
        return None

    def back_up(self, now: datetime) -> str | None:
        """Copy the file, once per day."""
        from grader.progress.backups import back_up

        return back_up(self.path, self._connected(), now)

    def _checkpoint(self) -> None:
        """Make the file hold everything by itself, so that a copy of it is a copy of the log."""
        give_up_at = time.monotonic() + _CHECKPOINT_WAIT_S
        while True:
            # PASSIVE does not wait: a reader keeps back only what was written since it began.
            _, frames, moved = self.execute("PRAGMA wal_checkpoint(PASSIVE)")[0]
            if moved == frames or time.monotonic() > give_up_at:
                return
            time.sleep(_RETRY_PAUSE_S)

    def recover(self, error: Exception, now: datetime) -> str | None:
        """Salvage a damaged file, so that the next `connect` finds what was kept of it."""
        if not is_damage(error):
            raise self._explain(error) from error
        from grader.progress.salvage import salvage, was_log  # only a damaged log needs it

        try:
            with self._alone() as is_mine:
                if is_mine and sqlite_code(error) == sqlite3.SQLITE_NOTADB and self._has_header():
                    return None  # another process was making it, and has done so
                if is_mine and not was_log(self.path):
                    raise UsageError(
                        f"{self.place} is there already and is not a progress log; it is unchanged",
                        hint="give the progress log a file of its own: STUDY_DATABASE, or `database` in the settings",
                    )
                return salvage(self.path, now, self.make_log) if is_mine else None  # another process has done it
        except OSError as failure:
            raise ProgressError(
                f"The progress log {self.place} is damaged and cannot be set aside: {failure.strerror}",
                hint="study doctor",
            ) from failure

    def complete(self, aside: Path, now: datetime) -> str:
        """Add to the log what a file that was set aside, and the backups, still hold.

        Returns:
            A sentence about what was added.
        """
        from grader.progress.salvage import complete

        with self._alone() as is_mine:
            said = complete(self.path, aside, now, self.make_log) if is_mine else "The log was changed meanwhile."
        self.connect()
        return said

    @staticmethod
    def make_log(path: Path) -> "SqliteBackend":
        """Return a log in another file, of the moment."""
        return SqliteBackend(path, busy_timeout_s=10.0)  # no other process knows the file

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Close the connection, and keep everybody from the file; tells whether it is still the one that was open."""
        self.close()
        with self._locked_folder(fcntl.LOCK_EX):
            status = self._find_status()
            if not status or status.st_ino != self._inode:
                yield False
                return
            with self.path.open("r+b") as file:  # to write, because only then can a write lock be had
                self._wait_until_unused(file.fileno())
                yield True

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
            if status is None or status.st_size == 0:
                from grader.progress.backups import note_loss  # only a log that is new needs it

                note_loss(self.path)
            if status is None:
                self._make_private()
                status = self._find_status()
            self._inode = status.st_ino if status else None
            if status and stat.S_ISREG(status.st_mode) and status.st_size > 0:
                self._check_header(status.st_size)
            try:
                self.connection = self._connect_file()
                return
            except sqlite3.OperationalError as error:
                # While one process turns a new file into a WAL database, SQLite answers "locked" to
                # another one at once, whatever the busy timeout says.
                if sqlite_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                    raise
                time.sleep(_RETRY_PAUSE_S)

    def find_loss(self) -> str | None:
        """Return what was written down when the log was missing, until that has been dealt with."""
        from grader.progress.backups import read_loss

        return read_loss(self.path)

    def _make_private(self) -> None:
        """Make the file for its owner alone: it holds everything a learner wrote. -wal and -shm take after it."""
        try:
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except FileExistsError:
            return  # another process was faster

    def _connect_file(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=self._busy_timeout_s, isolation_level=None)
        try:
            # FULL: a grade that was reported stays logged when the power fails.
            for setting in ("journal_mode = wal", "synchronous = full", "foreign_keys = 1"):
                connection.execute(f"PRAGMA {setting}").fetchall()
        except BaseException:
            connection.close()
            raise
        return connection

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
            if sqlite_code(error) == sqlite3.SQLITE_NOTADB:
                raise

    def _has_header(self) -> bool:
        """Tell whether the file is a database by now."""
        status = self._find_status()
        try:
            self._check_header(status.st_size if status else 0)
        except sqlite3.DatabaseError:
            return False
        return True

    def _find_status(self) -> os.stat_result | None:
        try:
            return self.path.stat()
        except FileNotFoundError:
            return None

    def find_refusal(self) -> str | None:
        """Return what to type where the log may not be read or written; SQLite makes files beside it, too."""
        folder = self.path.parent
        with suppress(OSError):
            if os.statvfs(folder).f_flag & os.ST_RDONLY:  # no mode of a file helps there
                return (
                    f"{folder} is on a read-only file system: mount it for writing, or set STUDY_HOME to another folder"
                )
        allowed = []
        # A -wal and -shm that were made while the file could not be written cannot be either.
        beside = [Path(f"{self.path}{suffix}") for suffix in ("-wal", "-shm")]
        locked = [one for one in (self.path, *beside) if one.exists() and not os.access(one, os.W_OK)]
        if locked:
            mode = "u+w" if all(os.access(one, os.R_OK) for one in locked) else "u+rw"
            allowed.append(f"chmod {mode} {shlex.join(map(str, locked))}")
        if not os.access(self.path.parent, os.W_OK | os.X_OK):
            allowed.append(f"chmod u+wx {shlex.quote(str(self.path.parent))}")
        return " && ".join(allowed) or None

    def _is_disk_full(self) -> bool:
        # SQLite reports no more than "disk I/O error" when its -shm file, of 32 KiB, finds no room.
        return shutil.disk_usage(self.path.parent).free < 32 * 1024

    def _explain(self, error: Exception) -> ProgressError:
        code = sqlite_code(error)
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
            return ProgressUnusable(
                f"The progress log {self.place} cannot be opened for writing: {error}",
                hint=self.find_refusal() or "make the file and its folder writable, then: study doctor",
            )
        return ProgressError(f"The progress log {self.place} cannot be used: {error}", hint="study doctor")
