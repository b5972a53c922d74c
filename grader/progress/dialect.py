"""What SQLite and PostgreSQL spell differently in the tables of the progress log."""

from collections.abc import Callable, Iterable

import msgspec

_REFUSAL = "the progress log is append-only"


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """The few words that SQLite and PostgreSQL spell differently in a table definition."""

    serial_key: str
    binary: str
    append_only: Callable[[Iterable[str]], Iterable[str]]
    refuse_replacing: Callable[[Iterable[str]], Iterable[str]]
    #: Take away the triggers of a table that is to be dropped.
    release: Callable[[str], Iterable[str]]


def _refuse_changes_in_sqlite(tables: Iterable[str]) -> Iterable[str]:
    for table in tables:
        for change in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )


def _refuse_replacing_in_sqlite(tables: Iterable[str]) -> Iterable[str]:
    """INSERT OR REPLACE deletes a row without a delete trigger, unless the writer has switched recursive ones on.

    By the rowid, which is the number of every row here, and by what else is unique.
    """
    for table in tables:
        same = "rowid = NEW.rowid" + (" OR sha256 = NEW.sha256" if table == "submissions" else "")
        yield (
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )


def _refuse_changes_in_postgres(tables: Iterable[str]) -> Iterable[str]:
    yield (
        "CREATE OR REPLACE FUNCTION refuse_log_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    for table in tables:
        # INSERT ... ON CONFLICT DO UPDATE and MERGE fire it too, whatever rows they meet.
        yield (
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_log_change()"
        )


SQLITE = Dialect(
    serial_key="INTEGER PRIMARY KEY AUTOINCREMENT",
    binary="BLOB",
    append_only=_refuse_changes_in_sqlite,
    refuse_replacing=_refuse_replacing_in_sqlite,
    release=lambda table: [f"DROP TRIGGER {table}_no_{change}" for change in ("update", "delete")],
)
POSTGRES = Dialect(
    serial_key="BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    binary="BYTEA",
    append_only=_refuse_changes_in_postgres,
    refuse_replacing=lambda tables: (),  # it has no REPLACE
    release=lambda table: [f"DROP TRIGGER {table}_no_change ON {table}"],
)
