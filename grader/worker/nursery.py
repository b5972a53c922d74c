"""The nursery: a process that holds nothing but torch, and forks a worker whenever the judge asks.

It is forked before the judge reads the exercise, so that no worker's memory can hold a hidden check, the
reference or an expected value. Mutants, which are made from the solution, grow in a nursery of their own. It also buries the workers: a whole process group at once, then whatever
fled from the group, and only then does it answer.
"""

import contextlib
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from ctypes import CDLL, c_ulong
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import torch

from grader import wire
from grader.worker import sandbox
from grader.worker.serve import serve_submission

_PR_SET_CHILD_SUBREAPER = 36
#: A killed process is gone within milliseconds unless the kernel is stuck; then waiting longer is no help.
BURIAL_PATIENCE_S = 5.0


class Spawn(msgspec.Struct, frozen=True, tag=True):
    """Fork a worker for these sources (executed one after the other in one namespace)."""

    sources: tuple[str, ...]
    filename: str
    forbid: tuple[str, ...]
    device: str
    seed: int
    limits: sandbox.Limits


class Kill(msgspec.Struct, frozen=True, tag=True):
    """Kill the worker with this process id and everything it started."""

    pid: int


class Spawned(msgspec.Struct, frozen=True, tag=True):
    """A worker runs; its reply socket and its output pipe travel beside this message."""

    pid: int


class Buried(msgspec.Struct, frozen=True, tag=True):
    """The worker and its descendants are gone; `status` is what waitpid said of the worker."""

    status: int
    survivors: int


class Nursery:
    """The judge's end of the nursery."""

    def __init__(self, control: socket.socket, pid: int) -> None:
        self._control = control
        self.pid = pid

    def spawn(self, request: Spawn) -> tuple[int, socket.socket, int]:
        """Fork a worker. Returns its process id, its reply socket and the descriptor of its output."""
        _send(self._control, request)
        answer, fds = _receive(self._control, Spawned)
        link, output = fds
        return answer.pid, socket.socket(fileno=link), output

    def kill(self, pid: int) -> Buried:
        """Kill a worker with all its descendants and wait until they are gone."""
        _send(self._control, Kill(pid))
        buried: Buried = _receive(self._control, Buried)[0]
        return buried

    def let_go(self) -> None:
        """Close our end of the link without ending the nursery: somebody else has another."""
        self._control.close()

    def close(self) -> None:
        """End the nursery and every worker still in it."""
        self._control.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def open_nursery(*, beside: Nursery | None = None) -> Nursery:
    """Fork a nursery from a process that has torch loaded and knows no exercise yet.

    Args:
        beside: One that was opened before. The new one lets go of its link, which could not end otherwise.
    """
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        if beside is not None:
            beside.let_go()
        _run(_keep_nursery, theirs)
    theirs.close()
    return Nursery(ours, pid)


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


def _keep_nursery(control: socket.socket) -> None:
    # No death signal here: when the judge ends, the link ends, and the nursery still has to clean up.
    sandbox.hide_memory()
    if sys.platform == "linux":
        CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, c_ulong(1), 0, 0, 0)
    folders: dict[int, Path] = {}
    try:
        while True:
            try:
                request, _ = _receive(control, Spawn | Kill)
            except EOFError:  # the judge has ended
                return
            if isinstance(request, Spawn):
                pid, folder, link, output = _fork_worker(request, control)
                folders[pid] = folder
                _send(control, Spawned(pid), [link.fileno(), output])
                link.close()
                os.close(output)
            else:
                answer = _bury(request.pid, others=set(folders) - {request.pid})
                _remove(folders.pop(request.pid, None))
                _send(control, answer)
    finally:
        for pid in list(folders):
            _bury(pid, others=set())
            _remove(folders[pid])


@cache
def _import_optimizers() -> None:
    """Build an optimizer once: the first one imports torch's compiler, a second that is not the learner's."""
    torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))])


def _fork_worker(request: Spawn, control: socket.socket) -> tuple[int, Path, socket.socket, int]:
    if any("optim" in source for source in request.sources):
        _import_optimizers()
    folder = Path(tempfile.mkdtemp(prefix="study-"))
    ours, theirs = socket.socketpair()
    output_read, output_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        control.close()
        ours.close()
        os.close(output_read)
        _run(_live_as_worker, request, theirs, output_write, folder)
    theirs.close()
    os.close(output_write)
    return pid, folder, ours, output_read


def _live_as_worker(request: Spawn, link: socket.socket, output: int, folder: Path) -> None:
    sandbox.die_with_parent()
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    layers = sandbox.enter(request.limits, folder, frozenset({link.fileno()}))
    serve_submission(
        link,
        sources=request.sources,
        filename=request.filename,
        forbid=request.forbid,
        device=request.device,
        seed=request.seed,
        layers=layers,
    )


def _bury(pid: int, *, others: set[int]) -> Buried:
    """Kill one worker's group, then every orphan that became ours, and reap until none is left."""
    status = 0
    reaped: set[int] = set()
    deadline = time.monotonic() + BURIAL_PATIENCE_S
    with contextlib.suppress(ProcessLookupError, PermissionError):  # gone, or not yet a group of its own
        os.killpg(pid, signal.SIGKILL)
    while True:
        left = _children(of_ours=pid) - others - reaped
        for child in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                done, code = os.waitpid(child, os.WNOHANG)
                reaped.update({done} - {0})
                status = code if done == pid else status
        if not left:
            return Buried(status, 0)
        if time.monotonic() > deadline:
            return Buried(status, len(left))
        time.sleep(0.001)


def _children(*, of_ours: int) -> set[int]:
    """Return the process ids of our children: workers, and orphans the kernel gave us as their subreaper."""
    try:
        return {int(p) for p in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}
    except OSError:  # no /proc (macOS): its group was killed, and there is no subreaper to ask
        return {of_ours}


def _remove(folder: Path | None) -> None:
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


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
            raise EOFError("the other end of the nursery is gone")
        data += part
    return bytes(data)
