"""Read a whole log as plain events that mean the same on every machine, and merge such events into another log.

An event is known by its content: the moment, all of its columns, its parts, and the content of the events it refers to.
The numbers that a database gives its rows are no part of it. Where one log holds an event n times and the other m times,
both hold it max(n, m) times afterwards, so merging is the same in either order, and doing it again adds nothing.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct
from peewee import Database, Table

from grader.progress.layout import Layout, read_layouts

#: The name of an event's or a body's table -> what is left of its row, with its parts under their table's name.
Row = dict[str, Any]


class Log(Struct, frozen=True):
    """A log without the numbers of its rows: the events by table, and the bodies by table and key.

    Columns that hold nothing are left out. A column that refers to an event holds the `content_key` of that event.
    """

    events: dict[str, list[Row]]
    bodies: dict[str, dict[str, Row]]

    def count(self) -> dict[str, int]:
        """Count the events of each table that has some."""
        return {name: len(rows) for name, rows in self.events.items() if rows}


def content_key(table: str, event: Mapping[str, Any]) -> str:
    """Return what an event is known by on every machine."""
    encoded = msgspec.json.encode([table, {**event}], order="deterministic")
    return hashlib.sha256(encoded).hexdigest()


def read_log(database: Database) -> Log:
    """Read all events and the bodies they refer to; events come in the order of their moments."""
    read = _read_events(database)
    bodies: dict[str, dict[str, Row]] = {}
    for layout in read_layouts():
        if not layout.is_event and layout.owner is None:
            (key,) = layout.key
            rows = (_strip(layout, row) for row in layout.table.select().dicts().execute(database))
            bodies[layout.name] = {row[key]: row for row in rows}
    events = {name: [event for _, _, event in sorted(rows, key=_by_moment)] for name, rows in read.items()}
    return Log(events, bodies)


def _by_moment(row: tuple[int, str, Row]) -> tuple[int, str]:
    return row[2]["at_us"], row[1]


def _read_events(database: Database) -> dict[str, list[tuple[int, str, Row]]]:
    """Read (id, content key, event) of every event, by table."""
    read: dict[str, list[tuple[int, str, Row]]] = {}
    keys: dict[str, dict[int, str]] = {}
    events = [layout for layout in read_layouts() if layout.is_event]
    # The events first and their parts behind them: what another process adds meanwhile is left out whole.
    raw = {layout.name: list(layout.table.select().dicts().execute(database)) for layout in events}
    for layout in events:
        parts = _read_parts(database, layout.name)
        read[layout.name] = []
        for row in raw[layout.name]:
            event = _strip(layout, row)
            for column in layout.content:
                if column.refers in keys and column.name in event:
                    event[column.name] = keys[column.refers][event[column.name]]
            event |= parts.get(row["id"], {})
            read[layout.name].append((row["id"], content_key(layout.name, event), event))
        keys[layout.name] = {number: key for number, key, _ in read[layout.name]}
    return read


def _read_parts(database: Database, owner: str) -> dict[int, dict[str, list[Row]]]:
    """Read the parts of a table's events: by the event's id, then by the name of the part's table."""
    found: dict[int, dict[str, list[Row]]] = {}
    for layout in _parts_of(owner):
        assert layout.owner is not None
        for row in layout.table.select().dicts().execute(database):
            found.setdefault(row[layout.owner.name], {}).setdefault(layout.name, []).append(_strip(layout, row))
        for parts in found.values():
            if layout.name in parts:
                parts[layout.name] = sort_parts(layout, parts[layout.name])
    return found


def _parts_of(owner: str) -> list[Layout]:
    return [layout for layout in read_layouts() if layout.owner is not None and layout.owner.refers == owner]


def sort_parts(layout: Layout, rows: Iterable[Row]) -> list[Row]:
    """Put the parts of one event into the order of their key."""
    names = [name for name in layout.key if layout.owner is None or name != layout.owner.name]
    return sorted(rows, key=lambda row: [row[name] for name in names])


def _strip(layout: Layout, row: Mapping[str, Any]) -> Row:
    """Keep of a row what means the same everywhere."""
    kept: Row = {}
    for column in layout.content:
        value = row[column.name]
        if value is not None:
            kept[column.name] = bytes(value) if column.kind == "binary" else value
    return kept


def merge_log(database: Database, log: Log, *, dry_run: bool = False) -> dict[str, int]:
    """Add the events of `log` that are missing; call it inside a transaction.

    Returns:
        How many events were added, by table; 0 where all of them were there.
    """
    added: dict[str, int] = {}
    ids: dict[str, dict[str, int]] = {}
    have = _read_events(database)
    for layout in read_layouts():
        if not layout.is_event:
            continue
        ids[layout.name] = {key: number for number, key, _ in have[layout.name]}
        missing = Counter(key for _, key, _ in have[layout.name])
        events = log.events.get(layout.name, [])
        added[layout.name] = 0
        for event in sorted(events, key=lambda event: event["at_us"]):
            key = content_key(layout.name, event)
            missing[key] -= 1
            if missing[key] >= 0:  # one of those that are here already
                continue
            added[layout.name] += 1
            if not dry_run:
                ids[layout.name][key] = _insert(database, layout, event, log, ids)
    return {name: number for name, number in added.items() if log.events.get(name)}


def _insert(database: Database, layout: Layout, event: Row, log: Log, ids: dict[str, dict[str, int]]) -> int:
    row = dict(event)
    parts = {part.name: row.pop(part.name, []) for part in _parts_of(layout.name)}
    for column in layout.content:
        if column.refers in ids and column.name in row:
            row[column.name] = ids[column.refers][row[column.name]]
        elif column.refers is not None and column.name in row:
            body = Table(column.refers).insert(**log.bodies[column.refers][row[column.name]])
            body.on_conflict_ignore().execute(database)
    number: int = layout.table.insert(**row).execute(database)
    for part in _parts_of(layout.name):
        assert part.owner is not None
        if parts[part.name]:
            table, names = part.table, [part.owner.name, *(column.name for column in part.content)]
            rows = [tuple((one | {part.owner.name: number}).get(name) for name in names) for one in parts[part.name]]
            table.insert(rows, columns=[getattr(table.c, name) for name in names]).execute(database)
    return number
