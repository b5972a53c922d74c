"""Gather from cells in bounded time: from a large notebook in a process of its own, which can be ended.

How long Python takes to parse a text grows with the square of what is in it: an f-string of 60,000 pieces, in 240 kB,
takes 36 s, and nothing interrupts it.
"""

import contextlib
import subprocess
import sys
from collections.abc import Sequence, Set

import msgspec

from grader.core.errors import SubmissionUnreadable
from grader.core.package import PACKAGE
from grader.notebook.gathering import Gathered, gather_here
from grader.notebook.reading import Cell

#: Of processor time, so that a busy machine refuses nothing. A megabyte of plain code takes two or three seconds.
PROCESSOR_S = 6
#: Where the system has no such limit; and no machine is as busy as that.
_PATIENCE_S = 120.0
_RUN = "import sys; sys.path.insert(0, sys.argv[1]); from grader.notebook.bounded import main; main()"


#: In characters. The worst that can be in so few takes a fraction of a second; a process of its own takes a tenth.
MAX_READ_HERE = 20_000


class _Task(msgspec.Struct):
    cells: tuple[Cell, ...]
    exercise_id: str
    wanted: frozenset[str]
    processor_s: int


class _Refused(msgspec.Struct, tag=True):
    message: str
    hint: str | None


class _Done(msgspec.Struct, tag=True):
    gathered: Gathered


def gather(cells: Sequence[Cell], exercise_id: str, wanted: Set[str] = frozenset()) -> Gathered:
    """Gather a source from code cells, in their order; of several definitions of a name the last one counts.

    A cell that is no Python ends the gathering, with its text whole: the grade then says what is wrong with it.

    Args:
        cells: The code cells.
        exercise_id: A `%%study` cell is gathered if it is for this exercise.
        wanted: The names that the exercise asks for: constants of these names are needed, too.

    Raises:
        SubmissionUnreadable: If there are far too many statements, or Python takes far too long to read them.
    """
    if sum(len(cell.text) for cell in cells) <= MAX_READ_HERE:
        return gather_here(cells, exercise_id, wanted)
    return _gather_apart(cells, exercise_id, wanted)


def _gather_apart(cells: Sequence[Cell], exercise_id: str, wanted: Set[str]) -> Gathered:
    """Do as `gather_here` does, in bounded time.

    Raises:
        SubmissionUnreadable: As `gather_here` does, and if it takes too long.
    """
    task = msgspec.json.encode(_Task(tuple(cells), exercise_id, frozenset(wanted), PROCESSOR_S))
    command = [sys.executable, "-P", "-c", _RUN, str(PACKAGE.parent)]
    answer = b""
    with contextlib.suppress(subprocess.TimeoutExpired):
        answer = subprocess.run(command, input=task, capture_output=True, timeout=_PATIENCE_S, check=False).stdout
    if not answer:  # it ran into the limit, or its stack did
        longest = max(cells, key=lambda cell: len(cell.text))
        raise SubmissionUnreadable(
            f"Python takes too long to parse the code cells; the longest is {longest.name}, with "
            f"{len(longest.text):,} characters",
            hint="move data and long texts out of it; an exercise is a few hundred lines",
        )
    found = msgspec.json.decode(answer, type=_Done | _Refused)
    if isinstance(found, _Refused):
        raise SubmissionUnreadable(found.message, hint=found.hint)
    return found.gathered


def main() -> None:
    """Gather what standard input holds, and write it to standard output."""
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=_Task)
    with contextlib.suppress(ImportError):  # not on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (task.processor_s, task.processor_s))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    found: _Done | _Refused
    try:
        found = _Done(gather_here(task.cells, task.exercise_id, task.wanted))
    except SubmissionUnreadable as error:
        found = _Refused(error.message, error.hint)
    sys.stdout.buffer.write(msgspec.json.encode(found))
