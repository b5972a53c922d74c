"""One place where attacks are graded: an engine with a TMPDIR and a secret of its own, and a look at what it leaves."""

import ctypes
import hashlib
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from grader.core.events import Event
from grader.core.models import Exercise
from grader.core.verdict import Verdict
from grader.engine.client import Engine
from tests.processes import processes_at_rest
from tests.support.jobs import make_job
from tests.warm_engine import WarmEngine

#: Stands in the engine's environment, where a submission may go looking.
ENVIRONMENT_MARKER = "vault-marker-environment"
#: A grade that takes so long hangs: it is called off, and the test fails.
HANGS_AFTER_S = 40.0
#: What the end of a grade may take: the zygotes reap their workers after the verdict is out.
LEFT_OVER_PATIENCE_S = 5.0
#: Of every grade; a large one, which a submission would not find by trying small numbers.
SEED = 20_011
_PR_SET_CHILD_SUBREAPER = 36


class WatchedEngine:
    """Grades submissions, and tells what they leave behind in processes and files."""

    def __init__(self, tmp: Path) -> None:
        self._tmp = tmp
        # Whatever a grade leaves behind becomes our child instead of the init process's.
        _adopt_orphans(True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TMPDIR", str(tmp))
            patch.setenv("VAULT_SECRET", ENVIRONMENT_MARKER)
            self._warm = WarmEngine()
        self._running_before: set[int] = set()

    def grade(self, exercise: Exercise, folder: Path, submission: str, events: list[Event]) -> Verdict:
        """Grade a submission.

        Raises:
            Cancelled: If the grade hangs.
        """
        self._running_before = set(_find_descendants())
        with self._warm.in_reach():
            engine = Engine()
        alarm = threading.Timer(HANGS_AFTER_S, engine.cancel)
        alarm.start()
        try:
            return engine.grade(make_job(exercise, folder, submission, seed=SEED), events.append)
        finally:
            alarm.cancel()

    def left_processes(self) -> list[str]:
        """Return what still runs of the last grade, after waiting a little for it to end."""
        until_s = time.monotonic() + LEFT_OVER_PATIENCE_S
        while (left := self._find_new()) and time.monotonic() < until_s:
            time.sleep(0.005)
        return left

    def _find_new(self) -> list[str]:
        known = self._running_before | processes_at_rest(self._warm.status())
        return [f"{pid} {name}" for pid, name in _find_descendants().items() if pid not in known]

    def left_files(self) -> list[str]:
        """Return what lies in TMPDIR."""
        return sorted(str(path.relative_to(self._tmp)) for path in self._tmp.rglob("*"))

    def close(self) -> None:
        """End the engine."""
        self._warm.close()
        _adopt_orphans(False)


def _find_descendants() -> dict[int, str]:
    """Return the living processes under this one, by process id; none where there is no /proc."""
    parents, names = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, tail = stat.read_text(errors="replace").rpartition(")")
        except OSError:  # it ended while we looked
            continue
        state, parent = tail.split()[:2]
        if state != "Z":
            pid = int(stat.parent.name)
            parents[pid], names[pid] = int(parent), head.partition("(")[2]
    return {pid: names[pid] for pid in parents if _descends(pid, parents, os.getpid())}


def _descends(pid: int, parents: dict[int, int], root: int) -> bool:
    while pid in parents:
        pid = parents[pid]
        if pid == root:
            return True
    return False


def _adopt_orphans(on: bool) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, ctypes.c_ulong(on), 0, 0, 0)


def fingerprint(folder: Path) -> dict[str, str]:
    """Return a digest of every file under a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
