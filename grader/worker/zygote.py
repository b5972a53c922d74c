"""The zygote: a process that holds nothing but torch, and forks a worker whenever the judge asks.

It is forked before the judge reads the exercise, so that no worker's memory can hold a hidden check, the
reference or an expected value. Mutants, which are made from the solution, grow in a zygote of their own.

It also reaps the workers. Where the kernel allows it each is the first process of a namespace, so that all it
started ends with it; elsewhere its process group is killed, then whatever fled from the group.
"""

import contextlib
import mmap
import os
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import msgspec

from grader import wire
from grader.core.errors import GraderFault
from grader.files.removing import remove_tree
from grader.worker import grade_folders, kernel, sandbox
from grader.worker.memory import measure_held
from grader.worker.reap import Reaped, kill_group, kill_namespace
from grader.worker.serve import serve_submission
from grader.worker.warm_up import warm_up_reply

#: How often the memory of the workers is looked at. A process fills some 200 MiB in this time; it has a limit of its
#: own besides. Where there are more of them, or they have come near the limit together, there is less time to lose.
WATCH_EVERY_S = 0.1
WATCH_CLOSELY_EVERY_S = 0.01
#: A worker and the child for a check are always there.
ALONE = 2
#: What a worker holds before the learner's code runs, generously.
TORCH_MIB = 256


class Spawn(msgspec.Struct, frozen=True, tag=True):
    """Fork a worker for these sources (executed one after the other in one namespace).

    Without sources it is a worker for mutants, which come with each check; see `grader.worker.serve`.
    """

    sources: tuple[str, ...]
    filename: str
    forbid: tuple[str, ...]
    device: str
    seed: int
    limits: sandbox.Limits
    isolation: sandbox.Isolation = "best"
    #: The course's folder: it may lie inside what a worker may read, such as /usr or the environment of Python.
    hidden: tuple[str, ...] = ()
    forbid_operators: tuple[str, ...] = ()
    #: What the stub hands out ready made, as `grader.worker.given` finds it.
    given: str = ""


class Begin(msgspec.Struct, frozen=True, tag=True):
    """A grade begins; what stays open until all is cleaned up, and where to complain, travel beside this message."""

    base: str
    keeps_base: bool


class Kill(msgspec.Struct, frozen=True, tag=True):
    """Kill the worker with this process id and everything it started."""

    pid: int


class Spawned(msgspec.Struct, frozen=True, tag=True):
    """A worker runs; its reply socket and its output pipe travel beside this message."""

    pid: int


class NotSpawned(msgspec.Struct, frozen=True, tag=True):
    """No worker could be forked, and why."""

    why: str


class _Orders(msgspec.Struct, frozen=True):
    """What the zygote tells a process that it forked, and where that one works."""

    spawn: Spawn
    folder: str


class Zygote:
    """The judge's end of the zygote."""

    def __init__(self, control: socket.socket, pid: int) -> None:
        self._control = control
        self.pid = pid
        self._base: Path | None = None

    def begin(self, base: Path, events_fd: int, stderr_fd: int, *, keeps_base: bool = True) -> None:
        """Say for which grade it is; to be called once, before the first `spawn`.

        Args:
            base: The grade's folder, for the private folders of its workers.
            events_fd: Stays open in it: who reads at the other end sees by its end that all is cleaned up.
            stderr_fd: Where it complains.
            keeps_base: Whether it makes that folder, and removes it at its end. The first zygote does both: it
                knows the folder that it made even if every other process is killed; and when that zygote ends, its process
                namespace does, with any other zygote in it that may not have come to clear up.
        """
        self._base = base
        _send(self._control, Begin(str(base), keeps_base), [events_fd, stderr_fd])

    def spawn(self, request: Spawn) -> tuple[int, socket.socket, int]:
        """Fork a worker.

        Returns:
            Its process id, its reply socket and the descriptor of its output.

        Raises:
            GraderFault: If the machine has no room for it.
        """
        answer, fds = self._ask(request, Spawned | NotSpawned)
        if isinstance(answer, NotSpawned):
            raise GraderFault(answer.why, hint="free some room there, or set TMPDIR to a folder elsewhere")
        link, output = fds
        return answer.pid, socket.socket(fileno=link), output

    def kill(self, pid: int) -> Reaped:
        """Kill a worker with all its descendants and wait until they are gone."""
        reaped: Reaped = self._ask(Kill(pid), Reaped)[0]
        return reaped

    def _ask(self, message: Spawn | Kill, answer: Any) -> tuple[Any, list[int]]:
        try:
            _send(self._control, message)
            return _receive(self._control, answer)
        except (EOFError, OSError):
            # It was killed. Its folder is ours to remove, and at once: when the verdict is told, the client hangs up,
            # and the server ends us.
            self.close()
            raise

    def close(self) -> None:
        """End the zygote and every worker still in it."""
        self._control.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        if self._base is not None:
            grade_folders.remove_folder(self._base)  # there only if the zygote was killed


