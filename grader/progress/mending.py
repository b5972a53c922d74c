"""Turn a row of a damaged file into one that the log can hold."""

from typing import Any

from grader.progress.layout import Column, Layout
from grader.progress.rules import MAX_TEXT, check_value

_NEUTRAL: dict[str, Any] = {"integer": 0, "real": 0.0, "text": "", "binary": b""}
#: An attempt whose verdict is gone counts neither for nor against the learner.
_NEUTRAL_OF = {("attempts", "verdict"): "grader_fault", ("attempts", "seed"): "0", ("attempts", "isolation"): "{}"}


def mend_row(layout: Layout, row: dict[str, Any]) -> tuple[dict[str, Any], bool] | None:
    """Return what a row can be kept as, and whether anything in it had to be replaced; None where it makes no sense."""
    mended: dict[str, Any] = {}
    changed = False
    for column in layout.content:
        value = _as_written(column, row.get(column.name))
        if value is None and column.nullable:
            continue
        if not _can_be(layout.name, column, value):
            changed = True
            value = _NEUTRAL_OF.get((layout.name, column.name), None if column.nullable else _NEUTRAL[column.kind])
            if value is None:
                continue
            if not _can_be(layout.name, column, value):
                return None
        mended[column.name] = value
    return mended, changed


def _as_written(column: Column, value: Any) -> Any:
    """Return a value in the type of its column, as much of a text as can be read."""
    if column.kind == "text" and isinstance(value, bytes):
        return value.decode("utf-8", "replace").replace("\0", "")[:MAX_TEXT]
    if column.kind == "binary" and isinstance(value, bytes):
        try:
            value.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return value.decode("utf-8", "replace").encode()
    if column.kind == "real" and isinstance(value, int):
        return float(value)
    return value


def _can_be(table: str, column: Column, value: Any) -> bool:
    try:
        check_value(table, column, value)
    except ValueError:
        return False
    return True
