"""Grade: one file, or everything solved again."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.context import Context
from grader.cli.grade.one_file import grade_file
from grader.cli.grade.outcome import show_verdict
from grader.cli.grade.report import GradeReport, reported
from grader.cli.grade.submission import (
    find_own_file,
    find_typed_file,
    refuse_own_checks,
    tell_left_out,
    tell_other_names,
)
from grader.cli.options import device_option, isolation_option, seed_option
from grader.core.errors import UsageError

if TYPE_CHECKING:
    from grader.core.job import Device, Isolation
    from grader.core.models import Exercise
    from grader.core.verdict import Verdict
    from grader.grading import GradeOptions


@click.command()
@click.argument("exercise_id", metavar="[ID]", required=False)
@click.option(
    "--submission", type=click.Path(path_type=Path), help="Grade this file (.py or .ipynb) instead of your own."
)
@device_option
@seed_option
@isolation_option
@click.option("--all", "regrade", is_flag=True, help="Grade everything you have solved again.")
@click.option("--jobs", type=click.IntRange(1, 256), help="With --all: how many at once.  [default: one per core]")
@reported
def grade(
    exercise_id: str | None,
    submission: Path | None,
    device: "Device",
    seed: int | None,
    isolation: "Isolation",
    regrade: bool,
    jobs: int | None,
    report: GradeReport,
) -> int:
    """Run the hidden checks on your file. Without ID: the exercise you started last.

    Exits with 0 if it is solved, with 1 if not. With --all: with 1 if any is not; where a file is gone, the text that
    passed last is graded, which the log keeps.
    """
    from grader.grading.job import GradeOptions

    context = Context(as_json=report.as_json)
    options = GradeOptions(device, seed, isolation)
    if regrade:
        from grader.cli.grade.grade_all import grade_all

        if exercise_id is not None or submission is not None:
            what = "an ID" if exercise_id is not None else "--submission"
            alone = f"{exercise_id or 'ID'}{f' --submission {submission}' if submission else ''}"
            raise UsageError(
                f"--all grades all that you have solved; it cannot be combined with {what}",
                hint=f"study grade --all   or   study grade {alone}",
            )
        return grade_all(context, options, jobs=jobs, report=report)
    if jobs is not None:
        raise UsageError("--jobs goes with --all", hint=f"study grade --all --jobs {jobs}")
    exercise = context.find_exercise(exercise_id)
    submission = submission or find_typed_file(context, exercise_id, exercise)
    refuse_own_checks(context, submission)
    return _grade_one(context, exercise, submission, options, report)


def _grade_one(
    context: Context, exercise: "Exercise", submission: Path | None, options: "GradeOptions", report: GradeReport
) -> int:
    from grader.grading import read_learner_file

    report.require_exercise(context, exercise, submission)
    path = submission or find_own_file(context, exercise)
    text = read_learner_file(exercise, context.content.folder(exercise.id), path)
    tell_other_names(context, path)
    tell_left_out(context, path, text)

    def show(verdict: "Verdict") -> None:
        report.tell_verdict(
            exercise, verdict, path, text.source, lambda: show_verdict(context, exercise, verdict, path)
        )

    return grade_file(context, exercise, path, text, options, show)
