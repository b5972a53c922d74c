"""How moments, texts and records are laid out in rows, the same in SQLite and PostgreSQL."""

import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from grader.core.verdict import CheckResult, Status
from grader.progress.records import Attempt, NewAttempt

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
#: A check's time is kept to the microsecond: more digits are noise, and do not compress.
_ELAPSED_DIGITS = 6


class RowDamaged(Exception):
    """A row of the log holds what was not written to it."""


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


# Attempts

#: The columns of an attempt's own row that its `crc` is over, in their order.
ATTEMPT_COLUMNS = (
    "at_us", "exercise_id", "verdict", "score", "max_score", "seed", "elapsed_s", "submission_sha256",
)  # fmt: skip


def attempt_to_row(attempt: NewAttempt, *, at_us: int, submission_sha256: bytes) -> dict[str, Any]:
    """Lay out an attempt, less its details and the submitted text."""
    return seal(
        {
            "at_us": at_us,
            "exercise_id": attempt.exercise_id,
            "verdict": attempt.verdict,
            "score": attempt.score,
            "max_score": attempt.max_score,
            "seed": str(attempt.seed),
            "elapsed_s": attempt.elapsed_s,
            "submission_sha256": submission_sha256,
        }
    )


def seal(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of an attempt with its checksum."""
    return {**row, "crc": _checksum(tuple(row[name] for name in ATTEMPT_COLUMNS))}


def is_sealed(row: Mapping[str, Any]) -> bool:
    """Tell whether the row of an attempt holds what was written."""
    try:
        return bool(row["crc"] == _checksum(tuple(row[name] for name in ATTEMPT_COLUMNS)))
    except (TypeError, ValueError):  # a value of a kind that was never written
        return False


def _checksum(values: tuple[Any, ...]) -> int:
    plain = tuple(bytes(value).hex() if isinstance(value, bytes | memoryview) else value for value in values)
    return zlib.crc32(msgspec.json.encode(plain))


def attempt_from_row(row: Mapping[str, Any], details: "Details | None") -> Attempt:
    """Read back what `attempt_to_row` laid out; without details where they were not asked for, or are lost.

    Raises:
        RowDamaged: If it holds something else.
    """
    if not is_sealed(row):
        raise RowDamaged(f"attempt {row['id']} holds what was not written")
    details = details or LOST_DETAILS
    return Attempt(
        attempt_id=row["id"],
        at=from_micros(row["at_us"]),
        exercise_id=row["exercise_id"],
        verdict=row["verdict"],
        score=row["score"],
        max_score=row["max_score"],
        seed=int(row["seed"]),
        device=details.device,
        corpus=None if details.corpus is None else decode_text(details.corpus),
        elapsed_s=row["elapsed_s"],
        submission_path=details.submission_path,
        checks=details.results,
        isolation=details.isolation,
    )


class StoredCheck(msgspec.Struct, frozen=True, array_like=True):
    """One check but for its time; the texts as bytes."""

    check_id: str
    title: bytes
    status: Status
    points: int
    message: bytes
    cause: bytes | None


class Details(msgspec.Struct, frozen=True, array_like=True):
    """What repeats from attempt to attempt, packed together; the times of the checks, which do not, stand at the end.

    A time is in whole microseconds, or in seconds as a float where those do not say it all.
    """

    device: str
    corpus: bytes | None
    path: bytes
    isolation: dict[str, bool]
    checks: tuple[StoredCheck, ...]
    elapsed: tuple[int | float, ...]

    @property
    def submission_path(self) -> str:
        """Where the text was graded."""
        return decode_text(self.path)

    @property
    def results(self) -> tuple[CheckResult, ...]:
        """The checks as they were."""
        return tuple(
            CheckResult(
                id=check.check_id,
                title=decode_text(check.title),
                status=check.status,
                points=check.points,
                message=decode_text(check.message),
                cause=None if check.cause is None else decode_text(check.cause),
                elapsed_s=load_elapsed(elapsed),
            )
            for check, elapsed in zip(self.checks, self.elapsed, strict=True)
        )


LOST_DETAILS = Details("", None, b"", {}, (), ())
_DETAILS = msgspec.msgpack.Decoder(Details)


def store_elapsed(elapsed_s: float) -> int | float:
    """Return whole microseconds where they give back the very same seconds."""
    elapsed_us = round(elapsed_s * 1e6) if abs(elapsed_s) < 1e9 else 0
    return elapsed_us if elapsed_us / 1e6 == elapsed_s else elapsed_s


def load_elapsed(stored: int | float) -> float:
    """Return the seconds that `store_elapsed` was given."""
    return stored / 1e6 if isinstance(stored, int) else stored


def details_of(attempt: NewAttempt) -> Details:
    """Lay out the details of an attempt."""
    return Details(
        attempt.device,
        None if attempt.corpus is None else encode_text(attempt.corpus),
        encode_text(attempt.submission_path),
        attempt.isolation,
        tuple(
            StoredCheck(
                check.id,
                encode_text(check.title),
                check.status,
                check.points,
                encode_text(check.message),
                None if check.cause is None else encode_text(check.cause),
            )
            for check in attempt.checks
        ),
        tuple(store_elapsed(round(check.elapsed_s, _ELAPSED_DIGITS)) for check in attempt.checks),
    )


def encode_details(details: Details) -> bytes:
    """Return the bytes that are packed."""
    return msgspec.msgpack.encode(details)


def decode_details(data: bytes) -> Details:
    """Return the details that `encode_details` was given."""
    return _DETAILS.decode(data)
