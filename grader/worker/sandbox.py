"""What is taken away from a process before the learner's code runs in it.

`prepare` is called once in the engine, while it is still trusted with everything; `enter` in each worker, after
the fork and before the learner's file is compiled. Every layer is tried; what cannot be had here is reported
with the kernel's reason, and the verdict records what was on.
"""

import ctypes
import os
import resource
import secrets
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec

from grader.worker import filesystem, grade_folders, kernel
from grader.worker.syscalls import Surroundings, build_filter

#: The variables a learner's code may see; the rest could carry tokens or name the grader's folders.
ALLOWED_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES")

#: Every layer, with what it is for.
LAYERS: Mapping[str, str] = {
    "process_split": "the verdict is made in a process of its own",
    "ended_first": "where the machine's memory runs out, the kernel ends it before your programs",
    "new_session": "everything it starts can be killed at once",
    "clean_environment": "no variable of yours reaches it",
    "closed_descriptors": "no open file of the grader reaches it",
    "private_tmp": "it works in a folder that is removed afterwards",
    "resource_limits": "memory, file sizes, open files and core dumps are limited",
    "no_new_privileges": "no set-user-id program helps it",
    "own_user": "it is a user without rights over your files and processes",
    "pid_namespace": "it sees no other process, and none of its own outlives it",
    "network_namespace": "it has no network",
    "ipc_namespace": "it shares no memory with other programs",
    "mount_namespace": "it sees Python, its packages and system libraries, read-only, and nothing else",
    "tmp_size": "its folder has a size limit",
    "landlock": "the kernel refuses every other file",
    "seccomp": "the kernel refuses system calls it has no business with",
    "own_signals": "it can send signals to its own processes alone",
}
#: What `--isolation none` leaves out.
_OPTIONAL = {"ipc_namespace", "network_namespace", "mount_namespace", "own_user", "landlock", "seccomp"}

Isolation = Literal["strict", "best", "none"]

#: Where no other number can be had.
_NOBODY = 65534
_FIRST_OWN_UID = 1_800_000_000
_PROCESSES = 64
#: Signals and timers that may wait; the kernel counts them for the user, an ordinary one's other programs included.
_SIGNALS_THAT_WAIT = 1024
#: Address space beyond the memory limit: 64 threads reserve 128 MiB each, and never touch it. The kernel's tables of
#: pages, which no limit counts, take 2 MiB for each GiB.
_RESERVED_MIB = 16 * 1024
#: A stack counts for no other limit. Whoever recurses deeply may raise it from the usual 8 MiB to this.
_STACK_MIB = 64
#: Of Landlock: from this on it confines signals.
_CONFINES_SIGNALS = 6
_SWITCHED_OFF = "switched off by --isolation none"
_NEEDS_LINUX = "needs Linux"


class Limits(msgspec.Struct, frozen=True):
    """What a worker may use; `None` means no limit of ours."""

    memory_mib: int | None
    file_mib: int = 256
    open_files: int = 256


class Entered(msgspec.Struct):
    """How far `enter` came: the layers that are off, with the reason, and the process's number outside."""

    off: dict[str, str]
    outer_pid: int


def prepare() -> dict[str, str]:
    """Make ready, in the engine, what workers cannot do for themselves: namespaces and the system call filter.

    Returns:
        The layers that cannot be had, with the reason.

    Side effects: for an ordinary user the process enters a user namespace, in which it is still itself; its
    future children get a process namespace.
    """
    if sys.platform != "linux":
        return {"own_user": _NEEDS_LINUX, "pid_namespace": _NEEDS_LINUX}
    off = {}
    try:
        # First: to find its library, Python may start a process, which would be the first of the new namespace.
        prepare_filters()
    except OSError as error:
        off["seccomp"] = _why(error)
    try:
        if os.geteuid() != 0:
            _enter_user_namespace()
    except OSError as error:
        off["own_user"] = _why(error)
    try:
        kernel.unshare(kernel.CLONE_NEWPID)
    except OSError as error:
        off["pid_namespace"] = _why(error)
    return off


def prepare_filters() -> None:
    """Compile the usual system call filters; what is forked later has them, and the library for the others."""
    for gpu in (False, True):
        build_filter(Surroundings(gpu))


