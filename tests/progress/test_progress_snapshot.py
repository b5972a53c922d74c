"""A snapshot of a long log stays cheap."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.progress import ExerciseProgress, Progress, ProgressStore
from grader.progress.rows import from_micros

FILL = """
    WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 4999)
    INSERT INTO {table} SELECT {values} FROM numbers
"""


def _log_5000_attempts(path: Path) -> None:
    """Write 5,000 attempts at 50 exercises, 100 each; 99 scores 0 to 98, then a pass of 99."""
    ProgressStore.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute(FILL.format(table="submissions", values="n, zeroblob(4000)"))
    connection.execute(
        FILL.format(
            table="attempts",
            values="n + 1, n * 1000, 'e' || (n % 50), CASE WHEN n < 4950 THEN 'failed' ELSE 'passed' END, "
            "n / 50, 99, '1', 'cpu', NULL, 0.5, x'', n, '{}'",
        )
    )
    connection.execute(FILL.format(table="check_results", values="n + 1, 0, 'c', x'', 'failed', 1, x'', NULL, 0.5"))
    connection.commit()
    connection.close()


def test_a_snapshot_of_5000_attempts_reads_no_submission_and_no_check_result(
    tmp_path: Path, connection_of: Callable[[ProgressStore], Any]
) -> None:
    path = tmp_path / "study.db"
    _log_5000_attempts(path)
    touched: set[str | None] = set()

    def note_table(action: int, table: str | None, *_: str | None) -> int:
        if action == sqlite3.SQLITE_READ:
            touched.add(table)
        return sqlite3.SQLITE_OK

    with ProgressStore.open(path) as store:
        connection_of(store).set_authorizer(note_table)
        progress = store.load_progress()
    assert touched == {"attempts", "starts", "hints", "reveals", "answers", "reading_events", "reviews"}
    assert progress == Progress(
        exercises={
            f"e{number}": ExerciseProgress(
                exercise_id=f"e{number}",
                status="solved",
                attempts=100,
                best_score=99,
                max_score=99,
                first_solved_at=from_micros((4950 + number) * 1000),
                last_attempt_at=from_micros((4950 + number) * 1000),
                failed_before_solved=99,
            )
            for number in range(50)
        },
        readings={},
        last_started=None,
        attempts=5000,
    )


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("grader.progress.store", {"torch", "numpy", "pytest", "nbformat"}),
        ("grader.progress.records", {"torch", "numpy", "pytest", "nbformat", "peewee", "sqlite3"}),
    ],
)
def test_importing_the_log_is_cheap(module: str, heavy: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert heavy & set(done.stdout.split()) == set()
