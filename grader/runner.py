"""Grade one submission: start the engine, follow its events, return its verdict. Imports no torch."""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Literal

import msgspec

from grader.corpus import Corpus
from grader.errors import ContentError, GraderFault, StudyError, UsageError
from grader.job import Job, Probe
from grader.models import Exercise
from grader.verdict import Verdict

#: Beside the checks' own budgets: starting torch on a slow disk, importing the file anew after each kill,
#: and looking for causes. Only a fault of ours ever takes this long.
PATIENCE_S = 120.0
PATIENCE_PER_CHECK_S = 25.0
#: How long an interrupted engine may take to bury its workers before we stop waiting.
FAREWELL_S = 6.0

OnEvent = Callable[[dict[str, Any]], None]


class Cancelled(Exception):
    """Another thread called `Engine.cancel`: there is no verdict, and nothing went wrong."""


class Engine:
    """A grading process. Start it early: it loads torch while the caller still looks for the file."""

    def __init__(self) -> None:
        self._answered = False
        self._cancelled = False
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `stop`
        # The engine must be this very package, also when it is run from a checkout that is not installed.
        where = [str(Path(__file__).resolve().parent.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = os.environ | {
            "OMP_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join(where),
        }
        # -P: a file called torch.py in the current directory must not become torch.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "grader.engine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=environment,
            start_new_session=True,  # Ctrl-C reaches us alone, and we end it in order
        )

    def grade(
        self,
        exercise: Exercise,
        folder: Path,
        *,
        submission: str,
        path: str,
        seed: int,
        device: str,
        corpus: Corpus | None,
        isolation: Literal["strict", "best", "none"] = "best",
        on_event: OnEvent = lambda event: None,
    ) -> Verdict:
        """Send the job and follow it to its verdict.

        Args:
            exercise, folder: What to grade with, and where its code lies.
            submission: The text of the learner's file.
            path: That file's name for messages.
            seed: Makes every check's inputs.
            device: "cpu", "cuda", "mps" or "auto".
            corpus: The names, for an exercise that uses them.
            isolation: "strict" refuses to grade where a layer of the sandbox is off; "none" leaves most out.
            on_event: Told what happens: plan, started, printed, finished.

        Raises:
            GraderFault: If the engine ended without a verdict.
            Cancelled: If another thread called `cancel`.
            UsageError, ContentError: If the engine refuses the job.
        """
        job = Job(
            exercise=exercise,
            folder=str(folder),
            submission=submission,
            path=path,
            seed=seed,
            device=device,
            corpus=corpus,
            isolation=isolation,
        )
        budget_s = sum(c.timeout_s + PATIENCE_PER_CHECK_S for c in exercise.checks) + PATIENCE_S
        try:
            self._send(msgspec.json.encode(job))
            for event in self._events(time.monotonic() + budget_s):
                match event:
                    case {"event": "done", "verdict": verdict}:
                        self._answered = True
                        return msgspec.convert(verdict, Verdict)
                    case {"event": "refused"}:
                        raise _refusal(event)
                    case _:
                        on_event(event)
            if self._cancelled:
                raise Cancelled
            raise GraderFault(f"the grading process ended without a verdict\n{self._last_words()}".rstrip())
        finally:
            self.stop()

    def probe(self) -> Probe:
        """Ask for the devices and isolation layers of this machine.

        Raises:
            GraderFault: If the engine does not answer.
        """
        try:
            self._send(b"null")
            for event in self._events(time.monotonic() + PATIENCE_S):
                if event.get("event") == "probed":
                    self._answered = True
                    return msgspec.convert(event["probe"], Probe)
            raise GraderFault(f"the grading process does not start\n{self._last_words()}".rstrip())
        finally:
            self.stop()

    def cancel(self) -> None:
        """Make `grade` in another thread raise `Cancelled` soon; the one method that any thread may call."""
        self._cancelled = True
        self._process.kill()

    def stop(self) -> None:
        """End the engine and everything under it; safe to call twice."""
        if not self._answered:
            self._process.kill()  # the nurseries notice, bury their workers and clean up
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(OSError):
            self._process.stdin.close()
        until_s = time.monotonic() + FAREWELL_S
        # The nurseries hold the other end of this pipe: end of file means that they are gone too.
        while not self._process.stdout.closed and (left_s := until_s - time.monotonic()) > 0:
            if select.select([self._process.stdout], [], [], left_s)[0] and not os.read(
                self._process.stdout.fileno(), 2**16
            ):
                self._process.stdout.close()
        self._process.stdout.close()
        self._process.kill()
        self._process.wait()
        self._stderr.close()

    def _send(self, job: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it died already: the missing verdict says so better
            self._process.stdin.write(job)
            self._process.stdin.close()

    def _events(self, deadline_s: float) -> Iterator[dict[str, Any]]:
        assert self._process.stdout is not None
        fd = self._process.stdout.fileno()
        pending = b""
        while True:
            left_s = deadline_s - time.monotonic()
            if left_s <= 0 or not select.select([fd], [], [], left_s)[0]:
                raise GraderFault(f"the grading process did not finish in time\n{self._last_words()}".rstrip())
            data = os.read(fd, 2**16)
            if not data:
                return
            *lines, pending = (pending + data).split(b"\n")
            yield from (json.loads(line) for line in lines)

    def _last_words(self) -> str:
        return _tail(self._stderr)


def probe() -> Probe:
    """Start an engine and ask what it finds; see `Engine.probe`."""
    started_s = time.monotonic()
    found = Engine().probe()
    return msgspec.structs.replace(found, elapsed_s=round(time.monotonic() - started_s, 2))


def _tail(file: IO[bytes]) -> str:
    file.seek(0, os.SEEK_END)
    file.seek(max(0, file.tell() - 4000))
    return file.read().decode("utf-8", "replace")


def _refusal(event: dict[str, Any]) -> StudyError:
    message, hint = str(event.get("message")), event.get("hint")
    if event.get("exit_code") == 2:
        return UsageError(message, hint=hint)
    if event.get("exit_code") == 3:
        return ContentError(message.split("\n"), hint=hint)
    return GraderFault(message, hint=hint)