def _enter_user_namespace() -> None:
    uid, gid = os.geteuid(), os.getegid()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # while memory is hidden, the files below belong to root
    kernel.unshare(kernel.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    with suppress(PermissionError):  # where the namespace around this one maps none, it cannot be written either
        Path("/proc/self/projid_map").write_text(
            f"{uid} {uid} 1"
        )  # it can be written once, by any process in the namespace


def enter(
    limits: Limits,
    private_tmp: Path,
    keep_fds: frozenset[int],
    isolation: Isolation,
    off: Mapping[str, str],
    hidden: Collection[Path] = (),
    *,
    gpu: bool,
) -> Entered:
    """Give up what the learner's code must not have, for this process and all it will fork.

    Args:
        limits: Memory, file size and descriptors.
        private_tmp: An empty folder of this grade, to work in where no filesystem of its own can be had.
        keep_fds: The descriptors to leave open besides 0, 1 and 2.
        isolation: "none" leaves out what could stand in the way of honest code.
        off: The layers that are known to be off, as `prepare` returned them.
        hidden: Folders that are not to be seen where they lie inside what a worker may read.
        gpu: Whether the code runs on a GPU, whose driver needs more than torch on a CPU does.

    Side effects: the process leaves its user, session, environment, descriptors, root and working directory
    behind. What an exec would undo is undone by nothing: privileges are given up for good.
    """
    entering = _Entering(limits, private_tmp, hidden, gpu=gpu)
    entered = Entered(dict(off), _outer_pid())
    layers: list[tuple[tuple[str, ...], Callable[[], str | None]]] = [
        (("ended_first",), _offer_to_oom_killer),
        (("new_session",), lambda: None if os.getsid(0) == os.getpid() else "the session could not be made"),
        (("closed_descriptors",), lambda: close_descriptors(keep_fds)),
        (("ipc_namespace",), lambda: kernel.unshare(kernel.CLONE_NEWIPC)),
        (("network_namespace",), lambda: kernel.unshare(kernel.CLONE_NEWNET)),
        (("mount_namespace", "tmp_size"), entering.change_root),
        (("own_user",), entering.change_user),
        (("clean_environment",), entering.clean_environment),
        (("private_tmp",), entering.change_folder),
        (("resource_limits",), lambda: entering.limit_resources(own_user="own_user" not in entered.off)),
        (("no_new_privileges",), lambda: kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)),
        (("landlock",), entering.landlock),
        (("seccomp",), lambda: entering.filter_calls(entered.off)),
        (("own_signals",), lambda: entering.tell_of_signals(entered.off)),
    ]
    for names, take_away in layers:
        reason: str | None
        if isolation == "none" and names[0] in _OPTIONAL:
            reason = _SWITCHED_OFF
        elif names[0] in off:
            reason = off[names[0]]
        else:
            try:
                reason = take_away()
            except OSError as error:
                reason = _why(error)
            except AttributeError:  # the C library of another system lacks the function
                reason = _NEEDS_LINUX
        if reason is not None:
            entered.off.update(dict.fromkeys(names, reason))
    return entered


class _Entering:
    """The steps of `enter` that need more than a line, in their order."""

    def __init__(self, limits: Limits, private_tmp: Path, hidden: Collection[Path], *, gpu: bool) -> None:
        self._hidden = hidden
        self._limits = limits
        self._tmp = private_tmp
        self._gpu = gpu
        self._own_root = self._own_proc = False
        self._is_root = os.geteuid() == 0
        self._uid = _FIRST_OWN_UID + secrets.randbelow(2**27) if self._is_root else os.geteuid()
        # While /proc is still there.
        self._data_bytes, self._size_bytes = _memory_bytes("VmData"), _memory_bytes("VmSize")
        self._start_texts = _find_start_texts()

    def change_root(self) -> None:
        kernel.unshare(kernel.CLONE_NEWNS)
        self._tmp, self._own_proc = filesystem.enter_new_root(self._tmp, self._uid, self._hidden, gpu=self._gpu)
        self._own_root = True

    def change_user(self) -> str | None:
        if self._is_root:
            if not self._own_root and not filesystem.reachable_by_others():
                return "another user could not read this Python, which lies in a folder of root"
            if not self._own_root:
                grade_folders.let_pass(self._tmp)
            os.chown(self._tmp, self._uid, -1)
            os.setgroups([])
            try:
                os.setresgid(self._uid, self._uid, self._uid)
                os.setresuid(self._uid, self._uid, self._uid)
            except OSError:  # a container that maps fewer numbers
                os.chown(self._tmp, _NOBODY, -1)
                os.setresgid(_NOBODY, _NOBODY, _NOBODY)
                os.setresuid(_NOBODY, _NOBODY, _NOBODY)
        kernel.drop_capabilities()
        return None

    def clean_environment(self) -> None:
        kept = {name: os.environ[name] for name in ALLOWED_ENVIRONMENT if name in os.environ}
        os.environ.clear()
        # The name keeps getpass.getuser from looking for a number that has none.
        os.environ.update(kept, HOME=str(self._tmp), TMPDIR=str(self._tmp), USER="learner", LOGNAME="learner")
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        tempfile.tempdir = None  # it remembers where the grader's own is
        # The kernel shows the arguments and variables that the server or engine was started with in /proc/PID/cmdline
        # and environ, from where they were first. Nothing else reads them there: all of os.environ is set again.
        sys.argv, sys.orig_argv = [""], [sys.executable]
        shown = (b"", b"".join(os.fsencode(f"{name}={value}\0") for name, value in kept.items()))
        for (start, end), text in zip(self._start_texts, shown, strict=False):
            ctypes.memmove(start, text.ljust(end - start, b"\0"), end - start)

    def change_folder(self) -> None:
        os.chdir(self._tmp)
        if sys.platform == "linux":  # undo what `hide_memory` did to the parent: who hides cannot measure his own peak
            kernel.prctl(kernel.PR_SET_DUMPABLE, 1)

    def limit_resources(self, *, own_user: bool) -> None:
        limits = self._limits
        _lower(resource.RLIMIT_CORE, 0)
        _lower(resource.RLIMIT_FSIZE, limits.file_mib * 2**20)
        _lower(resource.RLIMIT_NOFILE, limits.open_files)
        if sys.platform == "linux":
            _lower(resource.RLIMIT_MSGQUEUE, 0)
            _lower(resource.RLIMIT_SIGPENDING, _SIGNALS_THAT_WAIT)
            _lower(resource.RLIMIT_STACK, _STACK_MIB * 2**20, keep_soft=True)
        if own_user:  # else the limit would count all that the person at the machine runs
            _lower(resource.RLIMIT_NPROC, _PROCESSES)
        if limits.memory_mib is not None:
            # RLIMIT_DATA counts private writable memory, which is what a tensor takes; RLIMIT_AS counts the
            # gigabytes of address space too that torch's libraries reserve and never touch.
            memory_bytes = limits.memory_mib * 2**20
            if sys.platform == "linux":
                _lower(resource.RLIMIT_DATA, self._data_bytes + memory_bytes)
                _lower(resource.RLIMIT_AS, self._size_bytes + memory_bytes + _RESERVED_MIB * 2**20)
            else:
                _lower(resource.RLIMIT_AS, memory_bytes)

    def landlock(self) -> str | None:
        version = kernel.landlock_version()
        if version == 0:
            return "the kernel has no Landlock, or it is not switched on"
        rules = filesystem.landlock_rules(
            self._tmp, self._hidden, own_proc=self._own_proc, gpu=self._gpu, version=version
        )
        kernel.landlock(version, rules)
        return None

    def filter_calls(self, off: Mapping[str, str]) -> None:
        around = Surroundings(self._gpu, "network_namespace" not in off, _confines_signals(off))
        kernel.load_seccomp(build_filter(around))

    def tell_of_signals(self, off: Mapping[str, str]) -> str | None:
        if _confines_signals(off) or "seccomp" not in off:
            return None
        return f"it takes a process namespace, Landlock of version {_CONFINES_SIGNALS}, or the filter of system calls"


