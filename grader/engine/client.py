"""Grade one submission: start the engine, follow its events, return its verdict. Imports no torch."""

import os
import select
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, Protocol

import msgspec

from grader.core.errors import ContentError, GraderFault, StudyError, UsageError
from grader.core.events import Done, Event, Forked, Probe, Probed, Ready, Refused, Surveyed, Waiting, decode_event
from grader.core.job import Job
from grader.core.verdict import Verdict
from grader.engine.server import client
from grader.engine.server.address import engine_environment, find_socket
from grader.engine.server.settings import is_wanted

#: Beside the checks' own budgets: starting torch on a slow disk, importing the file again after each kill,
#: and looking for causes. Only a fault of ours ever takes this long.
PATIENCE_S = 120.0
PATIENCE_PER_CHECK_S = 25.0
#: How long an interrupted engine may take to reap its workers before we stop waiting.
END_PATIENCE_S = 6.0

#: In line at the server, behind other grades.
MAX_WAITING_S = 3600.0

_NO_ANSWER = "the grading server does not answer"

OnEvent = Callable[[Event], None]


class Cancelled(Exception):
    """Another thread called `Engine.cancel`: there is no verdict, and nothing went wrong."""


class _Link(Protocol):
    """The way to one engine, which is forked by a server or started for this grade alone."""

    @property
    def events_fd(self) -> int:
        """Where its events are read."""

    def send(self, job: bytes) -> None:
        """Hand over the job; one that cannot be delivered shows by the missing verdict."""

    def kill(self) -> None:
        """End the engine at once; any thread may call this."""

    def close(self, *, answered: bool, patience_s: float) -> None:
        """Wait until the engine and all it started are gone."""


