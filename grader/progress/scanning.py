"""Read the rows on the leaf pages of a damaged SQLite file, whatever names or leads to those pages.

SQLite finds a row by way of the schema, the table's root page and the pages between. Where one of these is lost, the rows
lie on their pages all the same. A page is believed only when every cell of it parses to its last byte and fits the columns
of one table of the log. The format: https://www.sqlite.org/fileformat2.html
"""

import sqlite3
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from grader.progress import schema
from grader.progress.dialect import SQLITE

_MAGIC = b"SQLite format 3\0"
#: SQLite's own page size, which logs are made with: where the header is lost, no other can be.
_PAGE_BYTES = 4096
_TABLE_LEAF, _TABLE_INTERIOR, _INDEX_LEAF, _INDEX_INTERIOR = 13, 5, 10, 2
_HEADER_BYTES = {_TABLE_LEAF: 8, _INDEX_LEAF: 8, _TABLE_INTERIOR: 12, _INDEX_INTERIOR: 12}
_FILE_HEADER_BYTES = 100
#: Length of an integer by its serial type; 7 is a float, 8 and 9 are the numbers 0 and 1.
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_FIRST_BLOB = 12
_SCHEMA, _SEQUENCE = "sqlite_schema", "sqlite_sequence"
_KINDS = {"BIGINT": (int,), "INTEGER": (int,), "DOUBLE PRECISION": (int, float), "TEXT": (str,), "BLOB": (bytes,)}

Values = tuple[Any, ...]


class _Column(NamedTuple):
    name: str
    kinds: tuple[type, ...]  # what the record may hold


class Scan(NamedTuple):
    """What the leaf pages of a file hold: rows by table and number, and how many pages are not understood, of how many."""

    rows: dict[str, dict[int, Values]]
    unknown_pages: int
    pages: int


def scan(path: Path, donors: Iterable[Path] = ()) -> Scan:
    """Read all rows of the newest schema that lie on whole leaf pages.

    Args:
        path: The damaged file; it is only read.
        donors: Whole files of the same making. They tell apart the tables whose columns are alike, by root page.
    """
    pages = _Pages(path.read_bytes())
    leaves: dict[int, dict[int, Values]] = {}
    parents: dict[int, int] = {}
    known = pages.list_free()
    for number in range(1, pages.count + 1):
        children = pages.list_children(number)
        if children is not None:
            known.add(number)
            parents |= dict.fromkeys(children, number)
            continue
        found = pages.read_leaf(number)
        if found is not None:
            leaves[number], chain = found
            known |= {number, *chain}
    roots = _find_roots(leaves, donors)
    rows: dict[str, dict[int, Values]] = {}
    for number, cells in leaves.items():
        table = _name_table(cells, _climb(number, parents), roots)
        if table is not None:
            of_table = rows.setdefault(table, {})
            for row_number, values in _believe(cells, table):
                of_table.setdefault(row_number, values)
        elif cells:
            known.discard(number)
    return Scan(rows, pages.expected - len({n for n in known if n <= pages.expected}), pages.expected)


def write_scan(found: Scan, target: Path) -> None:
    """Write the rows of a scan into a database of plain tables under the names of the log's."""
    with closing(sqlite3.connect(target)) as made, made:
        made.execute("PRAGMA synchronous = off")  # a file of the moment
        made.execute("CREATE TABLE numbers (id INTEGER PRIMARY KEY AUTOINCREMENT)")  # makes sqlite_sequence
        for table, rows in found.rows.items():
            columns = _read_tables()[table]
            if table == _SCHEMA:
                continue
            if table != _SEQUENCE:
                kinds = ["INTEGER PRIMARY KEY" if column.kinds == () else "" for column in columns]
                named = [f'"{column.name}" {kind}' for column, kind in zip(columns, kinds, strict=True)]
                made.execute(f'CREATE TABLE "{table}" ({", ".join(named)})')
            names = ", ".join(f'"{column.name}"' for column in columns if column.kinds)
            marks = ", ".join("?" * (1 + sum(bool(column.kinds) for column in columns)))
            made.executemany(
                f'INSERT INTO "{table}" (rowid, {names}) VALUES ({marks})',
                ([number, *_without_key(columns, values)] for number, values in rows.items()),
            )


def _without_key(columns: tuple[_Column, ...], values: Values) -> list[Any]:
    return [value for column, value in zip(columns, values, strict=True) if column.kinds]


