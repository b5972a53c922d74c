"""How much a worker's processes hold together: counted over all of them, and never a stumble when one ends."""

import ctypes
import mmap
import os
import socket
import sys
import time

import pytest

from grader.worker import kernel, memory, sandbox
from grader.worker.memory import measure_held
from tests.support.processes import children, orphans_come_to_us, session_of, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a network namespace")
BLOCK_MIB = 64
MAP_NORESERVE, MADV_NOHUGEPAGE = 0x4000, 15
#: More than any group here holds.
ENOUGH_MIB = 1e6


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


def own_mib() -> int:
    """Return what this process holds: a child that is forked from it shares that, and is counted with it."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon")) >> 10


def test_blocks_of_all_children_add_up() -> None:
    with session_of(lambda: hold(children=3)) as pid:
        until_s = time.monotonic() + 20
        while (held := measure_held(pid, ENOUGH_MIB).mib) < 4 * BLOCK_MIB and time.monotonic() < until_s:
            time.sleep(0.05)
    assert 4 * BLOCK_MIB <= held < 4 * (BLOCK_MIB + own_mib()) + 300


def test_worker_and_a_checks_child_are_counted_together() -> None:
    with session_of(lambda: hold(children=1)) as pid:
        limit_mib = 2 * BLOCK_MIB
        wait_until(lambda: measure_held(pid, limit_mib).mib > limit_mib, "both blocks")
        assert measure_held(pid, ENOUGH_MIB).processes == 2


def hold_tables() -> None:
    """Read a byte in every 2 MiB of a mapping of 32 GiB: it takes 64 MiB of tables, and no memory of its own."""
    libc = ctypes.CDLL(None)
    libc.mmap.restype, libc.mmap.argtypes = ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 4]
    size, span = 32 << 30, 2 << 20
    start = libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(size), MADV_NOHUGEPAGE)
    for offset in range(0, size, span):
        ctypes.string_at(start + offset, 1)
    time.sleep(60)


def test_tables_of_pages_count() -> None:
    with session_of(hold_tables) as pid:
        wait_until(lambda: memory._shared_out_mib(pid, 0.0) >= 64, "64 MiB of tables")


@needs_root
def test_sockets_in_a_network_namespace_of_their_own_count_as_full() -> None:
    def hold_sockets() -> None:
        kernel.unshare(kernel.CLONE_NEWNET)
        pairs = [socket.socketpair() for _ in range(50)]
        time.sleep(60)
        del pairs

    with session_of(hold_sockets) as pid:
        wait_until(lambda: memory._sockets_mib(pid) >= 100 * 0.4, "what a hundred sockets may hold")


def test_process_that_hides_its_memory_is_charged_for_all_it_shares() -> None:
    def hide() -> None:
        sandbox.hide_memory()
        hold(children=3)

    with session_of(hide) as pid:
        wait_until(lambda: measure_held(pid, 3 * BLOCK_MIB).mib > 3 * BLOCK_MIB, "more than three blocks")


def test_orphan_of_a_workers_session_counts_where_it_becomes_ours() -> None:
    def double_fork() -> None:
        pid = os.fork()
        if pid == 0:
            if os.fork() == 0:
                hold(children=0)
            os._exit(0)
        os.waitpid(pid, 0)
        time.sleep(60)

    before = len(children(os.getpid()))
    with orphans_come_to_us(), session_of(double_fork) as pid:
        wait_until(lambda: len(children(os.getpid())) == before + 2, "an orphan")
        wait_until(lambda: measure_held(pid, ENOUGH_MIB).processes == 2, "the orphan's count")


def test_process_that_is_gone_holds_nothing() -> None:
    with session_of(lambda: None) as pid:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert measure_held(pid, ENOUGH_MIB).mib == 0.0


@pytest.mark.slow
def test_processes_that_end_while_they_are_counted_are_no_stumbling_block() -> None:
    with session_of(churn) as pid:
        counted = [measure_held(pid, ENOUGH_MIB).mib for _ in range(5000)]
    assert len(counted) == 5000
