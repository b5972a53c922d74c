"""Grade: one file, or everything solved anew; and what every grade has in common."""

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from grader.cli.context import Desk, short_path
from grader.cli.grade.outcome import show_verdict
from grader.cli.grade.report import Report, reported
from grader.cli.grade.submission import find_own_file, find_typed_file, read_learner_file, tell_left_out
from grader.core.errors import ProgressError, UsageError, WorkspaceError

if TYPE_CHECKING:
    from grader.core.job import Isolation
    from grader.core.models import Exercise
    from grader.core.source_map import Stretch
    from grader.core.verdict import Verdict
    from grader.corpus import Corpus
    from grader.engine.client import Engine, OnEvent
    from grader.progress import NewAttempt

EXIT_CODES = {"passed": 0, "failed": 1, "grader_fault": 4}
device_option = click.option(
    "--device", type=click.Choice(["cpu", "cuda", "mps", "auto"]), default="cpu", show_default=True
)
isolation_option = click.option(
    "--isolation",
    type=click.Choice(["strict", "best", "none"]),
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
    device: str,
    seed: int | None,
    isolation: "Isolation",
    regrade: bool,
    jobs: int | None,
    report: Report,
) -> int:
    """Run the hidden checks on your file. Without ID: the exercise you started last."""
    desk = Desk(as_json=report.as_json)
    if regrade:
        from grader.cli.grade.grade_all import grade_all

        if exercise_id is not None or submission is not None:
            what = "an ID" if exercise_id is not None else "--submission"
            alone = f"{exercise_id or 'ID'}{f' --submission {submission}' if submission else ''}"
            raise UsageError(
                f"--all grades all that you have solved; it does not go with {what}",
                hint=f"study grade --all   or   study grade {alone}",
            )
        return grade_all(desk, Manner(device, seed, isolation), jobs=jobs, report=report)
    if jobs is not None:
        raise UsageError("--jobs goes with --all", hint=f"study grade --all --jobs {jobs}")
    exercise = choose_exercise(desk, exercise_id)
    submission = submission or find_typed_file(desk, exercise_id, exercise)
    return _grade_one(desk, exercise, submission, Manner(device, seed, isolation), report)


def _grade_one(desk: Desk, exercise: "Exercise", submission: Path | None, manner: "Manner", report: Report) -> int:
    from grader.engine.client import Engine

    report.require_exercise(desk, exercise, submission)
    path = submission or find_own_file(desk, exercise)
    text = read_learner_file(desk, exercise, path)
    run = GradeRun(desk, exercise, path, text.source, manner, stretches=text.stretches)
    tell_left_out(desk, path, text)
    desk.settle_server()
    engine = Engine()
    try:
        run.corpus = desk.load_corpus(exercise)
        run.submit(engine)
        # All that is imported from here on, is imported while the engine works.
        from grader.view.watching import watch_grade

        _ = desk.store
        with watch_grade(exercise, quiet=desk.as_json) as on_event:
            verdict = engine.follow(on_event)
        tell_fallen_back(desk, engine)
        unlogged = record_verdict(desk, run, verdict)
        report.tell_verdict(exercise, verdict, path, run.source, lambda: show_verdict(desk, exercise, verdict, path))
    finally:
        engine.stop(wait=False)
    if unlogged is not None:
        raise unlogged
    if not engine.warm:
        desk.warm_up()  # the next grade need not load torch
    return EXIT_CODES[verdict.verdict]


class Manner(NamedTuple):
    """How to grade, as it was asked on the command line."""

    device: str = "cpu"
    seed: int | None = None
    isolation: "Isolation" = "best"


class GradeRun:
    """One grade of one text; where it is finished in one thread, any other may cancel it."""

    def __init__(
        self,
        desk: Desk,
        exercise: "Exercise",
        path: Path,
        source: str,
        manner: Manner,
        *,
        corpus: "Corpus | None" = None,
        stretches: "tuple[Stretch, ...]" = (),
    ) -> None:
        self.exercise = exercise
        self.path = path
        self.source = source
        self.corpus = corpus
        self._stretches = stretches
        self._folder = desk.content.folder(exercise.id)
        self._hidden = desk.content.exercise_folders
        self._manner = manner
        self._seed = int.from_bytes(os.urandom(4), "little") >> 1 if manner.seed is None else manner.seed
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._cancelled = False

    def submit(self, engine: "Engine") -> None:
        """Hand this grade to an engine."""
        engine.submit(
            self.exercise,
            self._folder,
            submission=self.source,
            path=short_path(self.path.absolute()),
            seed=self._seed,
            device=self._manner.device,
            isolation=self._manner.isolation,
            corpus=self.corpus,
            hidden=self._hidden,
            stretches=self._stretches,
        )

    def finish(self, on_event: "OnEvent" = lambda event: None) -> "Verdict":
        """Start an engine, grade, and end the engine.

        Raises:
            Cancelled: If another thread called `cancel`, however early.
            StudyError: As `Engine.grade` does.
        """
        from grader.engine.client import Cancelled, Engine

        if self._cancelled:  # spare the engine
            raise Cancelled
        engine = Engine()
        try:
            with self._lock:
                if self._cancelled:
                    raise Cancelled
                self._engine = engine
            self.submit(engine)
            return engine.follow(on_event)
        finally:
            with self._lock:
                self._engine = None
            engine.stop()

    def cancel(self) -> None:
        """Make `finish` raise `Cancelled` soon; any thread may call this, at any time."""
        with self._lock:
            self._cancelled = True
            if self._engine is not None:
                self._engine.cancel()


def choose_exercise(desk: Desk, typed: str | None) -> "Exercise":
    """Return the exercise that was typed, else the one started last."""
    if typed is not None:
        return desk.find_exercise(typed)
    last = desk.load_progress().last_started
    if last is None or last not in desk.content.exercises:
        raise UsageError("no exercise has been started yet", hint="study next")
    return desk.content.exercises[last]


def tell_fallen_back(desk: Desk, engine: "Engine") -> None:
    """Say why a grade took longer than it should, where it was not made by the engine that it was meant for."""
    if engine.fell_back is not None:
        desk.say(f"study: torch was started anew for this grade: {engine.fell_back}")


def record_verdict(desk: Desk, run: GradeRun, verdict: "Verdict") -> ProgressError | None:
    """Log an attempt, and keep its pictures; an error is returned, so that the verdict can be shown all the same."""
    if verdict.pictures:
        _keep_pictures(desk, verdict)
    try:
        desk.store.record_attempt(_attempt(verdict, run.source, run.path))
    except ProgressError as error:
        return error
    return None


def _keep_pictures(desk: Desk, verdict: "Verdict") -> None:
    from grader.files.picture_store import Album

    _ = desk.store  # makes the workspace
    try:
        Album(desk.workspace).keep(verdict)
    except WorkspaceError as error:  # the verdict holds without them
        desk.say(f"study: the pictures are not kept: {error.message}" + (f"\nnext: {error.hint}" if error.hint else ""))


def _attempt(verdict: "Verdict", source: str, path: Path) -> "NewAttempt":
    from grader.progress import NewAttempt

    return NewAttempt(
        exercise_id=verdict.exercise,
        verdict=verdict.verdict,
        score=verdict.score,
        max_score=verdict.max_score,
        seed=verdict.seed,
        device=verdict.device,
        corpus=verdict.corpus,
        elapsed_s=verdict.elapsed_s,
        submission=source,
        submission_path=str(path),
        checks=verdict.checks,
        isolation=verdict.isolation,
    )
