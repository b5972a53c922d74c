"""What a column of the log may hold, for rows that come from a file and not from study itself."""

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, get_args

import msgspec

from grader.core.verdict import Status
from grader.progress.layout import Column
from grader.progress.records import AttemptVerdict, ReadingState, SubjectKind
from grader.progress.rows import decode_text, to_micros

_TYPES: dict[str, type] = {"integer": int, "real": float, "text": str, "binary": bytes}
#: No clock of a learner is that wrong, and every moment before it can be computed with.
_LAST_US = to_micros(datetime(2200, 1, 1, tzinfo=UTC))
_MOST = 2**63 - 1
#: Ids, names of devices and the like are short; what may be long is kept as bytes.
MAX_TEXT = 2000


def check_value(table: str, column: Column, value: Any) -> Any:
    """Return a value that the column can hold and study can read back.

    Raises:
        ValueError: If it is anything else; the message names the column.
    """
    if type(value) is not _TYPES[column.kind]:
        raise ValueError(f"`{column.name}` of {table} is {column.kind}, found {type(value).__name__}")
    if not _BY_KIND[column.kind](value) or not _find_rule(table, column.name)(value):
        shown = repr(value)
        shown = shown if len(shown) <= 60 else shown[:59] + "…"
        raise ValueError(f"`{column.name}` of {table} cannot be {shown}")
    return value


def _is_text(value: str) -> bool:
    return len(value) <= MAX_TEXT and "\0" not in value and value == value.encode("utf-8", "replace").decode()


def _is_stored_text(value: bytes) -> bool:
    decode_text(value)  # UnicodeDecodeError is a ValueError
    return True


_BY_KIND: dict[str, Callable[[Any], bool]] = {
    "integer": lambda value: abs(value) <= _MOST,
    "real": math.isfinite,
    "text": _is_text,
    "binary": _is_stored_text,
}


def _one_of(literal: Any) -> Callable[[Any], bool]:
    return lambda value: value in get_args(literal)


def _is_moment(value: int) -> bool:
    return 0 <= value < _LAST_US


def _is_amount(value: float) -> bool:
    return 0 <= value <= 10**9


def _is_flag(value: int) -> bool:
    return value in (0, 1)


def _is_sha256(value: str) -> bool:
    return re.fullmatch("[0-9a-f]{64}", value) is not None


def _is_isolation(value: str) -> bool:
    msgspec.json.decode(value, type=dict[str, bool])
    return True


_RULES: dict[tuple[str, str], Callable[[Any], bool]] = {
    ("submissions", "sha256"): _is_sha256,
    ("attempts", "submission_sha256"): _is_sha256,
    ("attempts", "verdict"): _one_of(AttemptVerdict),
    ("attempts", "score"): _is_amount,
    ("attempts", "max_score"): _is_amount,
    ("attempts", "seed"): lambda value: re.fullmatch("-?[0-9]{1,20}", value) is not None,
    ("attempts", "elapsed_s"): _is_amount,
    ("attempts", "isolation"): _is_isolation,
    ("check_results", "position"): _is_amount,
    ("check_results", "status"): _one_of(Status),
    ("check_results", "points"): _is_amount,
    ("check_results", "elapsed_s"): _is_amount,
    ("hints", "number"): _is_amount,
    ("reveals", "gave_up"): _is_flag,
    ("reading_events", "state"): _one_of(ReadingState),
    ("reading_events", "minutes"): lambda value: 0 <= value <= 10**6,
    ("answers", "number_right"): _is_flag,
    ("reviews", "kind"): _one_of(SubjectKind),
    ("reviews", "rating"): lambda value: 1 <= value <= 4,
    ("reviews", "attempts"): _is_amount,
    ("reviews", "hints"): _is_amount,
    ("reviews", "revealed"): _is_flag,
}


def _find_rule(table: str, name: str) -> Callable[[Any], bool]:
    if name.endswith("_us"):
        return _is_moment
    return _RULES.get((table, name), lambda value: True)
