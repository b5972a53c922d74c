"""Bring a log to the newest schema: each step whole, or not at all."""

from collections.abc import Callable
from datetime import datetime

from grader.progress import schema
from grader.progress.backend import Backend, insert_statement, transaction
from grader.progress.rows import to_micros
from grader.progress.summary import store_summary


def migrate(backend: Backend, now: Callable[[], datetime]) -> None:
    """Apply the migrations that a log has not seen.

    Raises:
        ProgressUnusable: If a newer study-grader wrote it.
    """
    done = first = schema.load_schema_version(backend)
    while done < len(schema.MIGRATIONS):
        with transaction(backend):
            # Another process may have migrated while this one waited for its turn.
            done = schema.load_schema_version(backend)
            if done < len(schema.MIGRATIONS):
                apply(backend, done, now())
                done += 1
    schema.check_schema_version(done, backend.place)
    if 0 < first < schema.PACKED_VERSION <= done:
        with transaction(backend):
            store_summary(backend, now())
        backend.shrink()


def apply(backend: Backend, version: int, now: datetime) -> None:
    """Apply the migration that leads away from a version; call it inside a transaction."""
    migration = schema.MIGRATIONS[version]
    for statement in migration.statements(backend.dialect):
        backend.execute(statement)
    if version + 1 == schema.PACKED_VERSION:
        from grader.progress.repacking import repack  # only an old log needs it

        repack(backend)
    for statement in migration.cleanup(backend.dialect):
        backend.execute(statement)
    backend.execute(
        insert_statement("schema_migrations", ("version", "name", "applied_at_us")),
        [version + 1, migration.name, to_micros(now)],
    )
