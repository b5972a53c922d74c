"""The tables of the progress log and the migrations that lead to them.

The log is append-only, and the database itself refuses to change or delete a row. A column of free
text (whatever a learner, a message or a path may contain) holds UTF-8 bytes, because neither a NUL in
PostgreSQL nor a lone surrogate in either database survives in a text column.
"""

from collections.abc import Callable, Iterable

import msgspec
from peewee import Database, Table, fn

from grader.core.errors import ProgressError

SUBMISSIONS = Table("submissions")
ATTEMPTS = Table("attempts", primary_key="id")
CHECK_RESULTS = Table("check_results")
STARTS = Table("starts", primary_key="id")
HINTS = Table("hints", primary_key="id")
REVEALS = Table("reveals", primary_key="id")
READING_EVENTS = Table("reading_events", primary_key="id")
RESETS = Table("resets", primary_key="id")
ANSWERS = Table("answers", primary_key="id")
REVIEWS = Table("reviews", primary_key="id")
REVIEW_STARTS = Table("review_starts", primary_key="id")
SCHEMA_MIGRATIONS = Table("schema_migrations")


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """The few words that SQLite and PostgreSQL spell differently in a table definition."""

    serial_key: str
    binary: str
    append_only: Callable[[Iterable[str]], Iterable[str]]


class Migration(msgspec.Struct, frozen=True):
    """One step of the schema: applied whole, in one transaction, or not at all."""

    name: str
    statements: Callable[[Dialect], Iterable[str]]


def _refuse_changes_in_sqlite(tables: Iterable[str]) -> Iterable[str]:
    for table in tables:
        for change in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the progress log is append-only'); END"
            )


def _refuse_changes_in_postgres(tables: Iterable[str]) -> Iterable[str]:
    yield (
        "CREATE OR REPLACE FUNCTION refuse_log_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the progress log is append-only'; END $$"
    )
    for table in tables:
        yield (
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_log_change()"
        )


SQLITE = Dialect(
    serial_key="INTEGER PRIMARY KEY AUTOINCREMENT",
    binary="BLOB",
    append_only=_refuse_changes_in_sqlite,
)
POSTGRES = Dialect(
    serial_key="BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    binary="BYTEA",
    append_only=_refuse_changes_in_postgres,
)


def _create_log(dialect: Dialect) -> Iterable[str]:
    key, binary = dialect.serial_key, dialect.binary
    event = f"id {key}, at_us BIGINT NOT NULL"  # at_us: microseconds since 1970-01-01 UTC
    exercise_event = f"{event}, exercise_id TEXT NOT NULL"
    tables = {
        # A text graded twice is kept once. It lives apart from its attempts so that a snapshot of
        # thousands of attempts does not page through the texts.
        "submissions": f"sha256 TEXT PRIMARY KEY, body {binary} NOT NULL",
        # The seed is text: torch takes seeds up to 2**64 - 1, beyond a signed 64-bit column.
        "attempts": f"{exercise_event}, verdict TEXT NOT NULL, score BIGINT NOT NULL, "
        "max_score BIGINT NOT NULL, seed TEXT NOT NULL, device TEXT NOT NULL, "
        f"corpus {binary}, elapsed_s DOUBLE PRECISION NOT NULL, submission_path {binary} NOT NULL, "
        "submission_sha256 TEXT NOT NULL REFERENCES submissions (sha256), isolation TEXT NOT NULL",
        "check_results": "attempt_id BIGINT NOT NULL REFERENCES attempts (id), position BIGINT NOT NULL, "
        f"check_id TEXT NOT NULL, title {binary} NOT NULL, status TEXT NOT NULL, points BIGINT NOT NULL, "
        f"message {binary} NOT NULL, cause {binary}, elapsed_s DOUBLE PRECISION NOT NULL, "
        "PRIMARY KEY (attempt_id, position)",
        "starts": exercise_event,
        "hints": f"{exercise_event}, number BIGINT NOT NULL",
        "reveals": f"{exercise_event}, gave_up BIGINT NOT NULL",
        "resets": f"{exercise_event}, backup {binary} NOT NULL",
        "reading_events": f"{event}, reading_id TEXT NOT NULL, state TEXT, minutes BIGINT, note {binary}",
    }
    yield (
        "CREATE TABLE schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at_us BIGINT NOT NULL)"
    )
    for table, columns in tables.items():
        yield f"CREATE TABLE {table} ({columns})"
    yield from dialect.append_only(tables)
    yield "CREATE INDEX attempts_by_exercise ON attempts (exercise_id, id)"


def _add_answers(dialect: Dialect) -> Iterable[str]:
    yield (
        f"CREATE TABLE answers (id {dialect.serial_key}, at_us BIGINT NOT NULL, exercise_id TEXT NOT NULL, "
        f"question_id TEXT NOT NULL, answer {dialect.binary} NOT NULL, number_right BIGINT)"
    )
    yield from dialect.append_only(["answers"])


def _add_reviews(dialect: Dialect) -> Iterable[str]:
    event = f"id {dialect.serial_key}, at_us BIGINT NOT NULL"
    tables = {
        # What a review was rated, and from what. Nothing in it depends on the machine it was made on.
        "reviews": f"{event}, kind TEXT NOT NULL CHECK (kind IN ('exercise', 'reading')), subject_id TEXT NOT NULL, "
        "rating BIGINT NOT NULL CHECK (rating BETWEEN 1 AND 4), attempts BIGINT NOT NULL, hints BIGINT NOT NULL, "
        "revealed BIGINT NOT NULL",
        # When a fresh stub was handed out: from here on attempts, hints and reveals count for the review.
        "review_starts": f"{event}, exercise_id TEXT NOT NULL",
    }
    for table, columns in tables.items():
        yield f"CREATE TABLE {table} ({columns})"
    yield from dialect.append_only(tables)


# Append only, too: a step that has been released is never edited, the next change is a new step.
MIGRATIONS: tuple[Migration, ...] = (
    Migration("create the log", _create_log),
    Migration("keep answers to open questions", _add_answers),
    Migration("keep reviews", _add_reviews),
)


def load_schema_version(database: Database, place: str) -> int:
    """Return how many migrations the database has seen: 0 for an empty one.

    Raises:
        ProgressError: The database holds tables, but not those of a progress log.
    """
    tables = database.get_tables()
    if "schema_migrations" in tables:
        newest = SCHEMA_MIGRATIONS.select(fn.MAX(SCHEMA_MIGRATIONS.c.version)).tuples()
        return int(next(iter(newest.execute(database)))[0])
    if tables:
        raise ProgressError(
            f"{place} is a database of something else: it holds the tables {', '.join(sorted(tables))}",
            hint="give the progress log a file, database or schema of its own",
        )
    return 0


def check_schema_version(version: int, place: str) -> None:
    """Refuse a log that a newer study-grader has written."""
    if version > len(MIGRATIONS):
        raise ProgressError(
            f"The progress log {place} was written by a newer study-grader: it has schema version "
            f"{version}, this one knows versions up to {len(MIGRATIONS)}",
            hint="pip install --upgrade study-grader",
        )
