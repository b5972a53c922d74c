"""Tell a damaged log from one that is locked, full or out of reach."""

import sqlite3
import zlib

import msgspec

from grader.progress.rows import RowDamaged
from grader.progress.schema import APPEND_ONLY

#: TOOBIG: a length in a damaged row asks for gigabytes.
_CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_TOOBIG)


def sqlite_code(error: Exception) -> int | None:
    """Return SQLite's primary result code; the extended codes add detail above the low byte."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF


def is_damage(error: Exception) -> bool:
    """Tell whether an error means that the file holds what was not written to it."""
    if isinstance(error, RowDamaged | UnicodeDecodeError | msgspec.DecodeError | zlib.error):
        return True
    if not isinstance(error, sqlite3.Error):
        return False
    code, text = sqlite_code(error), str(error)
    if code in _CODES:
        return True
    # sqlite3 has no code for a text that is not UTF-8; and what names no table of ours any more has lost it.
    tables = (f"no such table: {name}" for name in (*APPEND_ONLY, "summaries", "schema_migrations"))
    return text.startswith("Could not decode to UTF-8") or any(text.endswith(lost) for lost in tables)
