"""End a worker with all that it started, and wait until the kernel says that they are gone."""

import contextlib
import os
import select
import signal
import time
from collections.abc import Set
from pathlib import Path

import msgspec

#: A killed process is gone within milliseconds unless the kernel is stuck; then waiting longer is no help.
BURIAL_PATIENCE_S = 5.0


class Reaped(msgspec.Struct, frozen=True, tag=True):
    """The worker and its descendants are gone; `status` is what waitpid said of the worker."""

    status: int
    survivors: int
    #: It was killed because it and its descendants together held more than its limit.
    over_memory: bool = False


def kill_namespace(pid: int) -> Reaped:
    """Kill the first process of a namespace; the kernel kills all others before that one can be waited for."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    gone = os.pidfd_open(pid)
    try:
        if not select.select([gone], [], [], BURIAL_PATIENCE_S)[0]:
            return Reaped(0, 1)
    finally:
        os.close(gone)
    return Reaped(os.waitpid(pid, 0)[1], 0)


def kill_group(pid: int, *, others: Set[int]) -> Reaped:
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
            return Reaped(status, 0)
        if time.monotonic() > deadline:
            return Reaped(status, len(left))
        time.sleep(0.001)


def _children(*, of_ours: int) -> set[int]:
    """Return the process ids of our children: workers, and orphans the kernel gave us as their subreaper."""
    try:
        return {int(p) for p in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}
    except OSError:  # no /proc (macOS): its group was killed, and there is no subreaper to ask
        return {of_ours}