def _confines_signals(off: Mapping[str, str]) -> bool:
    """Tell whether the kernel keeps signals from other processes without the filter of system calls."""
    by_landlock = "landlock" not in off and kernel.landlock_version() >= _CONFINES_SIGNALS
    return "pid_namespace" not in off or by_landlock


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends, however that happens (Linux only)."""
    if sys.platform == "linux":
        kernel.prctl(kernel.PR_SET_PDEATHSIG, 9)


def hide_memory() -> None:
    """Forbid other processes of this user to attach to this one or read its memory (Linux only)."""
    if sys.platform == "linux":
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)


def close_descriptors(keep: frozenset[int]) -> None:
    """Close every descriptor above 2 that is not to be kept."""
    top = max(keep, default=2) + 1
    for fd in range(3, top):
        if fd not in keep:
            try:
                os.close(fd)
            except OSError:  # not open: nothing to close
                continue
    os.closerange(top, max(top, min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 2**20)))


def _why(error: OSError) -> str:
    return f"the system says: {error.strerror}"


def _outer_pid() -> int:
    """Return this process's number in the namespace the judge counts in."""
    try:
        return int(os.readlink("/proc/self"))
    except OSError:  # no /proc (macOS): there are no namespaces either
        return os.getpid()


def _lower(kind: int, value: int, *, keep_soft: bool = False) -> None:
    """Lower a limit; with `keep_soft` the code may raise it as far as that itself."""
    soft, hard = resource.getrlimit(kind)
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    stays = keep_soft and soft != resource.RLIM_INFINITY
    resource.setrlimit(kind, (min(soft, ceiling) if stays else ceiling, ceiling))


def _offer_to_oom_killer() -> str | None:
    """If the whole machine runs out of memory, let the kernel take this process and not the editor."""
    if sys.platform != "linux":
        return _NEEDS_LINUX
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # while memory is hidden, the file below belongs to root
    Path("/proc/self/oom_score_adj").write_text("1000")
    return None


def _memory_bytes(name: str) -> int:
    """Return what already counts against a limit: torch itself, which the limit is on top of."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return 0  # no /proc (macOS): the limit then includes torch itself
    return 0


def _find_start_texts() -> tuple[tuple[int, int], ...]:
    """Return where this process's first arguments and variables are in memory, as (start, end) each."""
    try:
        fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:  # no /proc (macOS): then there is none to show them either
        return ()
    arguments, variables = fields[45:47], fields[47:49]
    return tuple((int(start), int(end)) for start, end in (arguments, variables))