def open_zygote(off: Mapping[str, str], *, forks_ahead: bool = False) -> Zygote:
    """Fork a zygote: the first from a process that has torch loaded and knows no exercise yet.

    Args:
        off: The sandbox's layers that cannot be had, as `sandbox.prepare` told.
        forks_ahead: Whether the first worker is forked before it is asked for.
    """
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        _run(_keep_zygote, theirs, off, forks_ahead)
    theirs.close()
    return Zygote(ours, pid)


def _run(target: Callable[..., None], *args: Any) -> NoReturn:
    """Call `target` in a forked child and end the process there, whatever happens."""
    code = 1
    try:
        target(*args)
        code = 0
    except Exception as error:
        print(f"{target.__name__}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(code)


def _keep_zygote(control: socket.socket, off: Mapping[str, str], forks_ahead: bool) -> None:
    # No death signal here: when the judge ends, the link ends, and the zygote still has to clean up.
    sandbox.hide_memory()
    sandbox.close_descriptors(frozenset({control.fileno()}))
    if sys.platform == "linux":
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    keeper = _Keeper(control, off)
    if forks_ahead:
        keeper.fork_ahead()
    keeper.serve()


class _Forked(NamedTuple):
    """A process that waits for its orders: its number, our end of its link, and where its output is read."""

    pid: int
    link: socket.socket
    output: int


class _Keeper:
    """The zygote's own end: the workers that live, and their folders."""

    def __init__(self, control: socket.socket, off: Mapping[str, str]) -> None:
        self._control = control
        self._begun = Begin("", keeps_base=False)
        self._no_base: str | None = None
        self._off = dict(off)
        self._ahead: _Forked | None = None
        self._folders: dict[int, Path] = {}
        self._memory_mib: dict[int, int] = {}
        self._over_memory: set[int] = set()
        self._watch_s = WATCH_EVERY_S
        self._own_namespace = None if "pid_namespace" in off else os.open("/proc/self/ns/pid", os.O_RDONLY)

    def fork_ahead(self) -> None:
        """Have a process ready for the first worker."""
        self._ahead = self._fork()

    def serve(self) -> None:
        """Fork and reap until the judge has ended, then reap who is left."""
        try:
            while True:
                while self._memory_mib and not select.select([self._control], [], [], self._watch_s)[0]:
                    self._watch_memory()
                try:
                    request, fds = _receive(self._control, Begin | Spawn | Kill)
                except EOFError:  # the judge has ended
                    return
                match request:
                    case Begin():
                        self._begin(request, *fds)
                    case Spawn():
                        self._spawn(request)
                    case Kill():
                        _send(self._control, self._bury(request.pid))
        finally:
            if self._ahead is not None:
                self._bury(self._ahead.pid)
            for pid in list(self._folders):
                self._bury(pid)
            if self._begun.keeps_base:
                grade_folders.remove_folder(Path(self._begun.base))

    def _begin(self, begin: Begin, events_fd: int, stderr_fd: int) -> None:
        """Take the grade on; the descriptor of the events stays open as long as this process lives."""
        self._begun = begin
        for fd in (1, 2):
            os.dup2(stderr_fd, fd)
        os.close(stderr_fd)
        take = grade_folders.make_folder if begin.keeps_base else grade_folders.join_folder
        try:
            take(Path(begin.base))
        except OSError as error:  # told when the first worker is asked for
            self._no_base = error.strerror

    def _spawn(self, request: Spawn) -> None:
        try:
            folder = Path(tempfile.mkdtemp(dir=self._begun.base))
        except OSError as error:
            why = self._no_base or error.strerror
            _send(self._control, NotSpawned(f"no private folder could be made in {self._begun.base}: {why}"))
            return
        forked, self._ahead = self._ahead or self._fork(), None
        with contextlib.suppress(BrokenPipeError):  # killed already: the judge finds out as of any worker
            _send(forked.link, _Orders(request, str(folder)))
        self._folders[forked.pid] = folder
        if request.limits.memory_mib is not None and sys.platform == "linux":
            self._memory_mib[forked.pid] = request.limits.memory_mib
        _send(self._control, Spawned(forked.pid), [forked.link.fileno(), forked.output])
        forked.link.close()
        os.close(forked.output)

    def _fork(self) -> _Forked:
        ours, theirs = socket.socketpair()
        output_read, output_write = os.pipe()
        if self._own_namespace is not None:
            kernel.unshare(kernel.CLONE_NEWPID)
        pid = os.fork()
        if pid == 0:
            _run(_live_as_worker, theirs, output_write, self._off)
        if self._own_namespace is not None:
            kernel.setns(self._own_namespace, kernel.CLONE_NEWPID)
        theirs.close()
        os.close(output_write)
        return _Forked(pid, ours, output_read)

    def _watch_memory(self) -> None:
        """Kill the workers that hold too much; the judge asks for the reaping when it sees the link end."""
        self._watch_s = WATCH_EVERY_S
        started_s = time.monotonic()
        for pid, limit_mib in list(self._memory_mib.items()):
            most_mib = limit_mib + TORCH_MIB  # what torch itself takes is not the learner's
            held = measure_held(pid, most_mib)
            if held.mib > most_mib:
                # The first of a namespace takes all along; elsewhere its group does, except for processes that have left it.
                (os.kill if self._own_namespace is not None else os.killpg)(pid, signal.SIGKILL)
                self._over_memory.add(pid)
                del self._memory_mib[pid]
            elif held.processes > ALONE or held.mib > most_mib / 2:
                # Looking at many takes long itself, and leaves them most of the processor all the same.
                self._watch_s = max(WATCH_CLOSELY_EVERY_S, 4 * (time.monotonic() - started_s))

    def _bury(self, pid: int) -> Reaped:
        others = self._folders.keys() - {pid}
        reaped = kill_namespace(pid) if self._own_namespace is not None else kill_group(pid, others=others)
        self._memory_mib.pop(pid, None)
        if pid in self._over_memory:
            self._over_memory.discard(pid)
            reaped = msgspec.structs.replace(reaped, over_memory=True)
        folder = self._folders.pop(pid, None)
        if folder is not None:
            with contextlib.suppress(OSError):
                remove_tree(folder)
        return reaped


def _live_as_worker(link: socket.socket, output: int, off: Mapping[str, str]) -> None:
    sandbox.die_with_parent()
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    sandbox.close_descriptors(frozenset({link.fileno()}))
    # Before the filter, which refuses shared memory that no limit counts.
    over = mmap.mmap(-1, 1)
    warm_up_reply()
    try:
        orders, _ = _receive(link, _Orders)
    except EOFError:  # it is not needed
        return
    request: Spawn = orders.spawn
    gpu = request.device != "cpu"
    hidden = tuple(map(Path, request.hidden))
    entered = sandbox.enter(
        request.limits, Path(orders.folder), frozenset({link.fileno()}), request.isolation, off, hidden, gpu=gpu
    )
    sandbox.die_with_parent()  # once more: the kernel forgets it where the user changes
    serve_submission(
        link,
        sources=request.sources,
        given=request.given,
        filename=request.filename,
        forbid=request.forbid,
        forbid_operators=request.forbid_operators,
        device=request.device,
        seed=request.seed,
        entered=entered,
        over=over,
    )


def _send(control: socket.socket, message: msgspec.Struct, fds: Sequence[int] = ()) -> None:
    data = msgspec.msgpack.encode(message)
    head = wire.frame_head(len(data))
    if fds:
        socket.send_fds(control, [head], fds)
    else:
        control.sendall(head)
    control.sendall(data)


def _receive(control: socket.socket, kind: Any) -> tuple[Any, list[int]]:
    head, fds, _, _ = socket.recv_fds(control, 8, 2)
    data = _receive_exactly(control, wire.frame_size(head + _receive_exactly(control, 8 - len(head))))
    return msgspec.msgpack.decode(data, type=kind), list(fds)


def _receive_exactly(control: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = control.recv(size - len(data))
        if not part:
            raise EOFError("the other end of the zygote is gone")
        data += part
    return bytes(data)
