"""The ways in which a call of the learner's code ends other than by returning, each an exception that a verdict is made of."""

import signal
from collections.abc import Mapping

from grader.core.errors import StudyError
from grader.testing import LearnerRaised


class LearnerTimedOut(Exception):
    """The submission used up the time of this check."""


class LearnerCrashed(Exception):
    """The worker ended, or sent something that is no reply; `exit_code` is negative for a signal."""

    def __init__(self, text: str, exit_code: int | None = None, *, over_memory: bool = False) -> None:
        super().__init__(text)
        self.exit_code = exit_code
        self.over_memory = over_memory


class SubmissionBroken(Exception):
    """The file cannot be imported, so no check can run; the text says why and where."""

    def __init__(self, status: str, text: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.line = line
        self.column = column


class NotIsolated(StudyError):
    """`--isolation strict` was asked for, and this machine cannot do all of it."""

    exit_code = 2

    def __init__(self, off: Mapping[str, str]) -> None:
        reasons = "; ".join(f"{name.replace('_', ' ')} is off: {why}" for name, why in off.items())
        super().__init__(
            f"nothing was graded, for this machine cannot isolate strictly: {reasons}", hint="study doctor"
        )


class LearnerOutOfMemory(Exception):
    """The submission asked for more memory than the exercise allows."""


def find_out_of_memory(error: LearnerRaised) -> LearnerOutOfMemory | None:
    """Tell whether what the learner's code raised is that its memory was used up."""
    kinds = {"MemoryError", "OutOfMemoryError"} & set(error.kinds)
    if kinds or "can't allocate memory" in error.text or "CUDA out of memory" in error.text:
        return LearnerOutOfMemory(str(error))
    return None


def describe_exit(exit_code: int) -> str:
    """Say how a process ended: by which signal, or with which exit code."""
    if exit_code < 0:
        known = {s.value for s in signal.Signals}
        name = signal.Signals(-exit_code).name if -exit_code in known else f"signal {-exit_code}"
        return f"its process was ended by {name}"
    return f"its process ended itself with exit code {exit_code}"


class CheckBroken(Exception):
    """The exercise is at fault: its check cannot be done."""
