"""The file that carries a log from one machine to another: gzip-compressed lines of JSON, readable without study.

The first line says what it is: {"format": "study-progress", "version": 2, "schema": 4, ...}. Then one line for each row,
the name of its table and its columns: ["submissions", {"sha256": "...", "body": "def ..."}], ["starts", {...}]. A text
is somewhere before the attempts that it was graded in, and without `body` where a damaged log has lost it. Moments
(`at_us`) are microseconds since 1970-01-01 UTC; bytes that are not UTF-8 stand as {"base64": "..."}. The last line holds
the number of lines before it and the SHA-256 of their text: {"end": 3, "sha256": "..."}.

A file is written and read line by line: how long a log is does not matter to the memory. It is read twice, first to check
all of it and then to take it over. In version 1 all texts came first; nothing else was different.
"""

import gzip
import hashlib
import zlib
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

import msgspec

from grader.core.errors import ImportUnusable
from grader.progress import schema
from grader.progress.backend import Backend
from grader.progress.layout import Column, Layout, read_layouts
from grader.progress.logical import Row, normalise
from grader.progress.rules import check_value
from grader.progress.transfer import Event, content_key, read_log

FORMAT = "study-progress"
VERSION = 2
#: One row: a submission of 1 MiB, each character of which takes six in JSON, and room for the rest.
MAX_LINE_BYTES = 16 * 2**20
#: Logs shrink to a thirtieth or so. What unpacks to more than this many times its size was made to fill a disk, or to
#: take an afternoon. So much is read before that is asked, for the head of a file tells little: a second's work.
MAX_RATIO = 200
FREE_BYTES = 2**25

_GZIP = b"\x1f\x8b"
_DAMAGED = "export it again on the machine it comes from: study export"
_LEVEL = 6  # 9 takes three times as long for a hundredth


class _Header(msgspec.Struct, frozen=True):
    format: str
    version: int
    schema: int


class _End(msgspec.Struct, frozen=True):
    end: int
    sha256: str


def write_log(backend: Backend, file: BinaryIO, *, now: datetime) -> dict[str, int]:
    """Write everything there is in a log.

    Returns:
        How many events there are, by table.
    """
    counts: Counter[str] = Counter()
    digest, lines = hashlib.sha256(), 0
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=_LEVEL, mtime=0, filename="") as packed:

        def write(value: Any) -> None:
            nonlocal lines
            line = msgspec.json.encode(value) + b"\n"
            digest.update(line)
            packed.write(line)
            lines += 1

        write({"format": FORMAT, "version": VERSION, "schema": len(schema.MIGRATIONS), "exported_at": now.isoformat()})
        named: set[bytes] = set()
        for _, event in read_log(backend):
            if event.table == "attempts":
                sha256 = event.row["submission_sha256"]
                if (raw := bytes.fromhex(sha256)) not in named:
                    named.add(raw)
                    body = {} if event.text is None else {"body": _readable(event.text)}
                    write(["submissions", {"sha256": sha256} | body])
            counts[event.table] += 1
            write([event.table, _readable(event.row)])
        packed.write(msgspec.json.encode(_End(lines, digest.hexdigest())) + b"\n")
    return dict(sorted(counts.items()))


def _readable(value: Any) -> Any:
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return {"base64": b64encode(value).decode()}
    if isinstance(value, list):
        return [_readable(item) for item in value]
    return {name: _readable(item) for name, item in value.items()} if isinstance(value, dict) else value


def is_log(beginning: bytes) -> bool:
    """Tell by its beginning whether a file can only be meant as an exported log, whole or damaged."""
    return beginning.startswith((_GZIP, b'{"format":"' + FORMAT.encode()))


