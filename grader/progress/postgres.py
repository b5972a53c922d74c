"""A progress log in PostgreSQL."""

import importlib
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import peewee

from grader.core.errors import ProgressError, UsageError
from grader.progress.backend import execute_sql
from grader.progress.schema import POSTGRES


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
            autoconnect=False,
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
            self.database.close()  # so that the next `connect` makes a new one
        raise ProgressError(
            f"The progress log {self.place} cannot be used: {str(error).strip()}",
            hint="check that the server runs and the URL is right, then: study doctor",
        ) from error