class _OwnProcess:
    """An engine that is started for this grade: torch is loaded first."""

    def __init__(self, stderr: IO[bytes]) -> None:
        import subprocess  # not needed where a server forks the engine

        self._process = subprocess.Popen(
            # -P: a file called torch.py in the current directory must not become torch.
            [sys.executable, "-P", "-m", "grader.engine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=engine_environment(),
            start_new_session=True,  # Ctrl-C reaches us alone, and we end it in order
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout

    @property
    def events_fd(self) -> int:
        return self._stdout.fileno()

    def send(self, job: bytes) -> None:
        with suppress(BrokenPipeError):
            self._stdin.write(_frame(job))
            self._stdin.flush()

    def kill(self) -> None:
        self._process.kill()  # the zygotes notice, reap their workers and clean up

    def close(self, *, answered: bool, patience_s: float) -> None:
        if not answered:
            self._process.kill()
        with suppress(OSError):
            self._stdin.close()
        _await_end(self.events_fd, patience_s)
        self._stdout.close()
        self._process.kill()
        self._process.wait()


class _Forked:
    """An engine that the server forks for us."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link

    @property
    def events_fd(self) -> int:
        return self._link.fileno()

    def send(self, job: bytes) -> None:
        self._link.settimeout(PATIENCE_S)
        with suppress(OSError):
            self._link.sendall(_frame(job))

    def kill(self) -> None:
        with suppress(OSError):  # the server sees it, and kills the engine
            self._link.shutdown(socket.SHUT_WR)

    def close(self, *, answered: bool, patience_s: float) -> None:
        if not answered:
            self.kill()
        _await_end(self.events_fd, patience_s)
        self._link.close()


class Engine:
    """A grading process. Start it early: it gets ready while the caller still looks for the file."""

    def __init__(self, *, own: bool = False) -> None:
        """Start it.

        Args:
            own: Whether it must be a process of its own even where a server could fork one.
        """
        self._answered = False
        self._cancelled = False
        self._stopped = False
        self._until_s = 0.0
        self._heard = False
        self._job, self._budget_s = b"null", PATIENCE_S
        #: Why the grade was made by another engine than the one it was meant for; None if it was not.
        self.fell_back: str | None = None
        self._stderr = _open_scratch_file()
        link = None
        if is_wanted() and not own:
            link = client.connect(client.GRADE, fds=(self._stderr.fileno(),))
            if link is None and (path := find_socket()) is not None and path.exists():
                self.fell_back = _NO_ANSWER
        self.warm = link is not None
        self._link: _Link = _Forked(link) if link is not None else _OwnProcess(self._stderr)

    def submit(self, job: Job) -> None:
        """Send the job; the engine is at work from now on."""
        self._job = msgspec.json.encode(job)
        checks_s = sum(c.timeout_s + PATIENCE_PER_CHECK_S for c in job.exercise.checks)
        self._budget_s = max(1, len(job.variants)) * checks_s + PATIENCE_S
        self._link.send(self._job)

    def follow(self, on_event: OnEvent = lambda event: None) -> Verdict:
        """Wait for the verdict of what was submitted; `stop` is still to be called.

        Args:
            on_event: Told what happens: plan, started, printed, finished.

        Raises:
            GraderFault: If the engine ended without a verdict.
            Cancelled: If another thread called `cancel`.
            UsageError, ContentError: If the engine refuses the job.
        """
        done = self._await_last(on_event)
        assert isinstance(done, Done)
        return done.verdict

    def follow_survey(self) -> tuple[Verdict, ...]:
        """Wait for the verdicts of a job with variants, one each; raises as `follow` does."""
        done = self._await_last(lambda event: None)
        assert isinstance(done, Surveyed)
        return done.verdicts

    def _await_last(self, on_event: OnEvent) -> Done | Surveyed | Probed:
        done = self._listen(on_event)
        if done is None and not self._cancelled:
            # The server or the engine was killed, or hangs: one slower grade, never a wrong one.
            silent = self.warm and not self._heard
            self.fell_back = _NO_ANSWER if silent else "the grading process ended before its verdict"
            self._link.close(answered=False, patience_s=END_PATIENCE_S if self._heard else 0.0)
            self._link, self.warm = _OwnProcess(self._stderr), False
            self._link.send(self._job)
            done = self._listen(on_event)
        if self._cancelled:
            raise Cancelled
        if done is None:
            text = f"the grading process ended without a verdict\n{self._last_words()}".rstrip()
            raise GraderFault(text, hint="try once more; if it happens again, study doctor")
        return done

    def grade(self, job: Job, on_event: OnEvent = lambda event: None) -> Verdict:
        """Submit, follow and stop: a whole grade in one call, for a caller with nothing to do meanwhile."""
        try:
            self.submit(job)
            return self.follow(on_event)
        finally:
            self.stop()

    def _listen(self, on_event: OnEvent) -> Done | Surveyed | Probed | None:
        """Follow a job to its last event; None if the engine is gone before that.

        Raises:
            GraderFault: If it is still there after the budget.
            UsageError, ContentError, GraderFault: If it refuses the job.
        """
        self._until_s = time.monotonic() + (client.ANSWER_TIMEOUT_S if self.warm else self._budget_s)
        self._heard = False
        for event in self._events():
            self._heard = True
            match event:
                case Ready():
                    pass
                case Waiting():  # in line: for those before us we wait as long as it takes
                    self._until_s = time.monotonic() + MAX_WAITING_S
                case Forked():
                    self._until_s = time.monotonic() + self._budget_s
                case Done() | Surveyed() | Probed():
                    self._answered = True
                    return event
                case Refused():
                    self._answered = True
                    raise _refusal(event)
                case _:
                    on_event(event)
        if time.monotonic() > self._until_s and (self._heard or not self.warm):
            raise GraderFault(f"the grading process did not finish in time\n{self._last_words()}".rstrip())
        return None

    def probe(self) -> Probe:
        """Ask for the devices and isolation layers of this machine.

        Raises:
            GraderFault: If the engine does not answer.
        """
        try:
            self._link.send(self._job)
            done = self._listen(lambda event: None)
            if done is None:
                raise GraderFault(f"the grading process does not start\n{self._last_words()}".rstrip())
            assert isinstance(done, Probed)
            return done.probe
        finally:
            self.stop()

    def cancel(self) -> None:
        """Make `grade` in another thread raise `Cancelled` soon; the one method that any thread may call."""
        self._cancelled = True
        self._link.kill()

    def stop(self, *, wait: bool = True) -> None:
        """End the engine and everything under it; safe to call twice.

        Args:
            wait: Whether to wait until they are gone. A server sees to that without us, in some 20 ms.
        """
        if not self._stopped:
            self._stopped = True
            self._link.close(answered=self._answered, patience_s=END_PATIENCE_S if wait or not self.warm else 0.0)
            self._stderr.close()

    def _events(self) -> Iterator[Event]:
        """Yield events until the engine's end, or until the time is up; an event may change that time."""
        fd = self._link.events_fd
        pending = b""
        while (left_s := self._until_s - time.monotonic()) > 0:
            if not select.select([fd], [], [], left_s)[0]:
                return
            try:
                data = os.read(fd, 2**16)
            except ConnectionResetError:
                return
            if not data:
                return
            *lines, pending = (pending + data).split(b"\n")
            yield from map(decode_event, lines)

    def _last_words(self) -> str:
        return _tail(self._stderr)


def probe() -> Probe:
    """Start an engine of our own and ask what it finds; see `Engine.probe`."""
    started_s = time.monotonic()
    found = Engine(own=True).probe()
    return msgspec.structs.replace(found, elapsed_s=round(time.monotonic() - started_s, 2))


def _open_scratch_file() -> IO[bytes]:
    if sys.platform == "linux":
        return open(os.memfd_create("study-stderr"), "w+b")
    import tempfile

    return tempfile.TemporaryFile()


def _frame(job: bytes) -> bytes:
    return len(job).to_bytes(8, "little") + job


def _await_end(fd: int, patience_s: float) -> None:
    """Wait until every process has closed the other end of the events: the zygotes hold it until they have cleaned up."""
    until_s = time.monotonic() + patience_s
    while (left_s := until_s - time.monotonic()) > 0:
        if not select.select([fd], [], [], left_s)[0]:
            return
        try:
            if not os.read(fd, 2**16):
                return
        except ConnectionResetError:
            return


def _tail(file: IO[bytes]) -> str:
    file.seek(0, os.SEEK_END)
    file.seek(max(0, file.tell() - 4000))
    return file.read().decode("utf-8", "replace")


def _refusal(event: Refused) -> StudyError:
    if event.exit_code == UsageError.exit_code:
        return UsageError(event.message, hint=event.hint)
    if event.exit_code == ContentError.exit_code:
        return ContentError(event.message.split("\n"), hint=event.hint)
    return GraderFault(event.message, hint=event.hint)
