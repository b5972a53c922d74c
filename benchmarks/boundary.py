"""Compare calls into a worker with copies of the same memory: `python -m benchmarks.boundary [--rounds N]`.

A tensor goes in (the function returns None), comes out (it returns one that it has), or both. The yardsticks of the
same round: one memcpy of it into fresh memory and one into memory that was written before, and for the small tensor
eight bytes sent to a forked process and back. The worker is a real one, with the sandbox of this machine.
"""

import argparse
import os
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from grader.judge.session import Session
from grader.judge.submission import Submission
from grader.worker import sandbox
from grader.worker.sandbox import Limits
from grader.worker.zygote import Spawn, open_zygote

SIZES = {"1 KiB": 2**10, "64 MiB": 2**26}
#: Of the small ones so many are timed in a row; their mean is the round's figure.
CALLS = {"1 KiB": 50, "64 MiB": 1}
_BYTES_PER_FLOAT = 4
_TIMEOUT_S = 600.0
FRESH, WRITTEN, ECHO = YARDSTICKS = ("memcpy, fresh memory", "memcpy, written memory", "eight bytes, there and back")

LEARNER = f"""
import torch
kept = [torch.ones(size // {_BYTES_PER_FLOAT}) for size in {list(SIZES.values())}]
def take(x): pass
def give(i): return kept[i]
def both(x): return x
"""


@contextmanager
def open_submission() -> Iterator[Submission]:
    """Start a worker for `LEARNER`, and open a check."""
    torch.set_num_threads(1)
    off = sandbox.prepare()
    zygote = open_zygote(off)
    zygote.begin(Path(tempfile.gettempdir(), f"study-{os.urandom(8).hex()}"), events_fd=2, stderr_fd=2)
    limits = Limits(memory_mib=2048)
    spawn = Spawn(sources=(LEARNER,), filename="mine.py", forbid=(), device="cpu", seed=1, limits=limits)
    session = Session(zygote, spawn, {})
    try:
        session.begin_check(seed=1, timeout_s=_TIMEOUT_S)
        print(f"sandbox layers off: {', '.join(sorted(session.layers_off)) or 'none'}")
        yield Submission(session)
    finally:
        session.kill()
        zygote.close()


@contextmanager
def open_echo() -> Iterator[Callable[[], None]]:
    """Fork a process that sends back what it gets; yields what makes one such round trip."""
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        while data := theirs.recv(8):
            theirs.sendall(data)
        os._exit(0)
    theirs.close()

    def go_round() -> None:
        ours.sendall(bytes(8))
        ours.recv(8)

    try:
        yield go_round
    finally:
        ours.close()
        os.waitpid(pid, 0)


def time_calls(call: Callable[[], object], count: int) -> float:
    """Return the mean seconds of `count` calls in a row."""
    started_s = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - started_s) / count


def make_calls(
    submission: Submission, number: int, size: int, go_round: Callable[[], None]
) -> dict[str, Callable[[], object]]:
    """Return what is timed for one size, the yardsticks first."""
    x = torch.ones(size // _BYTES_PER_FLOAT)
    written = torch.zeros_like(x)
    return {
        FRESH: x.clone,
        WRITTEN: lambda: written.copy_(x),
        ECHO: go_round,
        "in": lambda: submission.take(x),
        "out": lambda: submission.give(number),
        "in and out": lambda: submission.both(x),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args().rounds
    with open_echo() as go_round, open_submission() as submission:
        for number, (title, size) in enumerate(SIZES.items()):
            calls = make_calls(submission, number, size, go_round)
            for call in calls.values():  # warms up allocators on both sides
                call()
            seconds: dict[str, list[float]] = {name: [] for name in calls}
            for _ in range(rounds):
                for name, call in calls.items():
                    seconds[name].append(time_calls(call, CALLS[title]))
            show(title, seconds, rounds)


def show(title: str, seconds: dict[str, list[float]], rounds: int) -> None:
    """Print one size's medians and ratios."""
    goal = "under 0.3 ms" if title == "1 KiB" else "at most 3 memcpys into fresh memory"
    print(f"{title} (goal for a call: {goal}): median ms of {rounds} rounds, and the smallest;")
    print("  median ratios to a memcpy into fresh memory, into written memory, to eight bytes there and back")
    for name, found in seconds.items():
        ratios = "".join(
            f" {statistics.median(a / b for a, b in zip(found, seconds[yardstick], strict=True)):9.2f}"
            for yardstick in YARDSTICKS
        )
        print(f"  {name:<28} {statistics.median(found) * 1e3:9.3f} {min(found) * 1e3:9.3f}  {ratios}")


if __name__ == "__main__":
    main()
