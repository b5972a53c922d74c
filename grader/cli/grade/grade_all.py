"""Grade everything solved again, several at once."""

import os
from collections.abc import Sequence
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.context import Context, short_path
from grader.cli.grade.one_file import record_verdict
from grader.cli.grade.report import GradeReport
from grader.cli.grade.submission import tell_chosen
from grader.cli.interrupts import put_off_interrupt
from grader.core.errors import EXIT_INTERRUPTED, ContentError, GraderFault, ProgressError, SubmissionUnreadable

if TYPE_CHECKING:
    from grader.core.verdict import Verdict
    from grader.corpus import Corpus
    from grader.grading import GradeOptions, GradeRun
    from grader.grading.run import Run
    from grader.view.regrades import Regrade

_EXIT_CODES = {
    "still_solved": 0,
    "regressed": 1,
    "file_missing": 1,
    "not_gradable": 1,
    "course_invalid": ContentError.exit_code,
    "grader_fault": GraderFault.exit_code,
}


def grade_all(context: Context, options: "GradeOptions", *, jobs: int | None, report: GradeReport) -> int:
    """Grade every solved exercise from the learner's own file, and log each attempt.

    Returns:
        0 if all are solved still, 1 if one is not, 3 if the course is broken, 4 for a fault of ours,
        130 if it was stopped.

    Raises:
        UsageError: If no exercise can be graded as asked, as on a device that is not there.
        ProgressError: If an attempt could not be logged; the rows are shown first.
    """
    from grader.grading.pool import GradePool, count_cores
    from grader.view.regrades import Regrade, watch_regrades

    report.require_all()
    context.settle_server()
    solved = _find_solved(context)
    rows: dict[str, Regrade] = {}
    unlogged: list[ProgressError] = []
    stopped = False
    planned = _plan_runs(context, solved, options)
    with watch_regrades(len(solved), quiet=context.as_json or not solved) as on_row:

        def take(row: Regrade) -> None:
            rows[row.exercise] = row
            on_row(row)

        for item in planned:
            if isinstance(item, Regrade):
                take(item)
        paths: dict[Run[Verdict], Path] = dict(item for item in planned if not isinstance(item, Regrade))
        pool: GradePool[Verdict] = GradePool(jobs or count_cores())
        try:
            pool.add(paths)
            for run, future in pool.follow():
                with put_off_interrupt():  # what is recorded is shown too
                    take(_take_result(context, run, paths[run], future, unlogged))
        except KeyboardInterrupt:
            stopped = True
        finally:
            pool.stop()
        for run, future in pool.left_over():
            take(_take_result(context, run, paths[run], future, unlogged))
    known = [rows[name] for name in solved if name in rows]
    report.tell_rows(known, lambda: _show_rows(context, known, total=len(solved)))
    if unlogged:
        raise unlogged[0]
    if stopped:
        kept = {0: "", 1: ", and this attempt is recorded"}.get(len(rows), ", and these attempts are recorded")
        context.say(f"stopped: {len(rows)} of {len(solved)} graded{kept}")
        return EXIT_INTERRUPTED
    return max((_EXIT_CODES[row.state] for row in rows.values()), default=0)


def _find_solved(context: Context) -> list[str]:
    """Return what is solved, in the order of the course; last what the course no longer has."""
    solved = {name for name, known in context.load_progress().exercises.items() if known.status == "solved"}
    placed = [name for unit in context.content.units for name in unit.exercises if name in solved]
    return [*placed, *sorted(solved - set(placed))]


def _plan_runs(
    context: Context, solved: Sequence[str], options: "GradeOptions"
) -> "list[tuple[GradeRun, Path] | Regrade]":
    """Return a run and its file for every exercise that can be graded, and the row for every one that cannot."""
    from grader.grading.job import make_job
    from grader.grading.run import GradeRun
    from grader.grading.submission import SubmissionText, read_learner_file
    from grader.view.regrades import Regrade

    @cache
    def load_corpus() -> "Corpus | None":
        return context.load_corpus(
            next(e for name in solved if (e := context.content.exercises.get(name)) and e.corpus)
        )

    def plan(name: str) -> "tuple[GradeRun, Path] | Regrade":
        exercise = context.content.exercises.get(name)
        path = context.workspace.submission_path(name)
        if name in context.content.left_out:
            return Regrade(name, "course_invalid", context.content.left_out[name][0], "study lint")
        if exercise is None:
            return Regrade(name, "not_gradable", "the course no longer has it")
        corpus = load_corpus() if exercise.corpus else None
        if not os.path.lexists(path):
            logged = _load_logged(context, name)
            if logged is None:
                return Regrade(name, "file_missing", short_path(path), f"study start {name}")
            source, graded = logged
            context.say(
                f"{name}: {short_path(path)} is not there; the text that passed last, of {graded.name}, is graded"
            )
            job = make_job(context.content, exercise, SubmissionText(source), short_path(graded), options, corpus)
            return GradeRun(job), graded
        try:
            text = read_learner_file(exercise, context.content.folder(name), path)
            tell_chosen(context, exercise, context.workspace.find_submissions(name))
        except SubmissionUnreadable as error:
            return Regrade(name, "not_gradable", error.message, error.hint)
        return GradeRun(make_job(context.content, exercise, text, short_path(path), options, corpus)), path

    return [plan(name) for name in solved]


def _load_logged(context: Context, exercise_id: str) -> tuple[str, Path] | None:
    """Return the text of the newest attempt that passed and where it lay; None where the log has no text of it.

    What was graded with --submission lies elsewhere, or nowhere any more; the log keeps every text.
    """
    attempt = context.store.find_last_attempt(exercise_id, passed=True)
    if attempt is None:
        return None
    try:
        source = context.store.load_submission(attempt.attempt_id)
    except ProgressError:  # it was lost when the log was damaged
        return None
    return (source, Path(attempt.submission_path or f"{exercise_id}.py")) if source else None


def _take_result(
    context: Context, run: "Run[Verdict]", path: Path, future: "Future[Verdict]", unlogged: list[ProgressError]
) -> "Regrade":
    from grader.view.regrades import Regrade, describe_regrade

    name = run.job.exercise.id
    try:
        verdict = future.result()
    except ContentError as error:
        return Regrade(name, "course_invalid", error.message, error.hint)
    except GraderFault as error:
        return Regrade(name, "grader_fault", error.message, error.hint or f"study grade {name}")
    if (unrecorded := record_verdict(context, verdict, run.job.submission, path)) is not None:
        unlogged.append(unrecorded)
    return describe_regrade(verdict)


def _show_rows(context: Context, rows: "Sequence[Regrade]", *, total: int) -> None:
    from msgspec import to_builtins

    from grader.view.regrades import render_regrades

    context.show(lambda: render_regrades(rows, total=total), lambda: {"exercises": to_builtins(rows)})
