"""The file that carries a log from one machine to another: gzip-compressed lines of JSON, readable without study.

The first line says what it is: {"format": "study-progress", "version": 1, "schema": 2, ...}. Then one line for each row,
the name of its table and its columns: ["submissions", {"sha256": "...", "body": "def ..."}], ["starts", {...}]. Moments
(`at_us`) are microseconds since 1970-01-01 UTC; bytes that are no UTF-8 stand as {"base64": "..."}. The last line holds
the number of lines before it and the SHA-256 of their text: {"end": 3, "sha256": "..."}.
"""

import gzip
import hashlib
import io
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from grader.core.errors import ImportUnusable
from grader.progress import schema
from grader.progress.layout import Column, Layout, read_layouts
from grader.progress.rules import check_value
from grader.progress.transfer import Log, Row, content_key, sort_parts

FORMAT = "study-progress"
VERSION = 1
#: What is taken in at most: a learner's log of years is a few tens of MiB, and all of it is held in memory.
MAX_FILE_BYTES = 64 * 2**20
MAX_TEXT_BYTES = 256 * 2**20

_GZIP = b"\x1f\x8b"
_CHUNK_BYTES = 2**20
_DAMAGED = "export it again on the machine it comes from: study export"


class _Header(msgspec.Struct, frozen=True):
    format: str
    version: int
    schema: int


class _End(msgspec.Struct, frozen=True):
    end: int
    sha256: str


def encode_log(log: Log, *, now: datetime) -> bytes:
    """Write a log as the bytes of a file.

    Raises:
        ImportUnusable: If it is larger than what `decode_log` takes.
    """
    header = {"format": FORMAT, "version": VERSION, "schema": len(schema.MIGRATIONS), "exported_at": now.isoformat()}
    lines = [msgspec.json.encode(header)]
    for name, bodies in log.bodies.items():
        lines += [_encode_row(name, bodies[key]) for key in sorted(_find_used(log, name) & bodies.keys())]
    for layout in read_layouts():
        lines += [_encode_row(layout.name, event) for event in log.events.get(layout.name, [])]
    text = b"".join(line + b"\n" for line in lines)
    end = _End(len(lines), hashlib.sha256(text).hexdigest())
    text += msgspec.json.encode(end) + b"\n"
    if len(text) > MAX_TEXT_BYTES:
        raise ImportUnusable(f"the log holds {len(text) >> 20} MiB; a file of it can hold {MAX_TEXT_BYTES >> 20} MiB")
    return gzip.compress(text, mtime=0)


def _find_used(log: Log, body: str) -> set[str]:
    """Return the keys of the bodies that some event refers to."""
    columns = [(layout.name, c.name) for layout in read_layouts() for c in layout.columns if c.refers == body]
    return {event[column] for table, column in columns for event in log.events.get(table, []) if column in event}


def _encode_row(table: str, row: Row) -> bytes:
    return msgspec.json.encode([table, _readable(row)])


def _readable(value: Any) -> Any:
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return {"base64": b64encode(value).decode()}
    if isinstance(value, list):
        return [_readable(item) for item in value]
    return {name: _readable(item) for name, item in value.items()} if isinstance(value, dict) else value


def is_log(data: bytes) -> bool:
    """Tell by its beginning whether a file can only be meant as an exported log, whole or damaged."""
    return data.startswith((_GZIP, b'{"format":"' + FORMAT.encode()))


def decode_log(data: bytes, place: str) -> Log:
    """Read a log from the bytes of a file, and check all of it.

    Args:
        data: The file, compressed or not.
        place: Its name for messages.

    Raises:
        ImportUnusable: If it is damaged, cut off, too large, of a newer study, or something else altogether.
    """
    text = _unpack(data, place)
    cut = text.rstrip(b"\n").rfind(b"\n") + 1
    first, last = text[: text.find(b"\n") + 1], text[cut:]
    _check_header(first, place)
    body = text[:cut]
    try:
        end = msgspec.json.decode(last, type=_End)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ImportUnusable(f"{place} is cut off: its last line is missing", hint=_DAMAGED) from None
    if end.end != body.count(b"\n") or end.sha256 != hashlib.sha256(body).hexdigest():
        raise ImportUnusable(f"{place} is damaged: its checksum does not fit its text", hint=_DAMAGED)
    return _Reader(place).read(body)


