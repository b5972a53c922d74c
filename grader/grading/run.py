"""One grade, followed to its verdict by an engine of its own."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from grader.core.job import Job
from grader.core.verdict import Verdict
from grader.engine.client import Cancelled, Engine, OnEvent

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["Cancelled", "GradeRun", "Run", "SurveyRun", "grade_early"]

Outcome = TypeVar("Outcome", covariant=True)


class Run(ABC, Generic[Outcome]):
    """One job, done by an engine of its own. One thread finishes it; any other may cancel it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._cancelled = False

    @property
    def is_running(self) -> bool:
        """Whether an engine is at work on it."""
        return self._engine is not None

    def finish(self, on_event: OnEvent = lambda event: None, *, wait: bool = True) -> Outcome:
        """Start an engine, have it do the job, and end the engine.

        Args:
            on_event: Told what happens.
            wait: Whether to wait until the engine and all that it started are gone.

        Raises:
            Cancelled: If another thread called `cancel`, however early.
            StudyError: As `Engine.follow` does.
        """
        if self._cancelled:  # spare the engine
            raise Cancelled
        engine = Engine()
        try:
            with self._lock:
                if self._cancelled:
                    raise Cancelled
                self._engine = engine
            engine.submit(self.job)
            return self._follow(engine, on_event)
        finally:
            with self._lock:
                self._engine = None
            engine.stop(wait=wait)

    @abstractmethod
    def _follow(self, engine: Engine, on_event: OnEvent) -> Outcome:
        """Wait for what comes of the job."""

    def cancel(self) -> None:
        """Make `finish` raise `Cancelled` soon; any thread may call this, at any time."""
        with self._lock:
            self._cancelled = True
            if self._engine is not None:
                self._engine.cancel()


class GradeRun(Run[Verdict]):
    """One grade of one text."""

    def _follow(self, engine: Engine, on_event: OnEvent) -> Verdict:
        return engine.follow(on_event)


class SurveyRun(Run[tuple[Verdict, ...]]):
    """The grades of a job's variants."""

    def _follow(self, engine: Engine, on_event: OnEvent) -> tuple[Verdict, ...]:
        return engine.follow_survey()


def grade_early(
    prepare: Callable[[], Job],
    watch: "Callable[[], AbstractContextManager[OnEvent]]",
    conclude: Callable[[Job, Verdict], None],
) -> Engine:
    """Make one grade for a person who waits: the engine gets ready while the job is prepared.

    Args:
        prepare: Makes the job; called once the engine has been started.
        watch: Shows what happens while the engine works; called once the job has been sent.
        conclude: Records and shows the verdict; called before the engine is gone, which takes a moment.

    Returns:
        The engine that made it: whether it was warm, and why the grade fell back to a cold start, if it did.

    Raises:
        StudyError: As `Engine.follow` does.
    """
    engine = Engine()
    try:
        job = prepare()
        engine.submit(job)
        with watch() as on_event:
            verdict = engine.follow(on_event)
        conclude(job, verdict)
    finally:
        engine.stop(wait=False)
    return engine
