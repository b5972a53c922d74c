"""Find a running server, start one, ask it. Nothing here is needed for a grade: without a server it is slower."""

import os
import socket
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from grader.engine.server.address import engine_environment, find_files, find_folder, find_socket
from grader.engine.server.peer import is_own_user
from grader.engine.server.settings import is_wanted, read_idle_s

#: Commands are of one length, so that the server can read them without waiting for the rest.
GRADE, STATUS, STOP = b"grade   ", b"status  ", b"stop    "
#: A server that takes longer to fork is stuck, or the machine is; a cold start is then the safer way.
ANSWER_TIMEOUT_S = 3.0


def connect(command: bytes, socket_path: Path | None = None, fds: tuple[int, ...] = ()) -> socket.socket | None:
    """Send a command to this process's server.

    Args:
        command: GRADE, STATUS or STOP.
        socket_path: Another server's socket; by default the one for this very process.
        fds: Descriptors that go with it.

    Returns:
        The connection, on which it answers; None if no server of this user listens there.
    """
    path = socket_path or find_socket()
    if path is None:
        return None
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        link.settimeout(ANSWER_TIMEOUT_S)
        link.connect(str(path))
        if not is_own_user(link):
            raise PermissionError(f"{path} belongs to another user")
        socket.send_fds(link, [command], fds)
    except OSError:  # no server is there, it is too busy, or it is not ours: the answer is the same
        link.close()
        return None
    return link


def start_in_background() -> bool:
    """Start a server for the grades to come, without waiting for it; False if none is wanted or possible.

    Two that are started at once are no harm: the second sees the first one's lock and ends.

    Raises:
        UsageError: If a variable for the server cannot be used.
    """
    idle_s = read_idle_s()
    path = find_socket() if is_wanted() else None
    if path is None:
        return False
    if path.exists():
        link = connect(STATUS, path)
        if link is not None:  # it runs already
            link.close()
            return True
    command = [
        sys.executable,
        "-P",
        "-m",
        "grader.engine.server",
        str(path),
        str(idle_s),
    ]
    quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    with suppress(OSError):  # no room for one more process: then it stays slow
        # Not subprocess, which would want to wait for what is meant to outlive us.
        os.posix_spawn(sys.executable, command, engine_environment(), file_actions=quiet, setsid=True)
        return True
    return False


def ask(command: bytes, socket_path: Path) -> list[dict[str, Any]]:
    """Send STATUS or STOP to one server; returns its answer, or nothing if there is none."""
    link = connect(command, socket_path)
    if link is None:
        return []
    with link, suppress(OSError, ValueError):  # it ended while we asked
        data = b""
        while part := link.recv(65536):
            data += part
        return [msgspec.json.decode(data)]
    return []


def ask_all(command: bytes, *, others: bool = True) -> list[dict[str, Any]]:
    """Send STATUS or STOP to the servers of this user, the one for this very process first.

    Args:
        command: What to send.
        others: Whether also to those of other installs, environments and versions.

    Returns:
        Their answers, and with each under "own" whether it is the one for this process.
    """
    folder, own = find_folder(), find_socket()
    if folder is None or own is None:
        return []
    paths = [own, *(path for path in find_files(folder, ".sock") if others and path != own)]
    return [answer | {"own": path == own} for path in paths for answer in ask(command, path)]


def wait_until_gone(timeout_s: float, pids: Collection[int] | None = None) -> bool:
    """Wait until no server of this user answers; False if one still does after the time.

    Args:
        timeout_s: For so long.
        pids: Only those are waited for, if given.
    """
    until_s = time.monotonic() + timeout_s
    while any(pids is None or answer["pid"] in pids for answer in ask_all(STATUS)):
        if time.monotonic() > until_s:
            return False
        time.sleep(0.05)
    return True
