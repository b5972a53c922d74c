"""Which file of a learner's is graded, plain or a notebook, and what text of it."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grader.cli.context import Desk, short_path
from grader.core.errors import UsageError

if TYPE_CHECKING:
    from grader.core.models import Exercise
    from grader.core.source_map import Stretch
    from grader.notebook.gathering import LeftOut

#: Of what a notebook holds besides definitions, this much is named.
MAX_NAMED = 8


class SubmissionText(NamedTuple):
    """What is graded of a file; of a notebook also where each line stands, and what is not graded."""

    source: str
    stretches: "tuple[Stretch, ...]" = ()
    left_out: "tuple[LeftOut, ...]" = ()


def read_learner_file(desk: Desk, exercise: "Exercise", path: Path) -> SubmissionText:
    """Read a file once, as data: a Python file as it is, of a notebook its definitions.

    Raises:
        SubmissionUnreadable: If it cannot be used; the message names the file and the next step.
    """
    if path.suffix.lower() != ".ipynb":
        from grader.files.workspace import read_submission

        return SubmissionText(read_submission(path))
    from grader.course.code import read_stub
    from grader.notebook.gathering import gather, names_of
    from grader.notebook.reading import read_notebook

    stub = read_stub(exercise, desk.content.folder(exercise.id))
    gathered = gather(read_notebook(path), exercise.id, names_of(stub))
    return SubmissionText(gathered.source, gathered.stretches, gathered.left_out)


def find_typed_file(desk: Desk, typed: str | None, exercise: "Exercise") -> Path | None:
    """Return the file whose path was typed in place of an ID, unless it is what is graded for the ID anyway."""
    if typed is None or not ("/" in typed or typed.endswith((".py", ".ipynb"))) or not os.path.isfile(typed):
        return None
    own = desk.workspace.find_submissions(exercise.id)[:1]
    return None if own and own[0].exists() and own[0].samefile(typed) else Path(typed)


def find_own_file(desk: Desk, exercise: "Exercise") -> Path:
    """Return where the learner's file lies, whatever it is; of two the one saved last, and say so.

    Raises:
        UsageError: If there is nothing at that place.
    """
    found = desk.workspace.find_submissions(exercise.id)
    if not found:
        path = desk.workspace.submission_path(exercise.id)
        raise UsageError(f"{short_path(path)} is not there yet", hint=f"study start {exercise.id}")
    tell_chosen(desk, exercise, found)
    return found[0]


def tell_chosen(desk: Desk, exercise: "Exercise", found: Sequence[Path]) -> None:
    """Say which of two files is graded, the first, and how to choose the other."""
    if len(found) > 1:
        chosen, other = (short_path(path) for path in found)
        desk.say(
            f"{chosen} is graded: it was saved after {found[1].name}"
            f"   (the other: study grade {exercise.id} --submission {other})"
        )


def tell_left_out(desk: Desk, path: Path, text: SubmissionText) -> None:
    """Say what of a notebook is not graded, if anything."""
    if text.left_out:
        desk.say(f"{short_path(path.absolute())}: {describe_left_out(text.left_out)}")


def describe_left_out(left_out: "tuple[LeftOut, ...]") -> str:
    """Say in one line what is not graded, by cell."""
    named = [f"{one.cell} ({one.what})" for one in left_out[:MAX_NAMED]]
    more = len(left_out) - len(named)
    return "left out: " + ", ".join(named) + (f", and {more} more" if more else "")
