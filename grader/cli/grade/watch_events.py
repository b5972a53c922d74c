"""What watching waits for: keys, saves and the ends of grades, all in one inbox."""

import os
import queue
import re
import select
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec import Struct

from grader.cli.context import short_path
from grader.core.errors import StudyError, UsageError
from grader.core.verdict import Verdict

#: How long the folder must be quiet before a save counts as done, and how long we wait for that quiet.
_QUIET_MS, _PATIENCE_MS = 50, 400
#: How often to see whether the folder is still the one we watch.
_CHECK_FOLDER_MS = 500
#: What arrow, function and Alt keys send; the letters in it are not keys of their own.
_ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O?.)?", re.DOTALL)


class Touched(Struct, frozen=True):
    """The learner's file may have changed."""


class Pressed(Struct, frozen=True):
    """A key was pressed."""

    key: str


class GradeEnded(Struct, frozen=True):
    """A grade is over; its outcome is the verdict, or what was raised."""

    outcome: Verdict | BaseException


class Lost(Struct, frozen=True):
    """The folder cannot be watched any longer."""

    error: BaseException


Event = Touched | Pressed | GradeEnded | Lost


class Inbox:
    """The events in order; any thread may put, one thread takes and never waits longer than it wants to."""

    def __init__(self, keys_fd: int | None) -> None:
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._keys_fd = keys_fd
        self._wake_fd, self._ring_fd = os.pipe()
        os.set_blocking(self._ring_fd, False)

    def put(self, event: Event) -> None:
        """Put an event, and wake the thread that waits."""
        self._events.put(event)
        with suppress(BlockingIOError):  # a full pipe wakes as well
            os.write(self._ring_fd, b"\0")

    def take(self, timeout_s: float | None) -> Event | None:
        """Return the next event, or None after `timeout_s`."""
        while True:
            with suppress(queue.Empty):
                return self._events.get_nowait()
            fds = [self._wake_fd, *([] if self._keys_fd is None else [self._keys_fd])]
            ready = select.select(fds, [], [], timeout_s)[0]
            if not ready:
                return None
            if self._wake_fd in ready:
                os.read(self._wake_fd, 2**12)
            if self._keys_fd in ready:
                self._read_keys(self._keys_fd)

    def _read_keys(self, fd: int) -> None:
        try:
            data = os.read(fd, 2**10)
        except OSError:  # the terminal is gone
            data = b""
        if not data:
            self._keys_fd = None
        for key in _ESCAPE.sub("", data.decode("utf-8", "replace")):
            self._events.put(Pressed(key))

    def close(self) -> None:
        """Close the pipe; no thread may put any longer."""
        os.close(self._wake_fd)
        os.close(self._ring_fd)


@contextmanager
def open_keyboard(*, wanted: bool) -> Iterator[int | None]:
    """Let keys come without Enter and unseen while the block runs; the terminal is as before afterwards.

    Yields:
        Where to read keys from; None if they are not wanted or there is no terminal of ours.
    """
    if not wanted or not sys.stdin.isatty():
        yield None
        return
    import termios
    import tty

    fd = sys.stdin.fileno()
    with suppress(OSError):  # a terminal without job control does not stop a process
        if os.tcgetpgrp(fd) != os.getpgrp():  # in the background: touching the terminal would stop us
            fd = -1
    if fd < 0:
        yield None
        return
    before = termios.tcgetattr(fd)
    # A shell gives the terminal back to itself while we are stopped with Ctrl-Z.
    before_resume = signal.signal(signal.SIGCONT, lambda number, frame: tty.setcbreak(fd))
    try:
        tty.setcbreak(fd)
        yield fd
    finally:
        signal.signal(signal.SIGCONT, before_resume)
        termios.tcsetattr(fd, termios.TCSAFLUSH, before)


@contextmanager
def watch_folder(path: Path, inbox: Inbox) -> Iterator[None]:
    """Put `Touched` for every change of a file while the block runs, and `Lost` once its folder is gone.

    The folder is watched, not the file: a file that is saved by renaming another over it is a new one each time.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_follow_folder, args=(path, inbox, stop), name="folder", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _follow_folder(path: Path, inbox: Inbox, stop: threading.Event) -> None:
    folder = path.parent
    try:
        while not stop.is_set():
            identity = _identify(folder)
            if identity is None:
                raise UsageError(
                    f"the folder {short_path(folder)} is gone",
                    hint=f"put it back, then: study start {path.stem}",
                )
            _follow_until_replaced(path, identity, inbox, stop)
    except StudyError as error:
        inbox.put(Lost(error))
    except (OSError, RuntimeError) as error:  # watchfiles raises its own kind of RuntimeError
        text = f"the folder {short_path(folder)} cannot be watched: {error}"
        inbox.put(Lost(UsageError(text, hint=f"WATCHFILES_FORCE_POLLING=1 study watch {path.stem}")))
    except BaseException as error:
        inbox.put(Lost(error))


def _follow_until_replaced(path: Path, identity: tuple[int, int], inbox: Inbox, stop: threading.Event) -> None:
    from watchfiles import watch

    changes = watch(
        path.parent,
        watch_filter=lambda change, changed: os.path.basename(changed) == path.name,
        debounce=_PATIENCE_MS,
        step=_QUIET_MS,
        stop_event=stop,
        rust_timeout=_CHECK_FOLDER_MS,
        yield_on_timeout=True,
        recursive=False,
    )
    is_first = True  # what was saved before the watch began
    for changed in changes:
        if changed or is_first:
            inbox.put(Touched())
        is_first = False
        if _identify(path.parent) != identity:
            return


def _identify(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino)
