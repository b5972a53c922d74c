"""What the rows of the log look like to other machines, read off the tables' own definitions.

A table that is added needs no code here. Of those that are packed it is the form they had before that files carry.
"""

import sqlite3
from contextlib import closing
from functools import cache
from graphlib import TopologicalSorter
from typing import Any, Literal

from msgspec import Struct

from grader.progress import schema
from grader.progress.dialect import SQLITE

Kind = Literal["integer", "real", "text", "binary"]

_KINDS: dict[str, Kind] = {
    "BIGINT": "integer",
    "INTEGER": "integer",
    "DOUBLE PRECISION": "real",
    "TEXT": "text",
    "BLOB": "binary",
}
#: What tells nothing that happened, or is part of a packed row.
_NOT_CARRIED = ("schema_migrations", "summaries", "attempt_details")


class Column(Struct, frozen=True):
    """One column; `refers` is the table whose key it holds, `default` what an older log means by leaving it out."""

    name: str
    kind: Kind
    nullable: bool
    refers: str | None
    default: Any


class Layout(Struct, frozen=True):
    """One table of the log.

    An event has an `id` and a moment of its own. A part belongs to one event, named by its column `owner`. Everything
    else is a body: named by its content, and written once however many events refer to it.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    owner: Column | None

    @property
    def is_event(self) -> bool:
        """Tell whether its rows are events."""
        return self.key == ("id",)

    @property
    def content(self) -> tuple[Column, ...]:
        """The columns that mean the same on every machine, or refer to an event."""
        return tuple(c for c in self.columns if c.name != "id" and c != self.owner)


@cache
def read_layouts() -> tuple[Layout, ...]:
    """Return the tables of the newest schema, each behind those it refers to."""
    unpacked: dict[str, Layout] = {}
    with closing(sqlite3.connect(":memory:")) as empty:
        for version, migration in enumerate(schema.MIGRATIONS, start=1):
            if version == schema.PACKED_VERSION:
                unpacked = _read_all(empty)
            for statement in (*migration.statements(SQLITE), *migration.cleanup(SQLITE)):
                empty.execute(statement)
        layouts = _read_all(empty) | {name: unpacked[name] for name in schema.PACKED_TABLES}
    graph = {name: [c.refers for c in layout.columns if c.refers] for name, layout in layouts.items()}
    return tuple(layouts[name] for name in TopologicalSorter(graph).static_order())


def _read_all(database: sqlite3.Connection) -> dict[str, Layout]:
    names = [
        name
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        if name not in _NOT_CARRIED and not name.startswith("sqlite_")
    ]
    return {name: _read_layout(database, name) for name in names}


def _read_layout(database: sqlite3.Connection, name: str) -> Layout:
    refers = {row[3]: row[2] for row in database.execute(f"PRAGMA foreign_key_list({name})")}
    columns, key = [], []
    for _, column, declared, not_null, default, place in database.execute(f"PRAGMA table_info({name})"):
        # The words of our own migrations, so they can be run as they stand.
        value = None if default is None else database.execute(f"SELECT {default}").fetchone()[0]
        columns.append(Column(column, _KINDS[declared.upper()], not not_null, refers.get(column), value))
        if place:
            key.append((place, column))
    names = tuple(column for _, column in sorted(key))
    owner = next((c for c in columns if c.refers and c.name in names), None)
    return Layout(name, tuple(columns), names, owner)
