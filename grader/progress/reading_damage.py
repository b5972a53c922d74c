"""Read what can be read of a damaged SQLite file: row by row, around every page that cannot."""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

#: Where nothing says how many rows a table had, so many numbers beyond the last that can be read are tried.
_TRIED_BEYOND = 2_000
#: The places in a file's first page that hold its size; where they differ from one another SQLite looks itself.
_PAGE_SIZE_AT, _CHANGES_AT, _SIZE_VALID_AT = 16, 24, 92


class Table(NamedTuple):
    """One table of a source: its name, its columns, and the highest number that a row has had, where that is known."""

    name: str
    columns: tuple[str, ...]
    highest: int | None


class Source:
    """One file that rows are taken from; texts come as bytes, because they may hold anything."""

    def __init__(self, path: Path, *, is_backup: bool, immutable: bool) -> None:
        self.is_backup = is_backup
        mode = "mode=ro&immutable=1" if immutable else "mode=rw"
        self._connection = sqlite3.connect(f"file:{quote(str(path))}?{mode}", uri=True, isolation_level=None)
        self._connection.text_factory = bytes

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def list_tables(self) -> dict[str, Table]:
        """Return the tables that the file still names; none where it names none."""
        found: dict[str, Table] = {}
        with suppress(sqlite3.Error):
            for (raw,) in self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                name = raw.decode("utf-8", "replace")
                with suppress(sqlite3.Error):
                    info = self._connection.execute(f'PRAGMA table_info("{name}")').fetchall()
                    columns = tuple(row[1].decode("utf-8", "replace") for row in info)
                    if columns:
                        found[name] = Table(name, columns, self._find_highest(name))
        return found

    def read_birth(self) -> int | None:
        """Return the moment at which the log was begun; of two files with the same one is a copy of the other."""
        with suppress(sqlite3.Error):
            rows = self._connection.execute("SELECT applied_at_us FROM schema_migrations WHERE version = 1").fetchall()
            return rows[0][0] if rows and isinstance(rows[0][0], int) else None
        return None

    def _find_highest(self, table: str) -> int | None:
        """Return the highest number that a table has given to a row."""
        with suppress(sqlite3.Error):
            rows = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table]).fetchall()
            if rows and isinstance(rows[0][0], int):
                return int(rows[0][0])
        with suppress(sqlite3.Error):  # where it numbers none: the number of the last row
            highest = self._connection.execute(f'SELECT MAX(rowid) FROM "{table}"').fetchone()[0]
            return 0 if highest is None else int(highest)
        return None

    def read_rows(self, table: Table, lost: "set[int] | None" = None) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield (number, row) of every row that can be read.

        Args:
            table: One of `list_tables`.
            lost: Takes the numbers of rows that are on pages that cannot be read.
        """
        columns = ", ".join(f'"{name}"' for name in table.columns)
        statement = f'SELECT rowid, {columns} FROM "{table.name}" WHERE rowid BETWEEN ? AND ? ORDER BY rowid'
        beyond, last_seen = table.highest is None, 0
        waiting = [(1, table.highest or 2**62)]
        while waiting:
            low, high = waiting.pop()
            last = low - 1
            try:
                for number, *values in self._connection.execute(statement, (low, high)):
                    if not isinstance(number, int) or not last < number <= high:
                        raise sqlite3.DatabaseError("a row that was not asked for")
                    last = last_seen = number
                    yield number, dict(zip(table.columns, values, strict=True))
                continue
            except (sqlite3.Error, MemoryError):
                low = last + 1
            if beyond:  # the end is not known: what lies far beyond the last row was hardly there
                beyond, high = False, min(high, last_seen + _TRIED_BEYOND)
            if low < high:
                middle = (low + high) // 2
                waiting += [(middle + 1, high), (low, middle)]
            elif low == high and lost is not None and table.highest is not None:
                lost.add(low)

    def read_row(self, table: Table, number: int) -> dict[str, Any] | None:
        """Return one row; None where it is not there or cannot be read."""
        columns = ", ".join(f'"{name}"' for name in table.columns)
        with suppress(sqlite3.Error, MemoryError):
            rows = self._connection.execute(
                f'SELECT {columns} FROM "{table.name}" WHERE rowid = ?', [number]
            ).fetchall()
            return dict(zip(table.columns, rows[0], strict=True)) if rows else None
        return None


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
