"""What the progress log asks of the database it lives in."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

import peewee

from grader.progress.schema import Dialect

# What a statement can raise: peewee wraps the driver's errors when it sends a statement, but not while
# the rows of an answer are fetched.
DRIVER_ERRORS = (peewee.PeeweeException, sqlite3.Error)


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
            # The next record makes a new connection; the first error is the one to tell.
            backend.database.close()
        raise


def execute_sql(backend: Backend, sql: str) -> None:
    """Run one statement that has no parameters and no result."""
    execute: Any = backend.database.execute_sql  # Any: peewee's stub leaves it without types
    execute(sql)
