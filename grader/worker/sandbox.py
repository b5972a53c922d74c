"""What is taken away from a process before the learner's code runs in it.

`enter` is the one entry point; it is called in the worker, after the fork and before the learner's file is
compiled. Each layer reports whether it holds, and the verdict records that.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

#: The variables a learner's code may see; the rest could carry tokens or name the grader's folders.
ALLOWED_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES")

LAYERS = (
    "process_split",
    "new_session",
    "no_new_privileges",
    "resource_limits",
    "clean_environment",
    "closed_descriptors",
    "private_tmp",
    "user_namespace",
    "network_namespace",
    "ipc_namespace",
    "pid_namespace",
    "landlock",
    "seccomp",
)

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38


class Limits(msgspec.Struct, frozen=True):
    """What a worker may use; `None` means no limit of ours."""

    memory_mib: int | None
    file_mib: int = 256
    open_files: int = 256
    processes: int | None = None


def enter(limits: Limits, private_tmp: Path, keep_fds: frozenset[int]) -> dict[str, bool]:
    """Give up what the learner's code must not have, for this process and all it will fork.

    Args:
        limits: Memory, file size and descriptors.
        private_tmp: An empty folder of this grade; becomes HOME, TMPDIR and the working directory.
        keep_fds: The descriptors to leave open besides 0, 1 and 2.

    Returns:
        Every name of `LAYERS` with whether that layer is on.

    Side effects: the process leaves its session, environment, descriptors and working directory behind.
    """
    layers = dict.fromkeys(LAYERS, False)
    layers["process_split"] = True
    layers["new_session"] = os.getsid(0) == os.getpid()
    layers["clean_environment"] = _clean_environment(private_tmp)
    layers["closed_descriptors"] = _close_descriptors(keep_fds)
    os.chdir(private_tmp)
    layers["private_tmp"] = True
    _own_memory()
    layers["resource_limits"] = _limit_resources(limits)
    layers["no_new_privileges"] = _no_new_privileges()
    return layers


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends, however that happens (Linux only)."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def hide_memory() -> None:
    """Forbid other processes of this user to attach to this one or read its memory (Linux only)."""
    _prctl(_PR_SET_DUMPABLE, 0)


def _own_memory() -> None:
    """Undo `hide_memory` after a fork: a process that hides may not measure its own peak either."""
    _prctl(_PR_SET_DUMPABLE, 1)


def _clean_environment(private_tmp: Path) -> bool:
    kept = {name: os.environ[name] for name in ALLOWED_ENVIRONMENT if name in os.environ}
    os.environ.clear()
    os.environ.update(kept, HOME=str(private_tmp), TMPDIR=str(private_tmp), PYTHONDONTWRITEBYTECODE="1")
    return True


def _close_descriptors(keep: frozenset[int]) -> bool:
    top = max(keep, default=2) + 1
    for fd in range(3, top):
        if fd not in keep:
            try:
                os.close(fd)
            except OSError:  # not open: nothing to close
                continue
    os.closerange(top, resource.getrlimit(resource.RLIMIT_NOFILE)[0] if top < 2**20 else top)
    return True


def _limit_resources(limits: Limits) -> bool:
    wanted: Mapping[int, int | None] = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: limits.file_mib * 2**20,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_NPROC: limits.processes,
    }
    for kind, value in wanted.items():
        if value is not None:
            _lower(kind, value)
    if limits.memory_mib is not None:
        # RLIMIT_DATA counts private writable memory, which is what a tensor takes; RLIMIT_AS would count
        # the gigabytes of address space that torch's libraries and CUDA reserve and never touch.
        kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
        _lower(kind, _data_bytes() + limits.memory_mib * 2**20)
    return True


def _lower(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (ceiling, ceiling))


def _data_bytes() -> int:
    """Return what already counts against RLIMIT_DATA: torch itself, which the limit is on top of."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return 0  # no /proc (macOS): the limit then includes torch itself
    return 0


def _no_new_privileges() -> bool:
    return _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _prctl(option: int, value: int) -> bool:
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return int(libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0)) == 0
