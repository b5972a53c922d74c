"""How much a worker's processes hold together: counted over all of them, and never a stumble when one ends."""

import mmap
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from grader.worker.memory import held_mib

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
BLOCK_MIB = 64


@contextmanager
def running(target: Callable[[], None]) -> Iterator[int]:
    """Fork a group of processes that does something until it is killed."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            target()
        finally:
            os._exit(0)
    try:
        yield pid
    finally:
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def hold(children: int) -> None:
    """Take a block here and in every child, then sleep."""
    for _ in range(children):
        if os.fork() == 0:
            break
    block = mmap.mmap(-1, BLOCK_MIB * 2**20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    block.write(b"x" * (BLOCK_MIB * 2**20))
    time.sleep(60)


def churn() -> None:
    """Start processes that end at once, for ever."""
    while True:
        born = []
        for _ in range(6):
            pid = os.fork()
            if pid == 0:
                time.sleep(0.002)
                os._exit(0)
            born.append(pid)
        for pid in born:
            os.waitpid(pid, 0)


def test_blocks_of_all_children_add_up() -> None:
    with running(lambda: hold(children=3)) as pid:
        until_s = time.monotonic() + 20
        while (held := held_mib(pid)) < 4 * BLOCK_MIB and time.monotonic() < until_s:
            time.sleep(0.05)
    assert 4 * BLOCK_MIB <= held < 8 * BLOCK_MIB + 300


def test_worker_with_only_a_checks_child_is_left_to_its_own_limit() -> None:
    with running(lambda: hold(children=1)) as pid:
        time.sleep(0.5)
        assert held_mib(pid) == 0.0


def test_process_that_is_gone_holds_nothing() -> None:
    with running(lambda: None) as pid:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert held_mib(pid) == 0.0


def test_processes_that_end_while_they_are_counted_are_no_stumbling_block() -> None:
    with running(churn) as pid:
        counted = [held_mib(pid) for _ in range(5000)]
    assert len(counted) == 5000
