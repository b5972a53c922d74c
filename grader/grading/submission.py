"""What text of a learner's file is graded: a Python file as it is, of a notebook its definitions."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grader.core.models import Exercise
from grader.core.source_map import Span

if TYPE_CHECKING:
    from grader.notebook.gathering import UngradedCode

#: Of what a notebook holds besides definitions, this much is named.
MAX_NAMED = 8


class SubmissionText(NamedTuple):
    """What is graded of a file; of a notebook also where each line is from, and what is not graded."""

    source: str
    spans: tuple[Span, ...] = ()
    left_out: "tuple[UngradedCode, ...]" = ()


def read_learner_file(exercise: Exercise, folder: Path, path: Path) -> SubmissionText:
    """Read a file once, as data.

    Args:
        exercise, folder: What it answers, and where the exercise's code lies.
        path: The file.

    Raises:
        SubmissionUnreadable: If it cannot be used; the message names the file and the next step.
    """
    if path.suffix.lower() != ".ipynb":
        from grader.files.workspace import read_submission

        return SubmissionText(read_submission(path, exercise_id=exercise.id))
    from grader.course.code import read_stub
    from grader.notebook.bounded import gather
    from grader.notebook.gathering import names_of
    from grader.notebook.reading import read_notebook

    gathered = gather(read_notebook(path, exercise.id), exercise.id, names_of(read_stub(exercise, folder)))
    return SubmissionText(gathered.source, gathered.spans, gathered.left_out)


def describe_left_out(left_out: "tuple[UngradedCode, ...]") -> str:
    """Say in one line what is not graded, by cell."""
    named = [f"{one.cell} ({one.what})" for one in left_out[:MAX_NAMED]]
    more = len(left_out) - len(named)
    return "left out: " + ", ".join(named) + (f", and {more} more" if more else "")
