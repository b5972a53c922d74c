"""How much memory a worker and all it started hold together: a limit of each alone lets many take many times as much."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

#: Of a process in which there was no room to read what the judge had to say.
EXIT_OUT_OF_MEMORY = 77

#: A full socket takes up to twice what may be sent into it, if it was sent in small pieces.
_SOCKET_OVERHEAD = 2
#: Where the system does not tell how much that is: Linux's default.
_SEND_BYTES = 212_992
#: What a process has to itself, by the names of /proc/PID/status: without the files it maps, with its tables of pages.
_HELD = frozenset({"RssAnon", "RssShmem", "VmSwap", "VmPTE", "HugetlbPages"})


class Held(NamedTuple):
    """What a worker and its descendants hold together, and how many they are."""

    mib: float
    processes: int


def measure_held(worker: int, limit_mib: float) -> Held:
    """Measure what a worker and its descendants hold.

    Args:
        worker: Its process id where this process lives; a child of it.
        limit_mib: Up to here a cheap figure will do, in which memory that several share counts for each of them; above
            it the figure may be too small.
    """
    outer = _number_in_proc(worker)
    processes = [*descendants(outer), *_orphans(outer)] if outer else []
    if not outer or not processes:
        return Held(0.0, 0)
    mib = sockets_mib = _sockets_mib(outer)
    rough = {pid: _read_held_mib(pid) for pid in processes}
    if sum(rough.values()) + sockets_mib <= limit_mib:
        return Held(sum(rough.values()) + sockets_mib, len(processes))
    for pid in processes:
        mib += _shared_out_mib(pid, rough[pid])
        if mib > limit_mib:  # so that it has no more time to take more
            break
    return Held(mib, len(processes))


def _number_in_proc(pid: int) -> int | None:
    """Return the number under which /proc, which may be that of another namespace, shows a child."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:  # it has ended
        return None
    try:
        lines = Path(f"/proc/self/fdinfo/{handle}").read_text().splitlines()
    except OSError:  # no /proc
        return None
    finally:
        os.close(handle)
    return next((int(line.split()[1]) for line in lines if line.startswith("Pid:") and int(line.split()[1]) > 0), None)


def descendants(pid: int) -> Iterator[int]:
    """Yield a process and all below it; in a namespace of its own an orphan's parent is the worker."""
    yield pid
    for child in _children(pid):
        yield from descendants(child)


def _orphans(worker: int) -> Iterator[int]:
    """Yield what has become a child of ours and is of a worker's session, with all below: without a namespace."""
    for child in _children("self"):
        if child != worker and _session(child) == worker:
            yield from descendants(child)


def _children(pid: int | str) -> list[int]:
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:  # it ended while we looked
        return []
    found: list[int] = []
    for thread in threads:
        try:
            found += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
        except OSError:  # the thread ended
            continue
    return found


def _session(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[3])
    except OSError:  # it ended while we looked
        return None


def _read_held_mib(pid: int) -> float:
    """Return what a process holds, all that it shares with others included; any user may read this of any process."""
    return sum(_read_kib(f"/proc/{pid}/status", _HELD).values()) / 1024


def _shared_out_mib(pid: int, rough_mib: float) -> float:
    """Return what a process holds, its part of what it shares with others counted in proportion.

    A process can keep us from looking so closely; it is then charged for all, as `rough_mib` has it.
    """
    kib = _read_kib(f"/proc/{pid}/smaps_rollup", frozenset({"Pss_Anon", "Pss_Shmem", "SwapPss"}))
    if not kib:
        return rough_mib if os.path.exists(f"/proc/{pid}") else 0.0
    tables = _read_kib(f"/proc/{pid}/status", frozenset({"VmPTE", "HugetlbPages"}))
    return (sum(kib.values()) + sum(tables.values())) / 1024


def _read_kib(path: str, names: frozenset[str]) -> dict[str, int]:
    try:
        lines = Path(path).read_text(errors="replace").splitlines()  # the name of a program can be any bytes
    except OSError:  # it ended while we looked, or does not let us
        return {}
    fields = (line.partition(":") for line in lines)
    return {name: int(rest.split()[0]) for name, _, rest in fields if name in names}


def _sockets_mib(worker: int) -> float:
    """Return what the sockets may hold that were made in a worker's own network namespace; 0.0 where it has none."""
    counted = f"/proc/{worker}/net/sockstat"
    try:
        if os.stat(counted).st_ino == os.stat("/proc/self/net/sockstat").st_ino:
            return 0.0
        used = int(Path(counted).read_text().split()[2])  # "sockets: used 2"
    except (OSError, IndexError, ValueError):  # it ended while we looked, or this kernel does not count them
        return 0.0
    return used * _SOCKET_OVERHEAD * _send_bytes() / 2**20


@cache
def _send_bytes() -> int:
    try:
        return int(Path("/proc/sys/net/core/wmem_default").read_text())
    except (OSError, ValueError):
        return _SEND_BYTES
