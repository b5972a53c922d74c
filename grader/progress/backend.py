"""What the progress log asks of the database it lives in."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

from grader.progress.dialect import Dialect

#: So many rows are read at a time where a whole table is gone through.
PAGE_ROWS = 1000


class Backend(Protocol):
    """One database with a progress log in it; `place` names it in messages.

    Statements are written with `?` for each value. Outside `transaction` each is committed by itself.
    """

    dialect: Dialect
    place: str

    def driver_errors(self) -> tuple[type[Exception], ...]:
        """Return the classes of what a statement can raise."""

    def connect(self) -> None:
        """Open the connection, unless it is open."""

    def close(self) -> None:
        """Close the connection, if it is open."""

    def execute(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows, none where it has no result."""

    def insert(self, table: str, row: Mapping[str, Any]) -> int:
        """Add a row to a table with an `id`, and return that; a row that brings its id keeps it."""

    def list_tables(self) -> list[str]:
        """Return the names of all tables that are there."""

    def begin(self) -> None:
        """Begin a transaction that is going to write, alone: the next waits until this one has ended."""

    def end_conversion(self) -> None:
        """Let new rows be numbered behind those that brought their numbers; call it inside the transaction."""

    def shrink(self) -> None:
        """Give back the space that a conversion has freed, where that can be done."""

    def settle(self) -> str | None:
        """See to what was just committed: that it is where it belongs.

        Returns:
            A sentence for the learner where that could not be done.
        """

    def back_up(self, now: datetime) -> str | None:
        """Make the backup of the day, unless there is one that is new enough.

        Returns:
            A sentence for the learner where that could not be done.
        """

    def find_loss(self) -> str | None:
        """Return the sentence for the learner where the log was found missing and can be brought back."""

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
        backend.execute("COMMIT")
    except BaseException:
        try:
            backend.execute("ROLLBACK")
        except backend.driver_errors():
            # SQLite has rolled back by itself when a disk is full, and a lost server cannot any more.
            # The next record makes a new connection; the first error is the one to tell.
            backend.close()
        raise


def read_pages(
    backend: Backend, table: str, columns: str, *, key: str = "id", after: int = -(2**63)
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table with numbers above `after` in their order, a page at a time: memory stays flat.

    `columns` begins with `key`.
    """
    last = after
    while True:
        rows = backend.execute(
            f"SELECT {columns} FROM {table} WHERE {key} > ? ORDER BY {key} LIMIT {PAGE_ROWS}", [last]
        )
        yield from rows
        if len(rows) < PAGE_ROWS:
            return
        last = rows[-1][0]


def insert_statement(table: str, columns: Sequence[str], *, words: str = "") -> str:
    """Return the statement that adds one row; `words` come before VALUES."""
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) {words}VALUES ({marks})"
