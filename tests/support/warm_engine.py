"""Grade many submissions without starting torch for each: through a grading server of the tests' own."""

import contextlib
import functools
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from unittest import mock

from grader.core.errors import StudyError
from grader.core.events import Event
from grader.core.models import Exercise
from grader.core.verdict import Verdict
from grader.corpus import Corpus
from grader.engine.client import Engine
from grader.engine.server import client
from tests.support.jobs import make_job
from tests.support.study import Study

_START_PATIENCE_S = 120.0
Refused = StudyError


class WarmEngine:
    """A server that listens in a folder of its own, and ends with the tests."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="st-")
        self.environ = {"XDG_RUNTIME_DIR": self._folder.name, "STUDY_SERVER_IDLE_S": "3600", "STUDY_SERVER": "on"}
        with mock.patch.dict(os.environ, self.environ):
            self._socket = client.find_socket()  # once: who edits the grader while its tests run changes its name
        with self.in_reach():
            assert client.start_in_background()
            until_s = time.monotonic() + _START_PATIENCE_S
            while not client.ask_all(client.STATUS):
                assert time.monotonic() < until_s, "the grading server does not start"
                time.sleep(0.05)

    @contextlib.contextmanager
    def in_reach(self) -> Iterator[None]:
        """Let this process find the server."""
        with (
            mock.patch.dict(os.environ, self.environ),
            mock.patch.object(client, "find_socket", self._find_socket),  # a Mock would keep every call of it
        ):
            yield

    def _find_socket(self) -> Path | None:
        return self._socket

    def status(self) -> dict[str, Any]:
        """Return what the server says of itself."""
        with self.in_reach():
            return client.ask_all(client.STATUS)[0]

    def grade(
        self,
        exercise: Exercise,
        folder: Path,
        submission: str,
        *,
        seed: int = 1,
        corpus: Corpus | None = None,
        path: str = "mine.py",
        isolation: Literal["strict", "best", "none"] = "best",
        events: list[Event] | None = None,
    ) -> Verdict:
        """Grade one submission; `events` collects what happened on the way."""
        with self.in_reach():
            engine = Engine()
        assert engine.warm, "the grading server is gone"
        try:
            job = make_job(exercise, folder, submission, path=path, seed=seed, corpus=corpus, isolation=isolation)
            verdict = engine.grade(job, events.append if events is not None else lambda event: None)
        finally:
            engine.stop()
        assert engine.warm, "the server lost its engine, and the grade was made again"
        return verdict

    def lend(self, study: Study) -> Study:
        """Let `study` grade by this server, which takes a tenth of what torch takes to load."""
        return functools.partial(study, **self.environ)

    def close(self) -> None:
        """End the server."""
        with self.in_reach():
            client.ask_all(client.STOP)
            assert client.wait_until_gone(30)
        self._folder.cleanup()
