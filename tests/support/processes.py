"""Look at processes from outside, as /proc has them: who is whose child, what is left, and servers of a test's own."""

import contextlib
import ctypes
import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

from grader.core.verdict import Verdict
from grader.course import Content, load_content
from grader.engine.client import Engine, OnEvent
from grader.engine.server import client
from tests.support.jobs import make_job
from tests.support.study import REPOSITORY, TOY_COURSE

T = TypeVar("T")

TOYS = load_content(TOY_COURSE)
#: Only a machine that hangs makes a test wait so long.
PATIENCE_S = 60.0
_PR_SET_CHILD_SUBREAPER = 36


def wait_until(find: Callable[[], T], what: str) -> T:
    """Ask again and again until the answer is true, and return it."""
    until_s = time.monotonic() + PATIENCE_S
    while not (found := find()):
        assert time.monotonic() < until_s, f"waited in vain: {what}"
        time.sleep(0.02)
    return found


def children(pid: int) -> list[int]:
    """Return a process's children that are no zombies, the oldest first."""
    found = set()
    with contextlib.suppress(OSError):  # it has ended
        for task in os.listdir(f"/proc/{pid}/task"):
            found |= {int(text) for text in Path(f"/proc/{pid}/task/{task}/children").read_text().split()}
    return sorted(child for child in found if _is_alive(child))


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def descendants(pid: int, *, without: AbstractSet[int] = frozenset()) -> set[int]:
    """Return all that a process started, and what they started; `without` some of them, and what those started."""
    found: set[int] = set()
    new = [pid]
    while new:
        new = [child for parent in new for child in children(parent) if child not in without]
        found.update(new)
    return found


def wait_for_descendants(pid: int, *, at_least: int) -> set[int]:
    """Wait until a process has so many descendants: the engine, what it forks from, and a worker are three."""
    return wait_until(lambda: len(found := descendants(pid)) >= at_least and found, "the processes of a grade")


def wait_until_gone(pids: set[int]) -> None:
    """Wait until processes that are no children of ours have ended."""
    wait_until(lambda: not any(_is_alive(pid) for pid in pids), "the end of a grade's processes")


def processes_at_rest(status: dict[str, Any]) -> set[int]:
    """Return a server and what it has forked ahead, by what it says of itself."""
    standby = status["standby"]
    return {status["pid"]} | ({standby} | descendants(standby) if standby is not None else set())


def grade_processes(top: int) -> dict[str, list[int]]:
    """Name the processes of a grade by what they are; `top` is the engine's parent: the server, or a cold client."""
    found: dict[str, list[int]] = {}
    level = [top]
    for role in ("engine", "zygote", "worker", "check"):
        level = [child for parent in level for child in children(parent)]
        found[role] = level
    return found


def kill(pid: int, how: signal.Signals = signal.SIGKILL) -> bool:
    """Send a signal; False if the process has gone by itself."""
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return False
    return True


def environ_of(pid: int) -> bytes:
    """Return the environment a process was started with."""
    return Path(f"/proc/{pid}/environ").read_bytes()


