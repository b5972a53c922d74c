"""Which file of a learner's is graded, and what they are told about that choice."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.context import Context, short_path
from grader.core.errors import UsageError

if TYPE_CHECKING:
    from grader.core.models import Exercise
    from grader.grading import SubmissionText


def find_typed_file(context: Context, typed: str | None, exercise: "Exercise") -> Path | None:
    """Return the file whose path was typed in place of an ID, unless it is what is graded for the ID anyway."""
    if typed is None or not ("/" in typed or typed.endswith((".py", ".ipynb"))) or not os.path.isfile(typed):
        return None
    own = context.workspace.find_submissions(exercise.id)[:1]
    return None if own and own[0].exists() and own[0].samefile(typed) else Path(typed)


def refuse_own_checks(context: Context, submission: Path | None) -> None:
    """Refuse to grade a file by the checks of a course that it lies in and that only the folder has named.

    Raises:
        UsageError: If so: the author of the file may have written the checks too.
    """
    root = context.course.root
    if context.course.found_by == "folder" and submission is not None and submission.resolve().is_relative_to(root):
        raise UsageError(
            f"{short_path(submission)} lies in the course {root}, whose checks may have come with it",
            hint=f"export STUDY_COURSE={root}   if that course is yours",
        )


def find_own_file(context: Context, exercise: "Exercise") -> Path:
    """Return where the learner's file lies, whatever it is; of two the one saved last, and say so.

    Raises:
        UsageError: If there is nothing at that place.
    """
    found = context.workspace.find_submissions(exercise.id)
    if not found:
        path = context.workspace.submission_path(exercise.id)
        known = context.load_progress().exercises.get(exercise.id)
        begun = known is not None and (known.attempts > 0 or known.started_at is not None)
        text = "is gone; it was there before" if begun else "is not there yet"
        raise UsageError(f"{short_path(path)} {text}", hint=f"study start {exercise.id}")
    tell_chosen(context, exercise, found)
    return found[0]


def tell_chosen(context: Context, exercise: "Exercise", found: Sequence[Path]) -> None:
    """Say which of two files is graded, the first, and how to choose the other."""
    if len(found) > 1:
        chosen, other = (short_path(path) for path in found)
        context.say(
            f"{chosen} is graded: it was saved after {found[1].name}"
            f"   (the other: study grade {exercise.id} --submission {other})"
        )


def tell_other_names(context: Context, path: Path) -> None:
    """Say of a file that has a hard link: it is the learner's all the same, but others may be writing into it."""
    with suppress(OSError):  # it went meanwhile: what was read is graded
        if path.stat().st_nlink <= 1:
            return
        context.say(
            f"{short_path(path.absolute())} has another name, too (a hard link): what is changed there changes here"
        )


def tell_left_out(context: Context, path: Path, text: "SubmissionText") -> None:
    """Say what of a notebook is not graded, if anything."""
    if text.left_out:
        from grader.grading.submission import describe_left_out

        context.say(f"{short_path(path.absolute())}: {describe_left_out(text.left_out)}")
