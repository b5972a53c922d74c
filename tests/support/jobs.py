"""Jobs for an engine, from the few things that a test cares about."""

from pathlib import Path
from typing import Any

from grader.core.job import Job
from grader.core.models import Exercise


def make_job(exercise: Exercise, folder: Path, submission: str, **how: Any) -> Job:
    """Make the job of one grade; without `seed` and `path` it has seed 1 and the file is mine.py."""
    fixed = {"path": "mine.py", "seed": 1} | how
    return Job(exercise=exercise, folder=str(folder.resolve()), submission=submission, **fixed)