def memory_holds(pid: int, marker: bytes) -> bool:
    """Tell whether a text stands anywhere in a process's writable memory."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            match = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if match is None:
                continue
            start, end = (int(text, 16) for text in match.groups())
            memory.seek(start)
            with contextlib.suppress(OSError):  # mapped, and gone since
                if marker in memory.read(end - start):
                    return True
    return False


@contextlib.contextmanager
def orphans_come_to_us() -> Iterator[Callable[[], dict[int, str]]]:
    """Be the parent of every orphan among our descendants; yields a function that lists who is left of them.

    What another test's server is forking meanwhile is not of them: killed at the end, it left that server maimed.
    """
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    before = descendants(os.getpid())
    assert prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0

    def left() -> dict[int, str]:
        # A process namespace ends only when the last of its dead has been waited for, as an init does.
        _reap(before)
        return {pid: _command(pid) for pid in descendants(os.getpid(), without=before)}

    try:
        yield left
    finally:
        for pid in left():
            kill(pid)
        wait_until(lambda: not left(), "the end of all that a test has started")
        prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def _reap(others: set[int]) -> None:
    """Wait for the orphans that died as our children; what we started ourselves is in our session, and not ours here."""
    for text in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        pid = int(text)
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            if pid not in others and os.getsid(pid) != os.getsid(0):
                os.waitpid(pid, os.WNOHANG)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return "gone"


class Place:
    """A home, a folder for temporary files and one for sockets, in which `study` runs apart from all others."""

    def __init__(self, root: Path, **environ: str) -> None:
        self._short = tempfile.TemporaryDirectory(prefix="st-")  # a socket's path must be short
        self.home = root / "home"
        self.runtime, self.tmp = Path(self._short.name, "run"), Path(self._short.name, "tmp")
        for folder in (self.home, self.runtime, self.tmp):
            folder.mkdir(parents=True, exist_ok=True)
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "VIRTUAL_ENV") if name in os.environ}
        self.environ = kept | {
            "HOME": str(self.home),
            "TMPDIR": str(self.tmp),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "STUDY_COURSE": str(TOY_COURSE),
            "STUDY_OFFLINE": "1",
            "STUDY_SERVER": "on",
            "STUDY_SERVER_IDLE_S": "600",
            "PYTHONPATH": str(REPOSITORY),
        }
        self.environ |= environ
        self._socket: Path | None = None

    @property
    def own_file(self) -> Path:
        """The learner's file of the toy exercise."""
        return self.home / "study" / "t01_double.py"

    @property
    def log(self) -> Path:
        """The progress log."""
        return self.home / "study" / ".study" / "study.db"

    def begin(self, text: str) -> "Place":
        """Start the toy exercise and write the learner's file."""
        self.study("start", "t01_double")
        self.own_file.write_text(text)
        return self

    def popen(self, *arguments: str, **environ: str) -> subprocess.Popen[str]:
        """Start `study` and do not wait."""
        return subprocess.Popen(
            [sys.executable, "-m", "grader", *arguments],
            env=self.environ | environ,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def study(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run `study` to its end."""
        with self.popen(*arguments, **environ) as process:
            out, err = process.communicate(timeout=180)
            return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def servers(self) -> list[dict[str, Any]]:
        """Ask the servers that listen here."""
        with self.ours():
            return client.ask_all(client.STATUS)

    def at_rest(self) -> set[int]:
        """Return the processes that are there when nothing is graded: a server, and the engine it has ready."""
        return {pid for status in self.servers() for pid in processes_at_rest(status)}

    def at_work(self, server: int) -> set[int]:
        """Return the engines of a server that grade."""
        return set(children(server)) - self.at_rest()

    @contextlib.contextmanager
    def ours(self) -> Iterator[None]:
        """Let this very process be at home here."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch.dict(os.environ, self.environ, clear=True))
            stack.enter_context(mock.patch.object(tempfile, "tempdir", str(self.tmp)))
            yield

    def serve(self) -> int:
        """Have a server run; returns its process id."""
        started = self.study("server", "start", "--json", STUDY_SERVER="on")
        assert started.returncode == 0, started.stderr
        [self._socket] = (self.runtime / "study").glob("*.sock")
        return int(json.loads(started.stdout)["servers"][0]["pid"])

    @property
    def socket(self) -> Path:
        """Where its server listens."""
        assert self._socket is not None
        return self._socket

    def grade(
        self,
        submission: str,
        *,
        own: bool = False,
        course: Content = TOYS,
        on_event: OnEvent = lambda event: None,
    ) -> tuple[Verdict, bool]:
        """Grade in this process, with whatever engine there is; tells too whether a server gave it in the end."""
        with self.ours():
            engine = Engine(own=own)
            exercise = course.exercises["t01_double"]
            job = make_job(exercise, course.folder(exercise.id), submission, path="t01_double.py")
            verdict = engine.grade(job, on_event)
        return verdict, engine.warm

    def close(self) -> None:
        """End what serves here, and forget the place; the server of others goes on."""
        if self.environ.get("XDG_RUNTIME_DIR", str(self.runtime)) == str(self.runtime):
            with self.ours():
                client.ask_all(client.STOP)
                assert client.wait_until_gone(PATIENCE_S)
        self._short.cleanup()


@contextlib.contextmanager
def session_of(target: Callable[[], None]) -> Iterator[int]:
    """Fork a session that does something until it is killed."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            target()
        finally:
            os._exit(0)
    try:
        wait_until(lambda: os.getsid(pid) == pid, "a session of its own")
        yield pid
    finally:
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def await_end(pid: int) -> None:
    """Wait until a process is gone; one that is our child is reaped."""
    with contextlib.suppress(ProcessLookupError):
        gone = os.pidfd_open(pid)
        assert select.select([gone], [], [], PATIENCE_S)[0], f"{pid} does not end"
        os.close(gone)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
