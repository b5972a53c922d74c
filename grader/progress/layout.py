"""What the tables of the log look like, read off their own definitions: a table that is added needs no code here."""

import sqlite3
from contextlib import closing
from functools import cache
from graphlib import TopologicalSorter
from typing import Any, Literal

from msgspec import Struct
from peewee import Table

from grader.progress import schema

Kind = Literal["integer", "real", "text", "binary"]

_KINDS: dict[str, Kind] = {
    "BIGINT": "integer",
    "INTEGER": "integer",
    "DOUBLE PRECISION": "real",
    "TEXT": "text",
    "BLOB": "binary",
}
_VERSIONS = "schema_migrations"


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
    def table(self) -> Table:
        """The table to query."""
        return Table(self.name, primary_key="id") if self.is_event else Table(self.name)

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
    with closing(sqlite3.connect(":memory:")) as empty:
        for migration in schema.MIGRATIONS:
            for statement in migration.statements(schema.SQLITE):
                empty.execute(statement)
        names = [
            name
            for (name,) in empty.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            if name != _VERSIONS and not name.startswith("sqlite_")
        ]
        layouts = {name: _read_layout(empty, name) for name in names}
    graph = {name: [c.refers for c in layout.columns if c.refers] for name, layout in layouts.items()}
    return tuple(layouts[name] for name in TopologicalSorter(graph).static_order())


def _read_layout(empty: sqlite3.Connection, name: str) -> Layout:
    refers = {row[3]: row[2] for row in empty.execute(f"PRAGMA foreign_key_list({name})")}
    columns, key = [], []
    for _, column, declared, not_null, default, place in empty.execute(f"PRAGMA table_info({name})"):
        # The words of our own migrations, so they can be run as they stand.
        value = None if default is None else empty.execute(f"SELECT {default}").fetchone()[0]
        columns.append(Column(column, _KINDS[declared.upper()], not not_null, refers.get(column), value))
        if place:
            key.append((place, column))
    names = tuple(column for _, column in sorted(key))
    owner = next((c for c in columns if c.refers and c.name in names), None)
    return Layout(name, tuple(columns), names, owner)
