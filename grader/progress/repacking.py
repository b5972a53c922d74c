"""Turn a log from before texts were packed into one of today; every attempt keeps its number."""

from typing import Any

from grader.progress.backend import Backend, read_pages
from grader.progress.logical import add_attempt, normalise
from grader.progress.texts import Packer

_ATTEMPT = (
    "id", "at_us", "exercise_id", "verdict", "score", "max_score", "seed", "device", "corpus", "elapsed_s",
    "submission_path", "submission_sha256", "isolation",
)  # fmt: skip
_CHECK = ("position", "check_id", "title", "status", "points", "message", "cause", "elapsed_s")


def repack(backend: Backend) -> None:
    """Copy `old_attempts` with their texts and checks into the packed tables, inside the migration's transaction."""
    packer = Packer(backend)
    for values in read_pages(backend, "old_attempts", ", ".join(_ATTEMPT)):
        row = dict(zip(_ATTEMPT, values, strict=True))
        number = row.pop("id")
        checks = backend.execute(f"SELECT {', '.join(_CHECK)} FROM old_check_results WHERE attempt_id = ?", [number])
        ((text,),) = backend.execute("SELECT body FROM old_submissions WHERE sha256 = ?", [row["submission_sha256"]])
        event = _tidy(row) | {"check_results": [_tidy(dict(zip(_CHECK, check, strict=True))) for check in checks]}
        add_attempt(backend, packer, normalise(event), bytes(text), number=number)
    backend.end_conversion()


def _tidy(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what holds nothing; PostgreSQL gives bytes as a memoryview of some drivers."""
    return {name: bytes(v) if isinstance(v, memoryview) else v for name, v in row.items() if v is not None}
