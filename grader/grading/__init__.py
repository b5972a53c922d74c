"""Grade a learner's file: choose it, read it, send it to an engine, follow it, record it. The Python API of study."""

from importlib import import_module
from typing import TYPE_CHECKING

from grader.core.verdict import CheckResult, Verdict

if TYPE_CHECKING:
    from grader.grading.api import grade, open_course
    from grader.grading.job import GradeOptions, make_job
    from grader.grading.pool import GradePool
    from grader.grading.record import record_attempt
    from grader.grading.run import Cancelled, GradeRun
    from grader.grading.submission import SubmissionText, read_learner_file

__all__ = [
    "Cancelled",
    "CheckResult",
    "GradeOptions",
    "GradePool",
    "GradeRun",
    "SubmissionText",
    "Verdict",
    "grade",
    "make_job",
    "open_course",
    "read_learner_file",
    "record_attempt",
]

#: Where each name is defined: importing one loads no more than it needs.
_LATE = {
    "Cancelled": "run",
    "GradeOptions": "job",
    "GradePool": "pool",
    "GradeRun": "run",
    "SubmissionText": "submission",
    "grade": "api",
    "make_job": "job",
    "open_course": "api",
    "read_learner_file": "submission",
    "record_attempt": "record",
}


def __getattr__(name: str) -> object:
    """Import a part when it is first named."""
    if name in _LATE:
        return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
