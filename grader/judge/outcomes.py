"""The ways in which a call of the learner's code ends other than by returning, each an exception that a verdict is made of."""

import signal
from collections.abc import Mapping
from pathlib import Path

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


class LearnerKilled(LearnerCrashed):
    """A process of the submission was ended by SIGKILL: by itself, from outside, or by the kernel.

    `machine` is True where the kernel has meanwhile ended processes because the machine's memory ran out.
    """

    def __init__(self, *, machine: bool) -> None:
        super().__init__(describe_exit(-signal.SIGKILL), -signal.SIGKILL)
        self.machine = machine


def count_oom_kills() -> int:
    """Return how many processes the kernel has ended so far because memory ran out, of the machine or of a cgroup."""
    try:
        fields = Path("/proc/vmstat").read_text().split()
        return int(fields[fields.index("oom_kill") + 1])
    except (OSError, ValueError):  # no /proc, or a kernel before 4.13
        return 0


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


class ReplyTooLarge(LearnerOutOfMemory):
    """What came back takes more memory than there is to look at it; the text is a whole sentence."""


#: A reply from this size on can be why the judge's own memory is used up; a smaller one never is.
LARGE_BYTES = 2**23


def is_shortage(error: BaseException) -> bool:
    """Tell whether an exception says that memory is used up, in Python's words, NumPy's or torch's."""
    texts = ("can't allocate memory", "bad_alloc")
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(text in str(error) for text in texts)
    )


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
