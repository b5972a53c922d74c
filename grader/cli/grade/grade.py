"""Grade: one file, or everything solved anew; and what every grade has in common."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.context import Desk, short_path
from grader.cli.grade.outcome import show_verdict
from grader.cli.grade.report import Report, reported
from grader.cli.grade.submission import find_own_file, find_typed_file, tell_left_out
from grader.core.errors import ProgressError, UsageError
from grader.core.job import DEVICES, ISOLATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.core.job import Device, Isolation, Job
    from grader.core.models import Exercise
    from grader.core.verdict import Verdict
    from grader.engine.client import OnEvent
    from grader.grading import GradeOptions, SubmissionText

EXIT_CODES = {"passed": 0, "failed": 1, "grader_fault": 4}
device_option = click.option("--device", type=click.Choice(DEVICES), default="cpu", show_default=True)
isolation_option = click.option(
    "--isolation",
    type=click.Choice(ISOLATIONS),
    default="best",
    show_default=True,
    help="strict: refuse to grade unless every layer of the sandbox is on; none: leave most of it out.",
)
seed_option = click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Repeat a grade with the same inputs.")


@click.command()
@click.argument("exercise_id", metavar="[ID]", required=False)
@click.option(
    "--submission", type=click.Path(path_type=Path), help="Grade this file (.py or .ipynb) instead of your own."
)
@device_option
@seed_option
@isolation_option
@click.option("--all", "regrade", is_flag=True, help="Grade everything you have solved anew.")
@click.option("--jobs", type=click.IntRange(1, 256), help="With --all: how many at once.  [default: one a core]")
@reported
def grade(
    exercise_id: str | None,
    submission: Path | None,
    device: "Device",
    seed: int | None,
    isolation: "Isolation",
    regrade: bool,
    jobs: int | None,
    report: Report,
) -> int:
    """Run the hidden checks on your file. Without ID: the exercise you started last."""
    from grader.grading.job import GradeOptions

    desk = Desk(as_json=report.as_json)
    options = GradeOptions(device, seed, isolation)
    if regrade:
        from grader.cli.grade.grade_all import grade_all

        if exercise_id is not None or submission is not None:
            what = "an ID" if exercise_id is not None else "--submission"
            alone = f"{exercise_id or 'ID'}{f' --submission {submission}' if submission else ''}"
            raise UsageError(
                f"--all grades all that you have solved; it does not go with {what}",
                hint=f"study grade --all   or   study grade {alone}",
            )
        return grade_all(desk, options, jobs=jobs, report=report)
    if jobs is not None:
        raise UsageError("--jobs goes with --all", hint=f"study grade --all --jobs {jobs}")
    exercise = choose_exercise(desk, exercise_id)
    submission = submission or find_typed_file(desk, exercise_id, exercise)
    return _grade_one(desk, exercise, submission, options, report)


def _grade_one(
    desk: Desk, exercise: "Exercise", submission: Path | None, options: "GradeOptions", report: Report
) -> int:
    from grader.grading import read_learner_file

    report.require_exercise(desk, exercise, submission)
    path = submission or find_own_file(desk, exercise)
    text = read_learner_file(exercise, desk.content.folder(exercise.id), path)
    tell_left_out(desk, path, text)

    def show(verdict: "Verdict") -> None:
        report.tell_verdict(exercise, verdict, path, text.source, lambda: show_verdict(desk, exercise, verdict, path))

    return grade_file(desk, exercise, path, text, options, show)


def grade_file(
    desk: Desk,
    exercise: "Exercise",
    path: Path,
    text: "SubmissionText",
    options: "GradeOptions",
    show: "Callable[[Verdict], None]",
    after: "Callable[[Verdict], ProgressError | None]" = lambda verdict: None,
) -> int:
    """Grade one text while its author waits: show the verdict, record it, and be warm for the next grade.

    Args:
        desk, exercise: Whose grade it is, and of what.
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
        return make_job(desk.content, exercise, text, short_path(path.absolute()), options, desk.load_corpus(exercise))

    @contextmanager
    def watch() -> "Iterator[OnEvent]":
        # All that is imported from here on, is imported while the engine works.
        from grader.view.watching import watch_grade

        _ = desk.store
        with watch_grade(exercise, quiet=desk.as_json) as on_event:
            yield on_event

    def conclude(job: "Job", verdict: "Verdict") -> None:
        codes.append(EXIT_CODES[verdict.verdict])
        error = record_verdict(desk, verdict, text.source, path) or after(verdict)
        unlogged.extend([] if error is None else [error])
        show(verdict)

    desk.settle_server()
    warm = grade_early(prepare, watch, conclude)
    if unlogged:
        raise unlogged[0]
    if not warm:
        desk.warm_up()  # the next grade need not load torch
    return codes[0]


def choose_exercise(desk: Desk, typed: str | None) -> "Exercise":
    """Return the exercise that was typed, else the one started last."""
    if typed is not None:
        return desk.find_exercise(typed)
    last = desk.load_progress().last_started
    if last is None or last not in desk.content.exercises:
        raise UsageError("no exercise has been started yet", hint="study next")
    return desk.content.exercises[last]


def record_verdict(desk: Desk, verdict: "Verdict", source: str, path: Path) -> ProgressError | None:
    """Log an attempt, and keep its pictures; an error is returned, so that the verdict can be shown all the same."""
    from grader.grading.record import keep_pictures, record_attempt

    store = desk.store  # makes the workspace
    lost = keep_pictures(desk.workspace, verdict)
    if lost is not None:  # the verdict holds without them
        desk.say(f"study: the pictures are not kept: {lost.message}" + (f"\nnext: {lost.hint}" if lost.hint else ""))
    return record_attempt(store, verdict, source, path)
