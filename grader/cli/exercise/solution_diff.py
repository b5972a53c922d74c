"""`study solution ID --diff`: what the learner passed with and ours, beside each other."""

import os
import sys
from typing import TYPE_CHECKING

from grader.cli.context import Context
from grader.core.errors import UsageError

if TYPE_CHECKING:
    from grader.core.models import Exercise


def show_comparison(context: Context, exercise: "Exercise", ours: str, *, gave_up: bool) -> None:
    """Show the learner's last passing text beside ours, which is recorded; after giving up, the last that was graded.

    Raises:
        UsageError: If nothing of the learner's has been graded.
    """
    from grader.text.columns import columns_of
    from grader.view.side_by_side import render_comparison
    from grader.view.solution_diff import compare, write_unified

    attempt = context.store.find_last_attempt(exercise.id, passed=not gave_up)
    if attempt is None:
        flag = " --give-up" if gave_up else ""
        raise UsageError(
            f"nothing of yours to compare with: no grade of {exercise.id} is in the log",
            hint=f"study solution {exercise.id}{flag}   or   study grade {exercise.id}",
        )
    yours = context.store.load_submission(attempt.attempt_id)
    context.store.record_reveal(exercise.id, gave_up=gave_up)
    found = compare(yours, ours)
    what = f"{'graded' if gave_up else 'passed'} on {attempt.at:%Y-%m-%d}"
    context.show(
        lambda: render_comparison(found, yours=what, width=columns_of(sys.stdout, os.environ)),
        lambda: {
            "exercise": exercise.id,
            "gave_up": gave_up,
            "at": attempt.at.isoformat(),
            "submission": yours,
            "solution": ours,
            "diff": write_unified(found),
        },
    )
