"""Fill a new log with the rows that several damaged or older files of it still hold."""

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from grader.progress.backend import Backend, insert_statement
from grader.progress.layout import Layout, read_layouts
from grader.progress.logical import Row, add_attempt, describe_details, from_logical, normalise
from grader.progress.mending import mend_row
from grader.progress.packing import unpack
from grader.progress.reading_damage import DamagedFile
from grader.progress.rows import ATTEMPT_COLUMNS, Details, decode_details, is_sealed
from grader.progress.texts import Packer

_SHA256_BYTES = 32
#: What an attempt refers to whose text cannot even be named any more.
_NO_SHA256 = "0" * 64


class Found(msgspec.Struct):
    """What a salvage kept and lost: rows by table; of attempts that are kept, those without text or checks."""

    kept: dict[str, int] = {}
    lost: dict[str, int] = {}
    changed: int = 0
    texts_lost: int = 0
    checks_lost: int = 0
    from_backups: int = 0
    #: Whether the log itself still tells how many attempts there were.
    is_counted: bool = False

    def describe(self) -> str:
        """Say it in words."""
        kept, lost = self.kept.get("attempts", 0), self.lost.get("attempts", 0)
        if self.is_counted:
            parts = [f"{kept:,} of {kept + lost:,} attempts kept"]
        elif kept + lost:
            parts = [f"{kept:,} of at least {kept + lost:,} attempts kept"]
        else:
            parts = ["no attempt can be read, and how many there were is not known"]
        others = sum(number for name, number in self.lost.items() if name != "attempts")
        of_all = sum(number for name, number in self.kept.items() if name != "attempts") + others
        if others:
            parts.append(f"{of_all - others:,} of {of_all:,} other records")
        if self.texts_lost:
            parts.append(f"{self.texts_lost:,} without the text")
        if self.checks_lost:
            parts.append(f"{self.checks_lost:,} without the checks")
        if self.changed:
            verb = "holds" if self.changed == 1 else "hold"
            parts.append(f"{_count(self.changed, 'row')} {verb} something else than was written")
        if self.from_backups:
            parts.append(f"{_count(self.from_backups, 'row')} came from a backup")
        return ", ".join(parts)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def refill(backend: Backend, sources: Sequence[DamagedFile]) -> Found:
    """Copy every row that one of the sources holds, the first that does; call it inside a transaction."""
    opened = [_Opened(source) for source in sources]
    logs = [one.tables.get("attempts") for one in opened if not one.is_backup]
    found = Found(is_counted=any(table is not None and table.is_counted for table in logs))
    for layout in read_layouts():
        if layout.name == "attempts":
            _refill_attempts(backend, layout, opened, found)
        elif layout.is_event:
            _refill_events(backend, layout, opened, found)
    return found


