"""Read what can be read of a damaged SQLite file: row by row, around every page that cannot."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

#: Where nothing says how many rows a table had, so many numbers beyond the last that can be read are tried.
_TRIED_BEYOND = 2_000
#: What reading damaged rows raises: a length out of a damaged page asks for any amount of memory, and SQLite's message
#: may quote a damaged text.
_UNREADABLE = (sqlite3.Error, MemoryError, UnicodeDecodeError)
#: No row of the log is shorter: so many there can be at most.
_SHORTEST_ROW_BYTES = 12
#: A learner who grades every minute for ten years has five million attempts; what is more is damaged.
_MOST_NUMBERED = 10**7
#: The places in a file's first page that hold its size; where they differ from one another SQLite looks itself.
_PAGE_SIZE_AT, _CHANGES_AT, _PAGES_AT, _SIZE_VALID_AT = 16, 24, 28, 92
_FILE_HEADER_BYTES = 100
#: A file that says it was longer by more than this has a damaged header; nearly all of its rows are gone anyway.
_MOST_FILLED = 8


class FoundTable(NamedTuple):
    """One table of a source: its name, its columns, and the highest number that a row has had, as far as it is known.

    `is_counted` tells whether there can have been no higher one.
    """

    name: str
    columns: tuple[str, ...]
    highest: int | None
    is_counted: bool


class DamagedFile:
    """One file that rows are taken from; texts come as bytes, because they may hold anything."""

    def __init__(self, path: Path, *, is_backup: bool, immutable: bool = True, is_scanned: bool = False) -> None:
        self.is_backup = is_backup
        self._is_scanned = is_scanned
        mode = "mode=ro&immutable=1" if immutable else "mode=rw"
        self._connection = sqlite3.connect(f"file:{quote(str(path))}?{mode}", uri=True, isolation_level=None)
        self._connection.text_factory = bytes
        self._most_rows = path.stat().st_size // _SHORTEST_ROW_BYTES

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def list_tables(self) -> dict[str, FoundTable]:
        """Return the tables that the file still names; none where it names none."""
        found: dict[str, FoundTable] = {}
        with suppress(*_UNREADABLE):
            for (raw,) in self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                name = raw.decode("utf-8", "replace")
                with suppress(*_UNREADABLE):
                    info = self._connection.execute(f'PRAGMA table_info("{name}")').fetchall()
                    columns = tuple(row[1].decode("utf-8", "replace") for row in info)
                    if columns:
                        found[name] = FoundTable(name, columns, *self._find_highest(name))
        return found

    def read_birth(self) -> int | None:
        """Return the moment at which the log was begun; of two files with the same one is a copy of the other."""
        with suppress(*_UNREADABLE):
            rows = self._connection.execute("SELECT applied_at_us FROM schema_migrations WHERE version = 1").fetchall()
            return rows[0][0] if rows and isinstance(rows[0][0], int) else None
        return None

    def _find_highest(self, table: str) -> tuple[int | None, bool]:
        """Return the highest number that a table has given to a row, and whether that is certain."""
        with suppress(*_UNREADABLE):
            rows = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table]).fetchall()
            if rows and isinstance(rows[0][0], int) and 0 <= rows[0][0] <= _MOST_NUMBERED:
                return int(rows[0][0]), True
        with suppress(*_UNREADABLE):  # where it numbers none: the number of the last row
            highest = self._connection.execute(f'SELECT MAX(rowid) FROM "{table}"').fetchone()[0]
            return 0 if highest is None else int(highest), not self._is_scanned
        return None, False

    def read_rows(self, table: FoundTable) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield (number, row) of every row that can be read, each once.

        In their order as far as that goes, then backwards, then each that is still missing by itself: a damaged page
        between the root and the rows sends one way of looking astray, and not the others.
        """
        seen: set[int] = set()
        highest = min(table.highest or 0, self._most_rows)
        for number, row in chain(
            self._read_forwards(table, highest), self._read_backwards(table), self._read_each(table, highest, seen)
        ):
            if number not in seen:
                seen.add(number)
                yield number, row

    def _read_forwards(self, table: FoundTable, highest: int) -> Iterator[tuple[int, dict[str, Any]]]:
        last_seen = 0
        # Behind what was ever numbered, too: that number may be what was damaged.
        for first, end in ((1, highest), (highest + 1, self._most_rows)):
            waiting = [(first, end)]
            while waiting:
                low, high = waiting.pop()
                try:
                    for number, row in self._read_range(table, low, high):
                        low, last_seen = number + 1, number
                        yield number, row
                    continue
                except _UNREADABLE:
                    if first > 1:  # what lies far behind the last row was hardly there
                        high = min(high, max(last_seen, highest) + _TRIED_BEYOND)
                if low < high:
                    middle = (low + high) // 2
                    waiting += [(middle + 1, high), (low, middle)]

    def _read_backwards(self, table: FoundTable) -> Iterator[tuple[int, dict[str, Any]]]:
        with suppress(*_UNREADABLE):
            for number, *values in self._connection.execute(f"{self._select(table, 'rowid, ')} ORDER BY rowid DESC"):
                if not isinstance(number, int) or not 1 <= number <= self._most_rows:
                    return
                yield number, dict(zip(table.columns, values, strict=True))

    def _read_each(self, table: FoundTable, highest: int, seen: set[int]) -> Iterator[tuple[int, dict[str, Any]]]:
        for number in range(1, highest + 1):
            if number not in seen and (row := self.read_row(table, number)) is not None:
                yield number, row

    def _read_range(self, table: FoundTable, low: int, high: int) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the rows of a range until one cannot be read.

        Raises:
            sqlite3.Error: At that row; one before it may be missing too, which can be read alone.
        """
        if low == high:  # without looking for the next, which may lie on a damaged page
            row = self._find_row(table, low)
            if row is not None:
                yield low, row
            return
        statement = f"{self._select(table, 'rowid, ')} WHERE rowid BETWEEN ? AND ? ORDER BY rowid"
        last = low - 1
        for number, *values in self._connection.execute(statement, (low, high)):
            if not isinstance(number, int) or not last < number <= high:
                raise sqlite3.DatabaseError("a row that was not asked for")
            last = number
            yield number, dict(zip(table.columns, values, strict=True))

    def _select(self, table: FoundTable, first: str = "") -> str:
        columns = ", ".join(f'"{name}"' for name in table.columns)
        return f'SELECT {first}{columns} FROM "{table.name}"'

    def _find_row(self, table: FoundTable, number: int) -> dict[str, Any] | None:
        rows = self._connection.execute(f"{self._select(table)} WHERE rowid = ?", [number]).fetchall()
        return dict(zip(table.columns, rows[0], strict=True)) if rows else None

    def read_row(self, table: FoundTable, number: int) -> dict[str, Any] | None:
        """Return one row; None where it is not there or cannot be read."""
        with suppress(*_UNREADABLE):
            return self._find_row(table, number)
        return None


def fill_up(damaged: Path) -> None:
    """Append to a file that was cut off the pages that its header counts, empty: SQLite refuses one that is too short."""
    with damaged.open("r+b") as file:
        head = file.read(_FILE_HEADER_BYTES)
        size = int.from_bytes(head[_PAGE_SIZE_AT : _PAGE_SIZE_AT + 2], "big")
        pages = int.from_bytes(head[_PAGES_AT : _PAGES_AT + 4], "big")
        length = (65_536 if size == 1 else size) * pages
        there = file.seek(0, os.SEEK_END)
        if there < length <= _MOST_FILLED * there:
            file.truncate(length)


def graft_first_page(damaged: Path, donor: Path) -> bool:
    """Give a file the first page of another of the same making, which names its tables; tells whether that can be."""
    with donor.open("rb") as file:
        head = file.read(100)
        if len(head) < 100:
            return False
        size = int.from_bytes(head[_PAGE_SIZE_AT : _PAGE_SIZE_AT + 2], "big")
        file.seek(0)
        page = bytearray(file.read(65_536 if size == 1 else size))
    if damaged.stat().st_size <= len(page):
        return False
    page[_CHANGES_AT : _CHANGES_AT + 4], page[_SIZE_VALID_AT : _SIZE_VALID_AT + 4] = b"\0\0\0\2", b"\0\0\0\1"
    with damaged.open("r+b") as file:
        file.write(page)
    return True
