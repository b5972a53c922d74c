"""An attempt as one row that means the same on every machine: what files carry, and merging and salvage work with.

Its columns are those that the log had before texts were packed: `submission_sha256` is hexadecimal, `isolation` is JSON,
and `check_results` holds one row for each check. Columns that hold nothing are left out.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from grader.progress.backend import Backend
from grader.progress.rows import ATTEMPT_COLUMNS, Details, StoredCheck, load_elapsed, seal, store_elapsed
from grader.progress.texts import Packer

#: The name of a column -> what it holds; a part's table -> its rows.
Row = dict[str, Any]

_ISOLATION = msgspec.json.Decoder(dict[str, bool])


def to_logical(row: Mapping[str, Any], details: Details | None) -> Row:
    """Return a stored attempt, without its number; details that are lost are simply not there."""
    event: Row = {name: row[name] for name in ATTEMPT_COLUMNS}
    return event | {"submission_sha256": bytes(row["submission_sha256"]).hex()} | describe_details(details)


def describe_details(details: Details | None) -> Row:
    """Return the columns of an attempt that its details hold, with its checks."""
    if details is None:
        return {"device": "", "submission_path": b"", "isolation": "{}"}
    columns: Row = {
        "device": details.device,
        "submission_path": details.path,
        "isolation": msgspec.json.encode(details.isolation).decode(),
    }
    if details.corpus is not None:
        columns["corpus"] = details.corpus
    checks = [
        {"position": position, **_check_row(check), "elapsed_s": load_elapsed(elapsed)}
        for position, (check, elapsed) in enumerate(zip(details.checks, details.elapsed, strict=True))
    ]
    return columns | ({"check_results": checks} if checks else {})


def _check_row(check: StoredCheck) -> Row:
    row = {name: getattr(check, name) for name in check.__struct_fields__}
    return {name: value for name, value in row.items() if value is not None}


def normalise(event: Row) -> Row:
    """Write the same attempt in the one way that `to_logical` would: places counted from 0, JSON without spaces."""
    checks = sorted(event.get("check_results", ()), key=lambda check: check["position"])
    numbered = [check | {"position": position} for position, check in enumerate(checks)]
    isolation = msgspec.json.encode(_ISOLATION.decode(event["isolation"])).decode()
    return event | {"isolation": isolation} | ({"check_results": numbered} if numbered else {})


def from_logical(event: Mapping[str, Any]) -> Details:
    """Return the details of an attempt that `normalise` has seen."""
    checks = event.get("check_results", ())
    return Details(
        event["device"],
        event.get("corpus"),
        event["submission_path"],
        _ISOLATION.decode(event["isolation"]),
        tuple(
            StoredCheck(
                check["check_id"],
                check["title"],
                check["status"],
                check["points"],
                check["message"],
                check.get("cause"),
            )
            for check in checks
        ),
        tuple(store_elapsed(check["elapsed_s"]) for check in checks),
    )


def add_attempt(
    backend: Backend,
    packer: Packer,
    event: Mapping[str, Any],
    text: bytes | None,
    *,
    number: int | None = None,
    with_details: bool = True,
) -> int:
    """Add an attempt and its text, which may be lost; call it inside a transaction.

    Args:
        backend: The log to add it to.
        packer: One for all that is added in the transaction.
        event: The attempt.
        text: What was graded; needed only where the log does not have it yet.
        number: The number it shall have; by default the next.
        with_details: False where its details are lost.
    """
    sha256 = bytes.fromhex(event["submission_sha256"]) if text is None else hashlib.sha256(text).digest()
    packer.add_submission(text, sha256, event["exercise_id"])
    row = seal({**{name: event[name] for name in ATTEMPT_COLUMNS}, "submission_sha256": sha256})
    added = backend.insert("attempts", row if number is None else {"id": number, **row})
    if with_details:
        packer.add_details(from_logical(event), added, event["exercise_id"])
    return added