@cache
def _read_tables() -> Mapping[str, tuple[_Column, ...]]:
    """Return the columns of each table, the key first that stands as NULL in a record (it has no kinds)."""
    with closing(sqlite3.connect(":memory:")) as empty:
        for migration in schema.MIGRATIONS:
            for statement in (*migration.statements(SQLITE), *migration.cleanup(SQLITE)):
                empty.execute(statement)
        tables = {
            name: tuple(
                _Column(column, ())
                if key and declared == "INTEGER"
                else _Column(column, _KINDS[declared] if not_null else (*_KINDS[declared], type(None)))
                for _, column, declared, not_null, _, key in empty.execute(f"PRAGMA table_info({name})").fetchall()
            )
            for (name,) in empty.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            if not name.startswith("sqlite_")
        }
    text, number = (str,), (int,)
    tables[_SEQUENCE] = (_Column("name", text), _Column("seq", number))
    tables[_SCHEMA] = (
        _Column("type", text), _Column("name", text), _Column("tbl_name", text), _Column("rootpage", number),
        _Column("sql", (str, type(None))),
    )  # fmt: skip
    return tables


class _Pages:
    """The pages of a file, by their numbers from 1."""

    def __init__(self, data: bytes) -> None:
        size = int.from_bytes(data[16:18], "big")
        size = 65_536 if size == 1 else size
        is_header = data[:16] == _MAGIC and size >= 512 and size & (size - 1) == 0
        self._data = data
        self._bytes = size if is_header else _PAGE_BYTES
        self.count = len(data) // self._bytes
        said = int.from_bytes(data[28:32], "big") if is_header else 0
        # What is cut off is not understood; a number beyond eight times the file is damage itself.
        self.expected = said if self.count < said <= 8 * (self.count + 1) else -(-len(data) // self._bytes)

    def _page(self, number: int) -> bytes:
        return self._data[(number - 1) * self._bytes : number * self._bytes]

    def list_free(self) -> set[int]:
        """Return the pages that hold nothing any more, as far as the file names them."""
        free: set[int] = set()
        trunk = int.from_bytes(self._data[32:36], "big")
        while 1 < trunk <= self.count and trunk not in free:
            page = self._page(trunk)
            following, number = struct.unpack_from(">II", page)
            if number > self._bytes // 4 - 2:
                break
            free |= {trunk, *struct.unpack_from(f">{number}I", page, 8)}
            trunk = following
        return free

    def _read_pointers(self, number: int) -> tuple[int, list[int]] | None:
        """Return the kind of a page of a tree and where its cells begin; None where it is no such page."""
        page = self._page(number)
        at = _FILE_HEADER_BYTES if number == 1 else 0
        length = _HEADER_BYTES.get(page[at])
        if length is None:
            return None
        cells, begin = struct.unpack_from(">HH", page, at + 3)
        first = at + length + 2 * cells
        if first > (begin or 65_536) or (begin or 65_536) > self._bytes:
            return None
        pointers = list(struct.unpack_from(f">{cells}H", page, at + length))
        if any(not begin <= pointer < self._bytes for pointer in pointers) or len(set(pointers)) != cells:
            return None
        return page[at], pointers

    def list_children(self, number: int) -> list[int] | None:
        """Return the pages below one of a tree, none below an index's; None where it is no page between."""
        found = self._read_pointers(number)
        if found is None or found[0] == _TABLE_LEAF:
            return None
        if found[0] != _TABLE_INTERIOR:
            return []
        page = self._page(number)
        at = (_FILE_HEADER_BYTES if number == 1 else 0) + 8
        if any(pointer + 4 > self._bytes for pointer in found[1]):
            return None
        children = [int.from_bytes(page[pointer : pointer + 4], "big") for pointer in (at, *found[1])]
        return children if all(child > 1 for child in children) else None

    def read_leaf(self, number: int) -> tuple[dict[int, Values], set[int]] | None:
        """Return the rows of a table's leaf page, and the pages that they run over to; None where not all can be read."""
        found = self._read_pointers(number)
        if found is None or found[0] != _TABLE_LEAF:
            return None
        page, chains = self._page(number), set[int]()
        cells: dict[int, Values] = {}
        try:
            for pointer in found[1]:
                row_number, payload, chain = self._read_cell(page, pointer)
                if not 1 <= row_number < 2**63 or (cells and row_number <= max(cells)):
                    return None
                cells[row_number] = _read_record(payload)
                chains |= chain
        except (ValueError, IndexError, struct.error):  # a length that leads out of the page, or a text that is none
            return None
        return cells, chains

    def _read_cell(self, page: bytes, at: int) -> tuple[int, bytes, set[int]]:
        size, at = _read_varint(page, at)
        number, at = _read_varint(page, at)
        usable = self._bytes
        most, least = usable - 35, (usable - 12) * 32 // 255 - 23
        local = size
        if size > most:
            local = least + (size - least) % (usable - 4)
            local = local if local <= most else least
        if at + local > usable or size > len(self._data):
            raise ValueError("a cell runs out of its page")
        parts, chain, left = [page[at : at + local]], set[int](), size - local
        following = int.from_bytes(page[at + local : at + local + 4], "big") if left else 0
        while left:
            if not 1 < following <= self.count or following in chain:
                raise ValueError("a row runs over to no page")
            chain.add(following)
            more = self._page(following)
            parts.append(more[4 : 4 + min(left, usable - 4)])
            left -= len(parts[-1])
            following = int.from_bytes(more[:4], "big")
        return number, b"".join(parts), chain


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(8):
        byte = data[at + place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place + 1
    return value << 8 | data[at + 8], at + 9


def _read_record(payload: bytes) -> Values:
    """Return the values of a record.

    Raises:
        ValueError: If its lengths do not fill it, or a text is not UTF-8.
    """
    header, at = _read_varint(payload, 0)
    types = []
    while at < header:
        kind, at = _read_varint(payload, at)
        types.append(kind)
    values: list[Any] = []
    end = header
    for kind in types:
        begin = end
        if kind >= _FIRST_BLOB:
            end = begin + (kind - _FIRST_BLOB) // 2
            values.append(payload[begin:end] if kind % 2 == 0 else payload[begin:end].decode())
        elif kind == 7:
            end = begin + 8
            values.append(struct.unpack_from(">d", payload, begin)[0])
        elif kind in _INTEGER_BYTES:
            end = begin + _INTEGER_BYTES[kind]
            values.append(int.from_bytes(payload[begin:end], "big", signed=True))
        elif kind in (0, 8, 9):
            values.append({0: None, 8: 0, 9: 1}[kind])
        else:
            raise ValueError("a value of a kind that is none")
    if at != header or end != len(payload):
        raise ValueError("the lengths of a record do not fill it")
    return tuple(values)


def _fits(table: str, values: Values) -> bool:
    columns = _read_tables()[table]
    return len(columns) == len(values) and all(
        (value is None) if not column.kinds else isinstance(value, column.kinds)
        for column, value in zip(columns, values, strict=True)
    )


def _find_roots(leaves: Mapping[int, dict[int, Values]], donors: Iterable[Path]) -> list[dict[int, str]]:
    """Return the root pages and what table each is of: what the file itself still tells first, then of each donor."""
    own = [values for cells in leaves.values() for values in cells.values() if _fits(_SCHEMA, values)]
    found = [{values[3]: values[1] for values in own if values[0] == "table"}]
    for donor in donors:
        pages = _Pages(donor.read_bytes())
        of_donor = {n: leaf[0] for n in range(1, pages.count + 1) if (leaf := pages.read_leaf(n)) is not None}
        found += _find_roots(of_donor, ())
    return found


def _climb(number: int, parents: Mapping[int, int]) -> int:
    seen = {number}
    while (above := parents.get(number)) is not None and above not in seen:
        number = above
        seen.add(above)
    return number


def _name_table(cells: Mapping[int, Values], root: int, roots: Iterable[Mapping[int, str]]) -> str | None:
    """Return the table that every row of a page fits; of several, the one with that root page."""
    fitting = [table for table in _read_tables() if cells and all(_fits(table, values) for values in cells.values())]
    if len(fitting) == 1:
        return fitting[0]
    return next((table for known in roots if (table := known.get(root, "")) in fitting), None)


def _believe(cells: Mapping[int, Values], table: str) -> Iterator[tuple[int, Values]]:
    """Yield the rows of a page whose numbers can be right: rows are numbered one after another.

    A number that was damaged is apart from those beside it.
    """
    is_numbered = not _read_tables()[table][0].kinds
    for number, values in cells.items():
        if not is_numbered or len(cells) == 1 or number - 1 in cells or number + 1 in cells:
            yield number, values
