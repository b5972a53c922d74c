"""Read a log as events that mean the same on every machine, and merge such events into another log, one by one.

An event is known by its content: the moment, all of its columns, its parts, and the content of the events it refers to.
The numbers that a database gives its rows are no part of it. Where one log holds an event n times and the other m times,
both hold it max(n, m) times afterwards, so merging is the same in either order, and doing it again adds nothing.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from grader.progress.backend import PAGE_ROWS, Backend, read_pages
from grader.progress.layout import Layout, read_layouts
from grader.progress.logical import Row, add_attempt, normalise, to_logical
from grader.progress.rows import ATTEMPT_COLUMNS, RowDamaged, is_sealed
from grader.progress.summary import forget_summary, store_summary
from grader.progress.texts import Packer, Unpacker, load_details

#: So much of a SHA-256 tells events apart: two of a billion agree with a chance of 1 to 10^20.
_KEY_BYTES = 16


class Event(NamedTuple):
    """One event: its table, its columns (of an attempt those of `logical`), and an attempt's text where it comes along."""

    table: str
    row: Row
    text: bytes | None = None


def content_key(table: str, event: Mapping[str, Any]) -> bytes:
    """Return what an event is known by on every machine."""
    encoded = msgspec.json.encode([table, {**event}], order="deterministic")
    return hashlib.sha256(encoded).digest()[:_KEY_BYTES]


def read_log(backend: Backend, *, with_texts: bool = True) -> Iterator[tuple[int, Event]]:
    """Yield (number, event) of everything there is, each behind those it refers to, in the order of its table.

    A column that refers to another event holds the `content_key` of that, in hexadecimal. A text comes with the first
    attempt that it was graded in.
    """
    keys: dict[str, dict[int, bytes]] = {}
    # Attempts first: they refer to no other event, and a file begins with what there is most of.
    layouts = sorted((one for one in read_layouts() if one.is_event), key=lambda one: one.name != "attempts")
    referred = {column.refers for layout in layouts for column in layout.content}
    for layout in layouts:
        events = (
            _read_attempts(backend, with_texts) if layout.name == "attempts" else _read_events(backend, layout, keys)
        )
        known = keys.setdefault(layout.name, {})
        for number, event in events:
            if layout.name in referred:
                known[number] = content_key(layout.name, event.row)
            yield number, event


def _read_events(
    backend: Backend, layout: Layout, keys: Mapping[str, Mapping[Any, bytes]]
) -> Iterator[tuple[int, Event]]:
    names = [column.name for column in layout.content]
    for number, *values in read_pages(backend, layout.name, ", ".join(["id", *names])):
        row: Row = {}
        for column, value in zip(layout.content, values, strict=True):
            if value is not None:
                plain = bytes(value) if column.kind == "binary" else value
                known = keys.get(column.refers or "")
                row[column.name] = plain if known is None else known[plain].hex()
        yield number, Event(layout.name, row)


def _read_attempts(backend: Backend, with_texts: bool) -> Iterator[tuple[int, Event]]:
    columns = ("id", *ATTEMPT_COLUMNS, "crc")
    rows = read_pages(backend, "attempts", ", ".join(columns))
    given: set[bytes] = set()
    unpacker = Unpacker(backend, "submissions")
    while page := [dict(zip(columns, row, strict=True)) for row in islice(rows, PAGE_ROWS)]:
        details = load_details(backend, [row["id"] for row in page])
        for row in page:
            if not is_sealed(row):
                raise RowDamaged(f"attempt {row['id']} holds what was not written")
            text, sha256 = None, bytes(row["submission_sha256"])
            if with_texts and sha256 not in given:
                given.add(sha256)
                text = _read_text(backend, unpacker, sha256)
            yield row["id"], Event("attempts", to_logical(row, details.get(row["id"])), text)


def _read_text(backend: Backend, unpacker: Unpacker, sha256: bytes) -> bytes | None:
    rows = backend.execute("SELECT base, packed FROM submissions WHERE sha256 = ?", [sha256])
    if not rows or rows[0][1] is None:
        return None
    text = unpacker.read(rows[0][1], rows[0][0])
    if hashlib.sha256(text).digest() != sha256:
        raise RowDamaged("a text of submissions is not the one that its SHA-256 says")
    return text


def merge_events(backend: Backend, events: Iterable[Event], *, now: datetime, dry_run: bool = False) -> dict[str, int]:
    """Add the events that are missing; call it inside a transaction.

    Returns:
        How many events were added, by table; 0 where all of them were there.
    """
    have: Counter[bytes] = Counter()
    ids: dict[bytes, int] = {}
    layouts = {layout.name: layout for layout in read_layouts()}
    referred = {column.refers for layout in layouts.values() for column in layout.content}
    for number, event in read_log(backend, with_texts=False):
        key = content_key(event.table, event.row)
        have[key] += 1
        if event.table in referred:
            ids[key] = number
    added: dict[str, int] = {}
    packer = Packer(backend)
    for table, given, text in events:
        row = normalise(given) if table == "attempts" else given
        added.setdefault(table, 0)
        key = content_key(table, row)
        have[key] -= 1
        if have[key] >= 0:  # one of those that are here already
            continue
        added[table] += 1
        if not dry_run:
            number = _insert(backend, packer, layouts[table], row, text, ids)
            if table in referred:
                ids[key] = number
    if not dry_run and any(added.values()):
        forget_summary(backend)
        store_summary(backend, now)
    return added


def _insert(
    backend: Backend, packer: Packer, layout: Layout, event: Row, text: bytes | None, ids: Mapping[bytes, int]
) -> int:
    if layout.name == "attempts":
        return add_attempt(backend, packer, event, text)
    row = dict(event)
    for column in layout.content:
        if column.refers is not None and column.name in row:
            row[column.name] = ids[bytes.fromhex(row[column.name])]
    return backend.insert(layout.name, row)
