"""The tables of the progress log and the migrations that lead to them.

The log is append-only: the database itself refuses to change, replace or delete a row of an event. Only `summaries`,
which can be made again from the rest, is written again. This keeps a log from being changed by mistake, or by a single
statement; it cannot stop the owner of the file, who may drop the triggers or write the file's bytes.

A column of free text (whatever a learner, a message or a path may contain) holds UTF-8 bytes, because neither a NUL in
PostgreSQL nor a lone surrogate in either database survives in a text column.
"""

from collections.abc import Callable, Iterable

import msgspec

from grader.core.errors import ProgressUnusable
from grader.progress.backend import Backend
from grader.progress.dialect import SQLITE, Dialect


class Migration(msgspec.Struct, frozen=True):
    """One step of the schema: applied whole, in one transaction, or not at all.

    `statements` come first, then rows may be copied from the tables that were renamed to `old_...` (`migrating` knows how),
    then `cleanup`.
    """

    name: str
    statements: Callable[[Dialect], Iterable[str]]
    cleanup: Callable[[Dialect], Iterable[str]] = lambda dialect: ()


def _create_log(dialect: Dialect) -> Iterable[str]:
    key, binary = dialect.serial_key, dialect.binary
    event = f"id {key}, at_us BIGINT NOT NULL"  # at_us: microseconds since 1970-01-01 UTC
    exercise_event = f"{event}, exercise_id TEXT NOT NULL"
    tables = {
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


#: What the log was made of before texts were packed, and what files that carry it are still made of.
PACKED_TABLES = ("submissions", "attempts", "check_results")


def _pack_texts(dialect: Dialect) -> Iterable[str]:
    """Keep texts and checks packed, refuse what replaces a row, and make room for the summary."""
    yield "DROP INDEX attempts_by_exercise"
    for table in PACKED_TABLES:
        yield from dialect.release(table)
        yield f"ALTER TABLE {table} RENAME TO old_{table}"
    tables = {
        # A text graded twice is kept once. `packed` is empty where a damaged log has lost the text.
        "submissions": f"id {dialect.serial_key}, sha256 {dialect.binary} NOT NULL UNIQUE, "
        f"base BIGINT, upon BIGINT, packed {dialect.binary}",
        # `crc` is over all but the number: 20 bytes that change in the file must not make another attempt.
        "attempts": f"id {dialect.serial_key}, at_us BIGINT NOT NULL, exercise_id TEXT NOT NULL, "
        "verdict TEXT NOT NULL, score BIGINT NOT NULL, max_score BIGINT NOT NULL, seed TEXT NOT NULL, "
        f"elapsed_s DOUBLE PRECISION NOT NULL, submission_sha256 {dialect.binary} NOT NULL "
        "REFERENCES submissions (sha256), crc BIGINT NOT NULL",
        # What repeats from attempt to attempt: the checks, the path, the device, the corpus and the isolation.
        "attempt_details": "attempt_id BIGINT PRIMARY KEY REFERENCES attempts (id), "
        f"base BIGINT, upon BIGINT, packed {dialect.binary} NOT NULL",
    }
    if dialect is SQLITE:  # only INTEGER makes the key the row's own number there
        tables["attempt_details"] = tables["attempt_details"].replace("BIGINT PRIMARY", "INTEGER PRIMARY", 1)
    for table, columns in tables.items():
        yield f"CREATE TABLE {table} ({columns})"
    yield "CREATE INDEX attempts_by_exercise ON attempts (exercise_id, id)"
    yield f"CREATE TABLE summaries (id BIGINT PRIMARY KEY, body {dialect.binary} NOT NULL)"
    yield from dialect.append_only(tables)


def _drop_unpacked(dialect: Dialect) -> Iterable[str]:
    for table in reversed(PACKED_TABLES):
        yield f"DROP TABLE old_{table}"
    # Last, so that the conversion may keep the numbers of the rows.
    yield from dialect.refuse_replacing(APPEND_ONLY)


#: Every table whose rows never change.
APPEND_ONLY = (
    "submissions", "attempts", "attempt_details", "starts", "hints", "reveals", "resets", "reading_events", "answers",
    "reviews", "review_starts",
)  # fmt: skip

# Append only, too: a step that has been released is never edited, the next change is a new step.
MIGRATIONS: tuple[Migration, ...] = (
    Migration("create the log", _create_log),
    Migration("keep answers to open questions", _add_answers),
    Migration("keep reviews", _add_reviews),
    Migration("pack texts and checks", _pack_texts, _drop_unpacked),
)
#: From this version on texts are packed.
PACKED_VERSION = 4


def load_schema_version(backend: Backend) -> int:
    """Return how many migrations the database has seen: 0 for an empty one.

    Raises:
        ProgressUnusable: The database holds tables, but not those of a progress log.
    """
    tables = backend.list_tables()
    if "schema_migrations" in tables:
        ((newest,),) = backend.execute("SELECT MAX(version) FROM schema_migrations")
        return int(newest)
    if tables:
        raise ProgressUnusable(
            f"{backend.place} is a database of something else: it holds the tables {', '.join(sorted(tables))}",
            hint="give the progress log a file, database or schema of its own",
        )
    return 0


def check_schema_version(version: int, place: str) -> None:
    """Refuse a log that a newer study-grader has written."""
    if version > len(MIGRATIONS):
        raise ProgressUnusable(
            f"The progress log {place} was written by a newer study-grader: it has schema version "
            f"{version}, this one knows versions up to {len(MIGRATIONS)}",
            hint="pip install --upgrade study-grader",
        )
