"""Write and read what is packed: the submitted texts, and the details of attempts."""

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from typing import Literal

from grader.progress.backend import Backend, insert_statement
from grader.progress.packing import Base, pack, unpack
from grader.progress.rows import Details, RowDamaged, decode_details, encode_details

_Table = Literal["submissions", "attempt_details"]
_KEYS: dict[_Table, str] = {"submissions": "id", "attempt_details": "attempt_id"}
#: Numbers that are asked for in one statement; SQLite takes 999 values in its oldest builds.
_MOST_ASKED = 500
#: Unpacked bases that are kept while many texts are read in a row.
_MOST_BASES = 64


class Unpacker:
    """Reads packed rows of one table; remembers the bases it met last."""

    def __init__(self, backend: Backend, table: _Table) -> None:
        self._backend = backend
        self._table = table
        self._bases: dict[int, bytes] = {}

    def read(self, data: bytes, base: int | None) -> bytes:
        """Return the text of a row.

        Raises:
            RowDamaged: If it, or the one it stands upon, holds something else than was written.
        """
        try:
            return unpack(data, None if base is None else self.load_base(base))
        except zlib.error as error:
            raise RowDamaged(f"a text of {self._table} is damaged: {error}") from error

    def load_base(self, number: int) -> bytes:
        """Return the whole text that others stand upon."""
        if number not in self._bases:
            key = _KEYS[self._table]
            rows = self._backend.execute(f"SELECT base, packed FROM {self._table} WHERE {key} = ?", [number])
            if not rows or rows[0][0] is not None or rows[0][1] is None:
                raise RowDamaged(f"{self._table} {number} is missing, and others are built on it")
            if len(self._bases) >= _MOST_BASES:
                self._bases.pop(next(iter(self._bases)))
            self._bases[number] = self.read(rows[0][1], None)
        return self._bases[number]


class Packer:
    """Writes texts and details, each upon the newest of the same exercise; call it inside a transaction."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._unpackers: dict[_Table, Unpacker] = {
            table: Unpacker(backend, table) for table in ("submissions", "attempt_details")
        }

    def add_submission(self, text: bytes | None, sha256: bytes, exercise_id: str) -> None:
        """Keep a text, once however often it is graded; None where it is lost, so that its attempts may refer to it."""
        if self._backend.execute("SELECT 1 FROM submissions WHERE sha256 = ?", [sha256]):
            return
        row: dict[str, object] = {"sha256": sha256, "packed": None}
        if text is not None:
            packed = pack(text, self._find_base("submissions", exercise_id))
            row |= {"base": packed.base, "upon": packed.upon, "packed": packed.data}
        self._backend.insert("submissions", row)

    def add_details(self, details: Details, attempt_id: int, exercise_id: str) -> None:
        """Keep the details of an attempt that was just added."""
        packed = pack(encode_details(details), self._find_base("attempt_details", exercise_id))
        self._backend.execute(
            insert_statement("attempt_details", ("attempt_id", "base", "upon", "packed")),
            [attempt_id, packed.base, packed.upon, packed.data],
        )

    def _find_base(self, table: _Table, exercise_id: str) -> Base | None:
        """Return what the newest one of an exercise is or stands upon; None where there is none that can be read."""
        key = _KEYS[table]
        joined = "t.sha256 = a.submission_sha256" if table == "submissions" else "t.attempt_id = a.id"
        newest = self._backend.execute(
            f"SELECT t.{key}, t.base, t.upon FROM attempts a JOIN {table} t ON {joined} "
            "WHERE a.exercise_id = ? AND t.packed IS NOT NULL ORDER BY a.id DESC LIMIT 1",
            [exercise_id],
        )
        if not newest:
            return None
        number, base, upon = newest[0]
        chosen = number if base is None else base
        try:
            return Base(chosen, self._unpackers[table].load_base(chosen), upon or 0)
        except RowDamaged:
            return None  # a reader of it is told; what is written now does not depend on it


def load_submission(backend: Backend, sha256: bytes) -> bytes | None:
    """Return a text; None where it is lost.

    Raises:
        RowDamaged: If it is not the one that was kept.
    """
    rows = backend.execute("SELECT base, packed FROM submissions WHERE sha256 = ?", [sha256])
    if not rows or rows[0][1] is None:
        return None
    base, packed = rows[0]
    text = Unpacker(backend, "submissions").read(packed, base)
    if hashlib.sha256(text).digest() != sha256:
        raise RowDamaged("a text of submissions is not the one that its SHA-256 says")
    return text


def load_details(backend: Backend, attempt_ids: Sequence[int]) -> dict[int, Details]:
    """Return the details of attempts, by their numbers; those that are lost are left out."""
    found: dict[int, Details] = {}
    unpacker = Unpacker(backend, "attempt_details")
    for some in _in_parts(attempt_ids):
        marks = ", ".join("?" * len(some))
        rows = backend.execute(
            f"SELECT attempt_id, base, packed FROM attempt_details WHERE attempt_id IN ({marks}) ORDER BY attempt_id",
            some,
        )
        for number, base, packed in rows:
            found[number] = decode_details(unpacker.read(packed, base))
    return found


def _in_parts(numbers: Sequence[int]) -> Iterable[Sequence[int]]:
    for start in range(0, len(numbers), _MOST_ASKED):
        yield numbers[start : start + _MOST_ASKED]