class _Opened:
    """One source, with what is known of where its texts and checks are."""

    def __init__(self, source: DamagedFile) -> None:
        self.source = source
        self.is_backup = source.is_backup
        self.tables = source.list_tables()
        self.is_packed = "packed" in (self.tables["submissions"].columns if "submissions" in self.tables else ())
        self._texts: dict[bytes, int] | None = None
        self._checks: dict[int, list[int]] | None = None

    @property
    def texts(self) -> dict[bytes, int]:
        """The number of the row of each text, by its SHA-256."""
        if self._texts is None:
            self._texts = {}
            for number, row in self.read_rows("submissions"):
                if isinstance(row["sha256"], bytes):
                    self._texts.setdefault(row["sha256"] if self.is_packed else _unhex(row["sha256"]), number)
        return self._texts

    def read_rows(self, table: str) -> Iterable[tuple[int, dict[str, Any]]]:
        """Return the rows of a table that can be read; none where it is not named."""
        return self.source.read_rows(self.tables[table]) if table in self.tables else ()

    def find_highest(self, table: str) -> int:
        """Return the highest number that a row of a table has had, as far as that is known."""
        known = self.tables.get(table)
        return 0 if known is None else known.highest or 0

    def load_text(self, sha256: bytes) -> bytes | None:
        """Return a text; None where it is not here, or is another than it should be."""
        number = self.texts.get(sha256)
        row = None if number is None else self.source.read_row(self.tables["submissions"], number)
        if row is None:
            return None
        text = self._unpack("submissions", row) if self.is_packed else row["body"]
        return text if isinstance(text, bytes) and hashlib.sha256(text).digest() == sha256 else None

    def load_changed_text(self, sha256: bytes) -> bytes | None:
        """Return what is in the place of a text, where texts are not packed."""
        number = None if self.is_packed else self.texts.get(sha256)
        row = None if number is None else self.source.read_row(self.tables["submissions"], number)
        return row["body"] if row is not None and isinstance(row["body"], bytes) else None

    def load_details(self, attempt_id: int, row: dict[str, Any]) -> Details | None:
        """Return the details of an attempt; None where they are not here."""
        if not self.is_packed:
            return self._load_old_details(attempt_id, row)
        stored = (
            self.source.read_row(self.tables["attempt_details"], attempt_id)
            if "attempt_details" in self.tables
            else None
        )
        data = None if stored is None else self._unpack("attempt_details", stored)
        try:
            return None if data is None else decode_details(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    def _unpack(self, table: str, row: dict[str, Any]) -> bytes | None:
        try:
            if row["base"] is None:
                return unpack(row["packed"])
            base = self.source.read_row(self.tables[table], row["base"])
            return None if base is None else unpack(row["packed"], unpack(base["packed"]))
        except (zlib.error, TypeError, OverflowError):  # a value of another kind than was written
            return None

    def _load_old_details(self, attempt_id: int, row: dict[str, Any]) -> Details | None:
        layouts = {layout.name: layout for layout in read_layouts()}
        if self._checks is None:
            self._checks = {}
            for number, check in self.read_rows("check_results"):
                self._checks.setdefault(check["attempt_id"], []).append(number)
        checks = []
        for number in self._checks.get(attempt_id, ()):
            found = self.source.read_row(self.tables["check_results"], number)
            mended = None if found is None else mend_row(layouts["check_results"], found)
            if mended is not None:
                checks.append(mended[0])
        whole = mend_row(layouts["attempts"], row | {"submission_sha256": _NO_SHA256.encode()})
        return None if whole is None else from_logical(normalise(whole[0] | {"check_results": checks}))


def _unhex(text: bytes) -> bytes:
    try:
        return bytes.fromhex(text.decode("ascii"))
    except ValueError:
        return text


def _refill_events(backend: Backend, layout: Layout, opened: list[_Opened], found: Found) -> None:
    kept: set[int] = set()
    for one in opened:
        for number, row in one.read_rows(layout.name):
            mended = None if number in kept else mend_row(layout, row)
            if mended is not None:
                _insert(backend, layout.name, number, mended[0])
                kept.add(number)
                found.changed += mended[1]
                found.from_backups += one.is_backup
    _close(backend, layout.name, found, kept, opened)


def _insert(backend: Backend, table: str, number: int, row: Row) -> None:
    columns = ("id", *row)
    backend.execute(insert_statement(table, columns), [number, *row.values()])


def _close(backend: Backend, table: str, found: Found, kept: set[int], opened: list[_Opened]) -> None:
    """Count a table, whose rows are numbered without gaps; and let its next row have a number that none ever had."""
    highest = max([*kept, *(one.find_highest(table) for one in opened)], default=0)
    if kept:
        found.kept[table] = len(kept)
        backend.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", [highest, table])
    if highest > len(kept):
        found.lost[table] = highest - len(kept)


def _refill_attempts(backend: Backend, layout: Layout, opened: list[_Opened], found: Found) -> None:
    rows: dict[int, tuple[_Opened, dict[str, Any]]] = {}
    for one in opened:
        for number, row in one.read_rows("attempts"):
            known = rows.get(number)
            if known is None or (not _is_right(*known) and _is_right(one, row)):
                rows[number] = (one, row)
    packer = Packer(backend)
    kept = {
        number
        for number, (one, row) in sorted(rows.items())
        if _refill_attempt(backend, packer, layout, number, one, row, opened, found)
    }
    _keep_texts_without_attempt(packer, opened)
    _close(backend, "attempts", found, kept, opened)


def _is_right(one: _Opened, row: dict[str, Any]) -> bool:
    """Tell whether an attempt's row is known to hold what was written; before there were checksums nothing is."""
    if "crc" not in row:
        return False
    try:
        texts = {n: v.decode() for n, v in row.items() if isinstance(v, bytes) and n != "submission_sha256"}
    except UnicodeDecodeError:
        return False
    return is_sealed(row | texts)


def _refill_attempt(
    backend: Backend,
    packer: Packer,
    layout: Layout,
    number: int,
    one: _Opened,
    row: dict[str, Any],
    opened: list[_Opened],
    found: Found,
) -> bool:
    sha256 = row["submission_sha256"] if isinstance(row["submission_sha256"], bytes) else b""
    sha256 = sha256 if one.is_packed else _unhex(sha256)
    details = next((d for o in (one, *opened) if (d := o.load_details(number, row)) is not None), None)
    text = next((t for o in (one, *opened) if (t := o.load_text(sha256)) is not None), None)
    is_changed = "crc" in row and not _is_right(one, row)
    if text is None:
        text = next((t for o in opened if (t := o.load_changed_text(sha256)) is not None), None)
        is_changed = is_changed or text is not None
    described = describe_details(details)
    checks = {"check_results": described.pop("check_results")} if "check_results" in described else {}
    known = {"submission_sha256": sha256.hex() if len(sha256) == _SHA256_BYTES else _NO_SHA256}
    mended = mend_row(layout, {name: row.get(name) for name in ATTEMPT_COLUMNS} | described | known)
    if mended is None:
        return False
    event = normalise(mended[0] | checks)
    add_attempt(backend, packer, event, text, number=number, with_details=details is not None)
    found.texts_lost += text is None
    found.checks_lost += details is None
    found.changed += mended[1] or is_changed
    found.from_backups += one.is_backup
    return True


def _keep_texts_without_attempt(packer: Packer, opened: list[_Opened]) -> None:
    """Keep what was submitted in attempts that are lost."""
    for one in opened:
        for sha256 in one.texts:
            text = one.load_text(sha256)
            if text is not None:
                packer.add_submission(text, sha256, "")
