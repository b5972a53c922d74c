"""How moments, texts and records are laid out in rows, the same in SQLite and PostgreSQL."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from grader.core.verdict import CheckResult
from grader.progress.records import Attempt, NewAttempt

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Return the whole microseconds since 1970-01-01 UTC of an aware `moment`."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(at_us: int) -> datetime:
    """Return the moment that `to_micros` was given, in UTC."""
    return _EPOCH + at_us * _MICROSECOND


def encode_text(text: str) -> bytes:
    """Encode any Python string; surrogatepass, because a learner's text may hold lone surrogates."""
    return text.encode("utf-8", "surrogatepass")


def decode_text(stored: bytes) -> str:
    """Return the string that `encode_text` was given."""
    return stored.decode("utf-8", "surrogatepass")


def attempt_to_row(attempt: NewAttempt, *, at_us: int, submission_sha256: str) -> dict[str, Any]:
    """Lay out an attempt, less its checks and the submitted text."""
    return {
        "at_us": at_us,
        "exercise_id": attempt.exercise_id,
        "verdict": attempt.verdict,
        "score": attempt.score,
        "max_score": attempt.max_score,
        "seed": str(attempt.seed),
        "device": attempt.device,
        "corpus": None if attempt.corpus is None else encode_text(attempt.corpus),
        "elapsed_s": attempt.elapsed_s,
        "submission_path": encode_text(attempt.submission_path),
        "submission_sha256": submission_sha256,
        "isolation": msgspec.json.encode(attempt.isolation).decode(),
    }


def attempt_from_row(row: Mapping[str, Any], checks: tuple[CheckResult, ...]) -> Attempt:
    """Read back what `attempt_to_row` laid out."""
    return Attempt(
        attempt_id=row["id"],
        at=from_micros(row["at_us"]),
        exercise_id=row["exercise_id"],
        verdict=row["verdict"],
        score=row["score"],
        max_score=row["max_score"],
        seed=int(row["seed"]),
        device=row["device"],
        corpus=None if row["corpus"] is None else decode_text(row["corpus"]),
        elapsed_s=row["elapsed_s"],
        submission_path=decode_text(row["submission_path"]),
        checks=checks,
        isolation=msgspec.json.decode(row["isolation"], type=dict[str, bool]),
    )


def check_to_row(check: CheckResult, *, attempt_id: int, position: int) -> dict[str, Any]:
    """Lay out one check of an attempt; `position` keeps the order of the checks."""
    return {
        "attempt_id": attempt_id,
        "position": position,
        "check_id": check.id,
        "title": encode_text(check.title),
        "status": check.status,
        "points": check.points,
        "message": encode_text(check.message),
        "cause": None if check.cause is None else encode_text(check.cause),
        "elapsed_s": check.elapsed_s,
    }


def check_from_row(row: Mapping[str, Any]) -> CheckResult:
    """Read back what `check_to_row` laid out."""
    return CheckResult(
        id=row["check_id"],
        title=decode_text(row["title"]),
        status=row["status"],
        points=row["points"],
        message=decode_text(row["message"]),
        cause=None if row["cause"] is None else decode_text(row["cause"]),
        elapsed_s=row["elapsed_s"],
    )
