"""The two databases a progress log can live in, behind one face: connect, transact, explain."""

import fcntl
import importlib
import os
import shutil
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import peewee

from grader.errors import ProgressError, UsageError
from grader.progress.schema import POSTGRES, SQLITE, Dialect

# What a statement can raise: peewee wraps the driver's errors when it sends a statement, but not while
# the rows of an answer are fetched.
DRIVER_ERRORS = (peewee.PeeweeException, sqlite3.Error)

_SMALLEST_PAGE_BYTES = 512  # of a SQLite database


class Backend(Protocol):
    """One database with a progress log in it; `place` names it in messages."""

    dialect: Dialect
    place: str

    @property
    def database(self) -> peewee.Database:
        """The connection, as peewee wraps it."""

    def connect(self) -> None:
        """Open the connection, unless it is open."""

    def begin(self) -> None:
        """Begin a transaction that is going to write."""

    def lock_schema(self) -> None:
        """Keep other processes from migrating until the transaction ends."""

    def recover(self, error: Exception, now: datetime) -> str | None:
        """Make way for a new log if `error` means that this one is damaged.

        Returns:
            The sentence for the learner; None when another process has done it already.

        Raises:
            ProgressError: Anything else, explained.
        """


@contextmanager
def transaction(backend: Backend) -> Iterator[None]:
    """Write everything inside the block, or nothing."""
    backend.begin()
    try:
        yield
        backend.database.commit()
    except BaseException:
        try:
            backend.database.rollback()
        except peewee.PeeweeException:
            # SQLite has rolled back by itself when a disk is full, and a lost server cannot any more.
            # A new connection is right in both cases, and the first error is the one to tell.
            backend.database.close()
        raise


def execute_sql(backend: Backend, sql: str) -> None:
    """Run one statement that has no parameters and no result."""
    execute: Any = backend.database.execute_sql  # Any: peewee's stub leaves it without types
    execute(sql)


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
        )

    def connect(self) -> None:
        """Open the file, creating it and its folder where they are missing."""
        give_up_at = time.monotonic() + self._busy_timeout_s
        while True:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                status = self._find_status()
            except OSError as error:
                raise ProgressError(
                    f"The progress log {self.place} cannot be reached: {error.strerror}", hint="study doctor"
                ) from error
            self._inode = status.st_ino if status else None
            if status and stat.S_ISREG(status.st_mode) and status.st_size > 0:
                self._check_header(status.st_size)
            try:
                self.database.connect(reuse_if_open=True)
                return
            except peewee.OperationalError as error:
                # While one process turns a new file into a WAL database, SQLite answers "locked" to
                # another one at once, whatever the busy timeout says.
                if _sqlite_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                    raise
                time.sleep(0.01)

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
            with self.path.open("rb") as damaged:
                # Two processes can find the same damage; the slower one must not rename the new file.
                fcntl.flock(damaged, fcntl.LOCK_EX)
                status = self._find_status()
                if not status or not status.st_ino == os.fstat(damaged.fileno()).st_ino == self._inode:
                    return None
                aside = self._find_free_name(now)
                for suffix in ("-wal", "-shm", ""):  # the file last: alone it would be given a new -wal
                    with suppress(FileNotFoundError):
                        os.rename(f"{self.path}{suffix}", f"{aside}{suffix}")
        except FileNotFoundError:
            return None
        except OSError as failure:
            raise ProgressError(
                f"The progress log {self.place} is damaged and cannot be set aside: {failure.strerror}",
                hint="study doctor",
            ) from failure
        return (
            f"The progress log {self.place} was damaged. It has been moved to {aside}, "
            "and a new, empty log was started."
        )

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

    def _find_free_name(self, now: datetime) -> Path:
        stem = f"{self.path.name}.damaged-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        aside, number = self.path.with_name(stem), 1
        while aside.exists():
            number += 1
            aside = self.path.with_name(f"{stem}-{number}")
        return aside

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


class PostgresBackend:
    """A log in a PostgreSQL database or schema of its own, reached by a URL."""

    dialect = POSTGRES

    def __init__(self, url: str, *, busy_timeout_s: float) -> None:
        try:
            importlib.import_module("psycopg")
        except ImportError as error:
            raise UsageError(
                "A progress log in PostgreSQL needs the driver psycopg, which is not installed",
                hint='pip install "study-grader[postgres]"',
            ) from error
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise UsageError(f"This is no URL of a PostgreSQL database: {error}") from error
        # Without the password, which may stand before the host or in the query.
        user, at, host = parts.netloc.rpartition("@")
        self.place = f"postgresql://{user.partition(':')[0]}{at}{host}{parts.path}"
        given = parse_qs(parts.query)
        wait = f"-c lock_timeout={round(busy_timeout_s * 1000)}"
        self.database = peewee.PostgresqlDatabase(
            url,
            prefer_psycopg3=True,
            connect_timeout=given.get("connect_timeout", ["10"])[-1],  # libpq waits for ever otherwise
            options=" ".join([*given.get("options", [])[-1:], wait]),
        )

    def connect(self) -> None:
        """Connect to the server."""
        self.database.connect(reuse_if_open=True)

    def begin(self) -> None:
        """Begin a transaction."""
        self.database.begin()

    def lock_schema(self) -> None:
        """Take a lock of the server that ends with the transaction; its key is ours alone."""
        execute_sql(self, "SELECT pg_advisory_xact_lock(5748337621904)")

    def recover(self, error: Exception, now: datetime) -> str | None:
        """Explain the error; a damaged PostgreSQL database is its administrator's to mend."""
        if not self.database.is_connection_usable():
            self.database.close()  # so that the next statement connects again
        raise ProgressError(
            f"The progress log {self.place} cannot be used: {str(error).strip()}",
            hint="check that the server runs and the URL is right, then: study doctor",
        ) from error


def _sqlite_code(error: Exception) -> int | None:
    """Return SQLite's primary result code; the extended codes add detail above the low byte."""
    code = getattr(getattr(error, "orig", error), "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF
