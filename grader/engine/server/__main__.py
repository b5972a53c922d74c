"""The server: `python -m grader.engine.server SOCKET`. One thread, which waits, forks engines and reaps them.

It never reads a job: what an exercise holds goes from the client straight to the engine that was forked for it,
so that nothing of one grade can be found in the memory of another.
"""

import fcntl
import gc
import json
import os
import select
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections import deque
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import msgspec

from grader.core.events import Forked, Waiting, encode_event
from grader.core.package import PACKAGE
from grader.engine.server.address import find_files, supersedes
from grader.engine.server.client import GRADE, STATUS, STOP, ask
from grader.engine.server.peer import is_own_user
from grader.engine.threads import limit_threads
from grader.files.own_folder import take_lock
from grader.worker.grade_folders import remove_left

#: A connection that has not said what it wants by then is dropped.
COMMAND_TIMEOUT_S = 2.0
#: Who waits beyond that is sent away, and starts cold.
MAX_WAITING = 400
#: Connections that may be silent at once; one more, and the oldest is dropped. Each takes a descriptor, of 1024.
MAX_SILENT = 100
_BACKLOG = 128
_ALONE = fcntl.LOCK_EX | fcntl.LOCK_NB


class _Running(msgspec.Struct):
    """An engine at work: its process, the descriptor that tells of its end, and its client's connection."""

    pid: int
    ended: int
    link: socket.socket


class _Standby(msgspec.Struct):
    """An engine that is ready for a grade: its process, the descriptor that tells of its end, and the way to it."""

    pid: int
    ended: int
    control: socket.socket


class _Silent(msgspec.Struct):
    """A connection that has not said yet what it wants, and until when it may."""

    link: socket.socket
    until_s: float


class Server:
    """Waits on its socket until it is idle for long or told to stop.

    As many engines run at once as there are cores; more would take each other's time, and a check that is
    right but waits for its turn could run out of its own. The other clients wait in line.
    """

    def __init__(self, listener: socket.socket, idle_s: float, max_engines: int, started_in: str) -> None:
        self._listener = listener
        self._started_in = started_in
        self._idle_s = idle_s
        self._max_engines = max_engines
        self._waiting: deque[tuple[socket.socket, int]] = deque()
        self._running: dict[int, _Running] = {}
        self._silent: dict[int, _Silent] = {}  # by descriptor, the oldest first
        self._standby: _Standby | None = None
        self._poll = select.poll()
        self._poll.register(listener, select.POLLIN)
        self._stopping = False
        self._graded = 0
        self._started_s = self._busy_s = time.monotonic()

    def serve(self) -> None:
        """Serve until idle or stopped; engines that run or wait are served first."""
        self._get_ready()
        while not (self._stopping and not self._running):
            left_s = self._busy_s + self._idle_s - time.monotonic()
            if left_s <= 0 and not self._running:
                return
            wait_s = [] if self._running else [left_s]
            wait_s += [silent.until_s - time.monotonic() for silent in list(self._silent.values())[:1]]
            for fd, event in self._poll.poll(max(min(wait_s), 0.001) * 1000 if wait_s else None):
                if fd == self._listener.fileno():
                    self._accept()
                elif fd in self._silent:
                    self._hear(fd)
                elif fd in self._running:
                    self._attend(fd, event)
                elif self._standby is not None and fd == self._standby.ended:  # it was killed
                    self._dismiss_standby()
            self._drop_silent()

    def _accept(self) -> None:
        """Accept a connection; a client that says nothing does not delay the others."""
        try:
            link, _ = self._listener.accept()
        except OSError:  # it hung up before we came to it, or we have no descriptor left
            return
        if not is_own_user(link):
            link.close()
            return
        if len(self._silent) >= MAX_SILENT:
            self._close_silent(next(iter(self._silent)))
        link.settimeout(COMMAND_TIMEOUT_S)
        self._silent[link.fileno()] = _Silent(link, time.monotonic() + COMMAND_TIMEOUT_S)
        self._poll.register(link, select.POLLIN)

    def _hear(self, fd: int) -> None:
        link = self._silent.pop(fd).link
        self._poll.unregister(fd)
        kept = False
        fds: list[int] = []
        try:
            command, fds, _, _ = socket.recv_fds(link, len(GRADE), 1)
            kept = self._obey(command, fds, link)
        except OSError:  # it hung up
            pass
        finally:
            if not kept:
                for fd in fds:
                    os.close(fd)
                link.close()

    def _drop_silent(self) -> None:
        now_s = time.monotonic()
        for fd in [fd for fd, silent in self._silent.items() if silent.until_s <= now_s]:
            self._close_silent(fd)

    def _close_silent(self, fd: int) -> None:
        self._poll.unregister(fd)
        self._silent.pop(fd).link.close()

    def _obey(self, command: bytes, fds: list[int], link: socket.socket) -> bool:
        """Do what a client asks; True if its connection and descriptor are still needed."""
        self._busy_s = time.monotonic()
        if command == GRADE and len(fds) == 1 and not self._stopping and len(self._waiting) < MAX_WAITING:
            link.sendall(encode_event(Waiting()))
            link.settimeout(None)
            self._waiting.append((link, fds[0]))
            self._fork_next()
            return True
        if command in (STATUS, STOP):
            link.sendall(json.dumps(self._status()).encode())
        if command == STOP and not self._stopping:
            self._stop()
        return False

    def _fork_next(self) -> None:
        while self._waiting and len(self._running) // 2 < self._max_engines:
            link, stderr = self._waiting.popleft()
            self._hand_over(link, stderr)
            os.close(stderr)

    def _stop(self) -> None:
        self._stopping = True
        self._poll.unregister(self._listener)
        self._listener.close()
        self._dismiss_standby()

    def _get_ready(self) -> None:
        """Fork the engine for the next grade before a client asks for it."""
        if self._standby is None and not self._stopping and len(self._running) // 2 < self._max_engines:
            self._standby = self._fork()
            self._poll.register(self._standby.ended, select.POLLIN)

    def _dismiss_standby(self) -> None:
        """End the engine that is ready, or take notice that it has ended."""
        standby, self._standby = self._standby, None
        if standby is not None:
            self._poll.unregister(standby.ended)
            standby.control.close()
            os.waitpid(standby.pid, 0)
            os.close(standby.ended)

    def _hand_over(self, link: socket.socket, stderr: int) -> None:
        self._get_ready()
        engine, self._standby = self._standby, None
        assert engine is not None
        self._poll.unregister(engine.ended)
        with engine.control, suppress(OSError):  # it was killed: the client sees that it gets no verdict
            socket.send_fds(engine.control, [b"!"], [link.fileno(), stderr])
        running = _Running(engine.pid, engine.ended, link)
        self._running |= {running.ended: running, link.fileno(): running}
        self._poll.register(running.ended, select.POLLIN)
        self._poll.register(link, select.POLLRDHUP)

    def _fork(self) -> _Standby:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            _become_engine(theirs)
        theirs.close()
        return _Standby(pid, os.pidfd_open(pid), ours)

    def _attend(self, fd: int, event: int) -> None:
        running = self._running[fd]
        if fd == running.ended:
            os.waitpid(running.pid, 0)
            self._forget(running)
        elif event:  # the client has gone: its verdict is not wanted any more
            self._poll.unregister(fd)
            with suppress(ProcessLookupError):
                os.kill(running.pid, signal.SIGKILL)

    def _forget(self, running: _Running) -> None:
        link_fd = running.link.fileno()
        with suppress(KeyError):  # unregistered already, when the client hung up
            self._poll.unregister(link_fd)
        self._poll.unregister(running.ended)
        del self._running[link_fd], self._running[running.ended]
        os.close(running.ended)
        running.link.close()
        self._graded += 1
        self._busy_s = time.monotonic()
        self._fork_next()
        self._get_ready()
        if not self._running:
            # A grade whose zygote was killed, and whose engine was ended before it could clear up, leaves its folder.
            with suppress(OSError):
                remove_left()

    def _status(self) -> dict[str, object]:
        now_s = time.monotonic()
        return {
            "pid": os.getpid(),
            "standby": self._standby.pid if self._standby is not None else None,
            "running": len(self._running) // 2,
            "waiting": len(self._waiting),
            "graded": self._graded,
            "up_s": round(now_s - self._started_s),
            "idle_s": round(now_s - self._busy_s),
            "memory_mib": _memory_mib(),
            "python": sys.prefix,
            "package": str(PACKAGE),
            "started_in": self._started_in,
        }


def _become_engine(control: socket.socket) -> NoReturn:
    """Be an engine, for the client that the server will hand over."""
    code = 1
    try:
        from grader.engine.serve import Caller, serve
        from grader.worker.sandbox import close_descriptors
        from grader.worker.warm_up import warm_up_call

        os.setsid()
        close_descriptors(frozenset({control.fileno()}))

        def meet() -> Caller:
            warm_up_call()
            word, fds, _, _ = socket.recv_fds(control, 1, 2)
            if not word:
                raise EOFError("the server has ended")
            link, stderr = fds
            for fd in (1, 2):
                os.dup2(stderr, fd)
            os.close(stderr)
            control.close()
            caller = Caller(
                os.fdopen(link, "rb", closefd=False),
                os.fdopen(link, "wb", buffering=0, closefd=False),
            )
            caller.emit(Forked())
            return caller

        serve(meet)
        code = 0
    except Exception:
        traceback.print_exc()  # the client shows it, if it gets no verdict from a second engine either
    finally:
        os._exit(code)


def _memory_mib() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) // 1024
    return 0


def preload() -> None:
    """Import all that a grade imports, and settle the heap for forking."""
    import torch
    import torch.testing

    from grader.judge.pytest_run import Checks, run_checks
    from grader.worker.filesystem import readable_folders
    from grader.worker.kernel import use_huge_pages
    from grader.worker.observe import Observer
    from grader.worker.optimizers import spare_compiler
    from grader.worker.sandbox import prepare_filters
    from grader.worker.warm_up import warm_up_call, warm_up_reply

    for name in ("plugin", "survey", "declared", "signatures", "own_memory"):
        import_module(f"grader.judge.{name}")
    import_module("grader.engine.serve")
    limit_threads()
    spare_compiler()
    with Observer(("ops",)):
        torch.zeros(1)
    with suppress(OSError):  # each engine tells why
        prepare_filters()
    readable_folders(gpu=False)
    warm_up_reply()
    warm_up_call()
    with tempfile.TemporaryDirectory() as folder:
        # pytest imports its parts when it first runs. The name is not checks.py, which would stay imported.
        empty = Path(folder) / "warm_up.py"
        empty.write_text("def test_nothing():\n    pass\n")
        run_checks(lambda: Checks(empty, object()))
    gc.collect()
    gc.freeze()  # a collection in a child would touch, and so copy, every page of torch's objects
    use_huge_pages()


def _clear_folder(folder: Path, own: Path) -> None:
    """Remove what killed servers left, and let end those that differ by nothing but being of other versions."""
    for path in find_files(folder, ".lock"):
        if path == own:
            continue
        lock = take_lock(path, _ALONE)
        if lock is not None:
            for stale in (path.with_suffix(".sock"), path):
                stale.unlink(missing_ok=True)
            os.close(lock)
    remove_left()
    for path in find_files(folder, ".sock"):
        if supersedes(own.with_suffix(".sock"), path):
            ask(STOP, path)


def _find_working_folder() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:  # it has gone already
        return "a folder that is gone"


def main() -> int:
    """Serve on the socket named on the command line, unless another server does."""
    path, idle_s = Path(sys.argv[1]), float(sys.argv[2])
    started_in = _find_working_folder()
    os.chdir("/")  # the folder it was started from may go
    lock_path = path.with_suffix(".lock")
    if take_lock(lock_path, _ALONE) is None:
        return 0
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    from grader.worker.sandbox import hide_memory

    hide_memory()
    preload()
    path.unlink(missing_ok=True)  # what a killed server left behind; its lock is ours now
    _clear_folder(path.parent, lock_path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    path.chmod(0o600)
    listener.listen(_BACKLOG)
    try:
        Server(listener, idle_s, max_engines=len(os.sched_getaffinity(0)), started_in=started_in).serve()
    finally:
        path.unlink(missing_ok=True)
        lock_path.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