class LogFile:
    """An exported log that is open for reading, compressed or not; `place` is its name for messages."""

    def __init__(self, file: BinaryIO, place: str) -> None:
        self._file = file
        self._place = place
        self._layouts = {layout.name: layout for layout in read_layouts()}
        self._referred = {column.refers for layout in read_layouts() for column in layout.content}
        self._sha256: str | None = None

    def check(self) -> dict[str, int]:
        """Read all of it once.

        Returns:
            How many events it holds, by table.

        Raises:
            ImportUnusable: If it is damaged, cut off, of a newer study, or something else altogether.
        """
        reader = _Reader(self._layouts, self._referred)
        counts: Counter[str] = Counter()
        problem: ImportUnusable | None = None
        for number, line in self._number_lines():
            if problem is None:
                try:
                    table = reader.take(line)
                    counts[table] += self._layouts[table].is_event
                except (ValueError, RecursionError) as error:  # msgspec's errors among them
                    # Whether the file is whole is said first: a damaged one is exported again.
                    problem = self._refuse(number, error)
        if problem is not None:
            raise problem
        return {table: count for table, count in sorted(counts.items()) if count}

    def read(self) -> Iterator[Event]:
        """Yield its events; `check` has said that it can be read."""
        reader = _Reader(self._layouts, self._referred)
        for number, line in self._number_lines():
            try:
                reader.take(line)
            except (ValueError, RecursionError) as error:
                raise self._refuse(number, error) from None
            if reader.event is not None:
                yield reader.event

    def _refuse(self, number: int, error: BaseException) -> ImportUnusable:
        reason = str(error) or type(error).__name__
        return ImportUnusable(f"{self._place}:{number}: {reason}; nothing was taken over", hint=_DAMAGED)

    def _number_lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield the lines between the header and the end with their numbers; then check that they are all."""
        digest, count, waiting = hashlib.sha256(), 0, None
        for line in self._read_lines():
            if waiting is not None:
                digest.update(waiting)
                count += 1
                if count == 1:
                    _check_header(waiting, self._place)
                else:
                    yield count, waiting
            waiting = line
        if count == 0:
            _check_header(waiting or b"", self._place)
        try:
            end = msgspec.json.decode(waiting or b"", type=_End)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise ImportUnusable(f"{self._place} is cut off: its last line is missing", hint=_DAMAGED) from None
        found = digest.hexdigest()
        if end.end != count or end.sha256 != found or self._sha256 not in (None, found):
            raise ImportUnusable(f"{self._place} is damaged: its checksum does not fit its text", hint=_DAMAGED)
        self._sha256 = found

    def _read_lines(self) -> Iterator[bytes]:
        self._file.seek(0)
        is_packed = self._file.read(len(_GZIP)) == _GZIP
        self._file.seek(0)
        stream: Any = gzip.GzipFile(fileobj=self._file, mode="rb") if is_packed else self._file
        total = 0
        try:
            while line := stream.readline(MAX_LINE_BYTES + 1):
                total += len(line)
                if len(line) > MAX_LINE_BYTES:
                    raise ImportUnusable(f"{self._place} has a line of more than {MAX_LINE_BYTES >> 20} MiB")
                if total > FREE_BYTES and total > MAX_RATIO * self._file.tell():
                    raise ImportUnusable(
                        f"{self._place} unpacks to more than {MAX_RATIO} times its size, which no log of a learner does"
                    )
                yield line
        except EOFError:
            raise ImportUnusable(f"{self._place} is cut off in the middle", hint=_DAMAGED) from None
        except (OSError, zlib.error) as error:  # gzip.BadGzipFile among them
            raise ImportUnusable(f"{self._place} is damaged: {error}", hint=_DAMAGED) from None


def _check_header(line: bytes, place: str) -> None:
    try:
        header = msgspec.json.decode(line, type=_Header)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        header = None
    if header is None or header.format != FORMAT:
        raise ImportUnusable(f"{place} is not a progress log that study has exported", hint="study export FILE")
    if header.version > VERSION or header.schema > len(schema.MIGRATIONS):
        raise ImportUnusable(
            f"{place} was written by a newer study-grader (version {header.version}, schema {header.schema}; "
            f"this one reads up to version {VERSION}, schema {len(schema.MIGRATIONS)})",
            hint="pip install --upgrade study-grader",
        )


class _Reader:
    """Turns one line after another into events that the database can hold and study can read back."""

    def __init__(self, layouts: dict[str, Layout], referred: set[str | None]) -> None:
        self._layouts = layouts
        self._referred = referred
        self._decoder = msgspec.json.Decoder(tuple[str, dict[str, Any]])
        self._keys: dict[str, set[bytes]] = {}
        #: The texts that no attempt has come for yet, packed: in a file of version 1 that is all of them at first.
        self._texts: dict[bytes, bytes] = {}
        #: What the last line was; None where it was no event.
        self.event: Event | None = None

    def take(self, line: bytes) -> str:
        """Read one line, and return the name of its table.

        Raises:
            ValueError: If it is nothing that the log can hold.
        """
        table, row = self._decoder.decode(line)
        layout = self._layouts.get(table)
        if layout is None or layout.owner is not None:
            raise ValueError(f"the log has no table {table[:60]!r}")
        if layout.is_event:
            event = self._read_row(layout, row)
            text = None
            if table == "attempts":
                packed = self._texts.pop(bytes.fromhex(event["submission_sha256"]), None)
                text = None if packed is None else zlib.decompress(packed)
            if table in self._referred:
                self._keys.setdefault(table, set()).add(
                    content_key(table, normalise(event) if table == "attempts" else event)
                )
            self.event = Event(table, event, text)
            return table
        self.event = None
        self._take_text(layout, row)
        return table

    def _take_text(self, layout: Layout, row: Row) -> None:
        is_lost = "body" not in row
        read = self._read_row(layout, row | {"body": ""} if is_lost else row)
        key = bytes.fromhex(read["sha256"])
        if not is_lost:
            if hashlib.sha256(read["body"]).digest() != key:
                raise ValueError("the text is not the one that its SHA-256 says")
            self._texts[key] = zlib.compress(read["body"], 1)
        self._keys.setdefault(layout.name, set()).add(key)

    def _read_row(self, layout: Layout, row: Row) -> Row:
        read: Row = {}
        for column in layout.content:
            value = row.get(column.name, column.default)
            if value is None:
                if not column.nullable:
                    raise ValueError(f"{layout.name} needs a `{column.name}`")
                continue
            if column.refers is not None:
                if not self._is_known(column.refers, value):
                    raise ValueError(f"`{column.name}` leads to nothing in {column.refers}")
                read[column.name] = value
            else:
                read[column.name] = check_value(layout.name, column, _as_stored(column, value))
        known = {column.name for column in layout.content}
        for name in row.keys() - known:
            parts = self._read_parts(layout, name, row[name])
            if parts:
                read[name] = parts
        return read

    def _is_known(self, table: str, value: Any) -> bool:
        try:
            return isinstance(value, str) and bytes.fromhex(value) in self._keys.get(table, ())
        except ValueError:
            return False

    def _read_parts(self, layout: Layout, name: str, rows: Any) -> list[Row]:
        part = self._layouts.get(name)
        if part is None or part.owner is None or part.owner.refers != layout.name or not isinstance(rows, list):
            raise ValueError(f"{layout.name} has no `{name[:60]}`")
        parts = [self._read_row(part, one) for one in rows if isinstance(one, dict)]
        places = [key for key in part.key if key != part.owner.name]
        if len({tuple(one[key] for key in places) for one in parts}) != len(rows):
            raise ValueError(f"two `{name}` of one event have the same place")
        return sorted(parts, key=lambda one: [one[key] for key in places])


def _as_stored(column: Column, value: Any) -> Any:
    """Turn what JSON can say into what the column holds."""
    if column.kind == "binary" and isinstance(value, str):
        return value.encode("utf-8")
    if column.kind == "binary" and isinstance(value, dict) and isinstance(value.get("base64"), str):
        try:
            return b64decode(value["base64"], validate=True)
        except ValueError:
            raise ValueError(f"`{column.name}` is not base64") from None
    if column.kind == "real" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value
