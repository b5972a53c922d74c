"""How much memory a worker and all it started hold together: a limit of each alone lets many take many times as much."""

import os
from collections.abc import Iterator
from pathlib import Path

#: A process of this kind is counted by its own limit already; a worker and one child for a check are always there.
ALONE = 2


#: Of a process in which there was no room to read what the judge had to say.
EXIT_OUT_OF_MEMORY = 77


def held_mib(worker: int) -> float:
    """Return the memory that a worker and its descendants hold, 0.0 while it has but the child of a check.

    Args:
        worker: Its process id where this process lives; a child of it.
    """
    outer = _number_in_proc(worker)
    processes = list(_descendants(outer)) if outer else []
    return sum(map(_own_mib, processes)) if len(processes) > ALONE else 0.0


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
    return next((int(line.split()[1]) for line in lines if line.startswith("Pid:")), None)


def _descendants(pid: int) -> Iterator[int]:
    """Yield a process and all below it; in a namespace of its own an orphan's parent is the worker."""
    yield pid
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:  # it ended while we looked
        return
    for thread in threads:
        try:
            found = Path(f"/proc/{pid}/task/{thread}/children").read_text().split()
        except OSError:  # the thread ended
            continue
        for child in found:
            yield from _descendants(int(child))


def _own_mib(pid: int) -> float:
    """Return what a process holds, its part of what it shares with others counted in proportion."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it ended while we looked
        return 0.0
    # The first line names the span; a process that ends while it is read has no others.
    kib = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines[1:])}
    return (kib.get("Pss_Anon", 0) + kib.get("Pss_Shmem", 0)) / 1024
