"""A progress log in PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from grader.core.errors import ProgressError, ProgressUnusable, UsageError
from grader.progress.backend import insert_statement
from grader.progress.dialect import POSTGRES
from grader.progress.schema import APPEND_ONLY

if TYPE_CHECKING:
    pass

#: Of the lock that writers take turns by. It is ours alone.
_LOCK_KEY = 5748337621904


class PostgresBackend:
    """A log in a PostgreSQL database or schema of its own, reached by a URL."""

    dialect = POSTGRES

    def __init__(self, url: str, *, busy_timeout_s: float) -> None:
        try:
            import psycopg  # not at the top: it takes longer to load than all the rest of `study next`
        except ImportError as error:
            raise UsageError(
                "A progress log in PostgreSQL needs the driver psycopg, which is not installed",
                hint='pip install "study-grader[postgres]"',
            ) from error
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise UsageError(f"This is no URL of a PostgreSQL database: {error}") from error
        self._driver = psycopg
        self._url = url
        # Without the password, which may stand before the host or in the query.
        user, at, host = parts.netloc.rpartition("@")
        self.place = f"postgresql://{user.partition(':')[0]}{at}{host}{parts.path}"
        given = parse_qs(parts.query)
        wait = f"-c lock_timeout={round(busy_timeout_s * 1000)}"
        self._options: dict[str, Any] = {
            "connect_timeout": given.get("connect_timeout", ["10"])[-1],  # libpq waits for ever otherwise
            "options": " ".join([*given.get("options", [])[-1:], wait]),
        }
        self.connection: psycopg.Connection | None = None

    def driver_errors(self) -> tuple[type[Exception], ...]:
        """Return psycopg's base class."""
        return (self._driver.Error,)

    def connect(self) -> None:
        """Connect to the server."""
        if self.connection is None:
            self.connection = self._driver.connect(self._url, autocommit=True, **self._options)

    def close(self) -> None:
        """Hang up."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def execute(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement."""
        if self.connection is None:
            raise self._driver.InterfaceError("the connection is closed")
        # Without values psycopg takes the statement as it is, with them it reads its own marks in it.
        text = sql.replace("%", "%%").replace("?", "%s") if values else sql
        cursor = self.connection.execute(text.encode(), values or None)
        return cursor.fetchall() if cursor.description else []

    def insert(self, table: str, row: Mapping[str, Any]) -> int:
        """Add a row."""
        words = "OVERRIDING SYSTEM VALUE " if "id" in row else ""
        statement = insert_statement(table, tuple(row), words=words)
        ((number,),) = self.execute(f"{statement} RETURNING id", tuple(row.values()))
        return int(number)

    def list_tables(self) -> list[str]:
        """Return the tables of the schema that new ones would be made in."""
        return [name for (name,) in self.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")]

    def begin(self) -> None:
        """Begin, and wait for the turn; so that rows become visible in the order of their numbers."""
        self.execute("BEGIN")
        try:
            self.execute(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")
        except BaseException:
            self.execute("ROLLBACK")
            raise

    def end_conversion(self) -> None:
        """Set each sequence behind the highest number."""
        for table in APPEND_ONLY:
            if table != "attempt_details":
                ((highest,),) = self.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}")
                self.execute(f"ALTER TABLE {table} ALTER COLUMN id RESTART WITH {int(highest) + 1}")

    def shrink(self) -> None:
        """Leave it to the server's own vacuum."""

    def settle(self) -> str | None:
        """Leave it to the server, which keeps what was committed."""
        return None

    def back_up(self, now: datetime) -> str | None:
        """Do nothing: the server's administrator makes its backups."""
        return None

    def find_loss(self) -> str | None:
        """Return None: there is no file that could go missing."""
        return None

    def recover(self, error: Exception, now: datetime) -> str | None:
        """Explain the error; a damaged PostgreSQL database is its administrator's to mend."""
        if self.connection is None or self.connection.broken:
            self.close()  # so that the next `connect` makes a new one
        # Out of reach, refused or locked by another: for the user, or their administrator, to mend.
        kind = ProgressUnusable if isinstance(error, self._driver.OperationalError) else ProgressError
        raise kind(
            f"The progress log {self.place} cannot be used: {str(error).strip()}",
            hint="check that the server runs and the URL is right, then: study doctor",
        ) from error
