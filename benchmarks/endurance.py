"""Grade two thousand times in a row and look for what is left behind: `python -m benchmarks.endurance [--grades N]`.

Most submissions are right, the others wrong, broken, killed by a signal, or still running when their time is up. What
a grade may leave is counted before, after some grades that fill caches, and at the end: processes and zombies under
this one (which adopts all orphans), their process namespaces, the open files and memory of server and client, mounts,
and files in a temporary folder that nobody else uses. The exit code is 1 if any of it has grown.
"""

import argparse
import ctypes
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.pool import ThreadPool
from pathlib import Path

import msgspec

from benchmarks.grade import TOY
from grader.core.models import Exercise
from grader.course import load_content
from grader.engine.client import Engine
from grader.worker.kernel import PR_SET_CHILD_SUBREAPER
from tests.support.jobs import make_job
from tests.support.processes import processes_at_rest
from tests.support.warm_engine import WarmEngine

RIGHT = (TOY.folder / "solution.py").read_text()
#: A submission by what comes of its first check, and one grade of so many that is it: the first that divides.
KINDS = {
    "timed_out": ("import time\ndef double(x):\n    time.sleep(60)\n", 200),
    "crashed": ("import os, signal\ndef double(x):\n    os.kill(os.getpid(), signal.SIGSEGV)\n", 17),
    "errored": ("def double(x):\n    raise ValueError(x)\n", 7),
    "failed": (RIGHT + "\n\n" + (TOY.folder / "mutants" / f"{TOY.wrong}.py").read_text(), 3),
    "passed": (RIGHT, 1),
}
#: A check's own time: the submissions that use it up shall not take minutes.
TIMEOUT_S = 0.5
_WARM_UP = 50
#: Allocators and the kernel's accounting move by some pages; a leak of 1 KiB a grade would be 2 MiB.
MEMORY_SLACK_KIB = 1024


class Census(msgspec.Struct):
    """What there is at one moment."""

    processes: int
    zombies: int
    pid_namespaces: int
    server_descriptors: int
    client_descriptors: int
    temporary_files: int
    mounts: int
    server_memory_kib: int
    client_memory_kib: int

    def grown(self, before: "Census") -> list[str]:
        """Name what there is more of than before."""
        slack = {"server_memory_kib": MEMORY_SLACK_KIB, "client_memory_kib": MEMORY_SLACK_KIB}
        return [
            name for name in self.__struct_fields__ if getattr(self, name) > getattr(before, name) + slack.get(name, 0)
        ]


def take_census(server: int, folder: Path) -> Census:
    """Count what this process's descendants hold; a zombie's namespaces are gone with it."""
    ours = list(_descendants(os.getpid()))
    namespaces = {os.readlink(f"/proc/{pid}/ns/pid") for pid in ours if _state(pid) != "Z"}
    return Census(
        processes=len(ours),
        zombies=sum(_state(pid) == "Z" for pid in ours),
        pid_namespaces=len(namespaces),
        server_descriptors=len(os.listdir(f"/proc/{server}/fd")),
        client_descriptors=len(os.listdir("/proc/self/fd")),
        temporary_files=sum(len(names) + len(files) for _, names, files in os.walk(folder)),
        mounts=len(Path("/proc/self/mountinfo").read_text().splitlines()),
        server_memory_kib=_memory_kib(server),
        client_memory_kib=_memory_kib(os.getpid()),
    )


def _descendants(pid: int) -> Iterator[int]:
    for task in os.listdir(f"/proc/{pid}/task"):
        for child in map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split()):
            yield child
            yield from _descendants(child)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def _memory_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def choose_kind(number: int) -> str:
    """Return which kind of submission the grade of that number is for."""
    return next(kind for kind, (_, every) in KINDS.items() if number % every == every - 1)


def grade(exercise: Exercise, number: int) -> str:
    """Grade through the server in reach; returns the kind.

    Raises:
        SystemExit: If the first check came out otherwise.
    """
    kind = choose_kind(number)
    engine = Engine()
    try:
        job = make_job(exercise, TOY.folder, f"{KINDS[kind][0]}\n# {number}\n", seed=number)
        verdict = engine.grade(job)
    finally:
        engine.stop()
    if not engine.warm or verdict.checks[0].status != kind:
        raise SystemExit(f"grade {number} ({kind}, by the server: {engine.warm}) came out as {verdict}")
    return kind


def main() -> None:
    """Grade, count, and print what has grown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grades", type=int, default=2000)
    grades = parser.parse_args().grades
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["TMPDIR"] = tempfile.tempdir = temporary  # the server's and its workers' too
        content = load_content(TOY.course).exercises[TOY.name]
        checks = tuple(msgspec.structs.replace(check, timeout_s=TIMEOUT_S) for check in content.checks)
        exercise = msgspec.structs.replace(content, checks=checks)
        warm = WarmEngine()
        try:
            server = int(warm.status()["pid"])
            with warm.in_reach(), ThreadPool(len(os.sched_getaffinity(0))) as pool:
                pool.map(lambda n: grade(exercise, n), range(_WARM_UP))
                _wait_until_idle(warm)
                before = take_census(server, Path(temporary))
                started_s = time.perf_counter()
                kinds = Counter(pool.imap_unordered(lambda n: grade(exercise, n), range(grades)))
                elapsed_s = time.perf_counter() - started_s
                _wait_until_idle(warm)
                after = take_census(server, Path(temporary))
        finally:
            warm.close()
    print(f"{grades} grades in {elapsed_s:.0f} s: " + ", ".join(f"{n} {kind}" for kind, n in kinds.most_common()))
    for name in Census.__struct_fields__:
        print(f"  {name.replace('_', ' '):<20} {getattr(before, name):>9} {getattr(after, name):>9}")
    grown = after.grown(before)
    print(f"grown: {', '.join(grown).replace('_', ' ') or 'nothing'}   (goal: nothing)")
    sys.exit(1 if grown else 0)


def _wait_until_idle(warm: WarmEngine) -> None:
    """The server learns of its engine's end after the client has its verdict, and then gets the next one ready."""
    until_s = time.monotonic() + 10
    while time.monotonic() < until_s:
        status = warm.status()
        if not status["running"] and len(processes_at_rest(status)) == 4:
            return
        time.sleep(0.01)


if __name__ == "__main__":
    main()
