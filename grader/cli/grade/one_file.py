"""Grade one file while its author waits, and record what came of it; every command that grades one does it here."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.context import Context, short_path
from grader.cli.interrupts import finish_from_here
from grader.core.errors import ProgressError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.core.job import Job
    from grader.core.models import Exercise
    from grader.core.verdict import Verdict
    from grader.engine.client import OnEvent
    from grader.grading import GradeOptions, SubmissionText

EXIT_CODES = {"passed": 0, "failed": 1, "grader_fault": 4}


def grade_file(
    context: Context,
    exercise: "Exercise",
    path: Path,
    text: "SubmissionText",
    options: "GradeOptions",
    show: "Callable[[Verdict], None]",
    after: "Callable[[Verdict], ProgressError | None]" = lambda verdict: None,
) -> int:
    """Grade one text while its author waits: show the verdict, record it, and be warm for the next grade.

    Args:
        context, exercise: Whose grade it is, and of what.
        path, text: The file, and what of it is graded.
        options: How to grade.
        show: Prints the verdict.
        after: Called with a verdict that was recorded, before it is shown; returns what could not be recorded.

    Returns:
        The exit code.

    Raises:
        ProgressError: If the attempt could not be recorded; the verdict is shown first.
    """
    from grader.grading.job import make_job
    from grader.grading.run import grade_early

    unlogged: list[ProgressError] = []
    codes: list[int] = []

    def prepare() -> "Job":
        return make_job(
            context.content, exercise, text, short_path(path.absolute()), options, context.load_corpus(exercise)
        )

    @contextmanager
    def watch() -> "Iterator[OnEvent]":
        # All that is imported from here on, is imported while the engine works.
        from grader.view.watching import watch_grade

        _ = context.store
        with watch_grade(exercise, quiet=context.as_json) as on_event:
            yield on_event

    def conclude(job: "Job", verdict: "Verdict") -> None:
        finish_from_here()
        codes.append(EXIT_CODES[verdict.verdict])
        error = record_verdict(context, verdict, text.source, path) or after(verdict)
        unlogged.extend([] if error is None else [error])
        show(verdict)

    context.settle_server()
    engine = grade_early(prepare, watch, conclude)
    if engine.fell_back is not None:
        context.say(f"study: torch was started again for this grade: {engine.fell_back}")
    if unlogged:
        raise unlogged[0]
    if not engine.warm:
        context.warm_up()  # the next grade need not load torch
    return codes[0]


def record_verdict(context: Context, verdict: "Verdict", source: str, path: Path) -> ProgressError | None:
    """Log an attempt, and keep its pictures; an error is returned, so that the verdict can be shown all the same."""
    from grader.grading.record import keep_pictures, record_attempt

    store = context.store  # makes the workspace
    lost = keep_pictures(context.workspace, verdict)
    if lost is not None:  # the verdict holds without them
        context.say(f"study: the pictures are not kept: {lost.message}" + (f"\nnext: {lost.hint}" if lost.hint else ""))
    return record_attempt(store, verdict, source, path)