def _unpack(data: bytes, place: str) -> bytes:
    if not data.startswith(_GZIP):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            text = io.BytesIO()
            while chunk := file.read(_CHUNK_BYTES):
                text.write(chunk)
                if text.tell() > MAX_TEXT_BYTES:
                    raise ImportUnusable(
                        f"{place} unpacks to more than {MAX_TEXT_BYTES >> 20} MiB, which no log of a learner does"
                    )
            return text.getvalue()
    except EOFError:
        raise ImportUnusable(f"{place} is cut off in the middle", hint=_DAMAGED) from None
    except (OSError, zlib.error) as error:  # gzip.BadGzipFile among them
        raise ImportUnusable(f"{place} is damaged: {error}", hint=_DAMAGED) from None


def _check_header(line: bytes, place: str) -> None:
    try:
        header = msgspec.json.decode(line, type=_Header)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        header = None
    if header is None or header.format != FORMAT:
        raise ImportUnusable(f"{place} is no progress log that study has exported", hint="study export FILE")
    if header.version > VERSION or header.schema > len(schema.MIGRATIONS):
        raise ImportUnusable(
            f"{place} was written by a newer study-grader (version {header.version}, schema {header.schema}; "
            f"this one reads up to version {VERSION}, schema {len(schema.MIGRATIONS)})",
            hint="pip install --upgrade study-grader",
        )


class _Reader:
    """Turns the lines of a file into rows that the database can hold and study can read back."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._layouts = {layout.name: layout for layout in read_layouts()}
        self._log = Log({}, {})
        self._keys: dict[str, set[str]] = {}

    def read(self, body: bytes) -> Log:
        decoder = msgspec.json.Decoder(tuple[str, dict[str, Any]])
        for number, line in _number_lines(body):
            try:
                table, row = decoder.decode(line)
                self._take(table, row)
            except (ValueError, RecursionError) as error:  # msgspec's errors among them
                reason = str(error) or type(error).__name__
                raise ImportUnusable(
                    f"{self._place}:{number}: {reason}; nothing was taken over", hint=_DAMAGED
                ) from None
        return self._log

    def _take(self, table: str, row: Row) -> None:
        layout = self._layouts.get(table)
        if layout is None or layout.owner is not None:
            raise ValueError(f"the log has no table {table[:60]!r}")
        if layout.is_event:
            event = self._read_row(layout, row)
            self._log.events.setdefault(table, []).append(event)
            self._keys.setdefault(table, set()).add(content_key(table, event))
            return
        read, (key,) = self._read_row(layout, row), layout.key
        if key == "sha256" and hashlib.sha256(read["body"]).hexdigest() != read[key]:
            raise ValueError("the text is not the one that its SHA-256 says")
        self._log.bodies.setdefault(table, {})[read[key]] = read
        self._keys.setdefault(table, set()).add(read[key])

    def _read_row(self, layout: Layout, row: Row) -> Row:
        read: Row = {}
        for column in layout.content:
            value = row.get(column.name, column.default)
            if value is None:
                if not column.nullable:
                    raise ValueError(f"{layout.name} needs a `{column.name}`")
                continue
            if column.refers is not None:
                if not isinstance(value, str) or value not in self._keys.get(column.refers, ()):
                    raise ValueError(f"`{column.name}` leads to nothing in {column.refers}")
                read[column.name] = value
            else:
                read[column.name] = check_value(layout.name, column, _as_stored(column, value))
        known = {column.name for column in layout.content}
        for name in row.keys() - known:
            part = self._layouts.get(name)
            if (
                part is None
                or part.owner is None
                or part.owner.refers != layout.name
                or not isinstance(row[name], list)
            ):
                raise ValueError(f"{layout.name} has no `{name[:60]}`")
            parts = [self._read_row(part, one) for one in row[name] if isinstance(one, dict)]
            keys = {tuple(one[key] for key in part.key if key in one) for one in parts}
            if len(keys) != len(row[name]):
                raise ValueError(f"two `{name}` of one event have the same place")
            if parts:
                read[name] = sort_parts(part, parts)
        return read


def _number_lines(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the lines behind the header, with their numbers."""
    for number, line in enumerate(io.BytesIO(body), start=1):
        if number > 1:
            yield number, line


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
