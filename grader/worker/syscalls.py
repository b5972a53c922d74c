"""The system calls a learner's code has no business with, as a seccomp filter made by libseccomp.

A refused call fails with EPERM, so the learner sees a PermissionError and not a dead process. Everything an
exercise needs, threads and child processes included, stays.
"""

import errno
import signal
import tempfile
from functools import cache
from typing import Any, NamedTuple

from grader.worker import kernel

#: By what they would be good for.
_FORBIDDEN = (
    # Other processes: attaching to them, reading their memory, taking their descriptors.
    *("ptrace", "process_vm_readv", "process_vm_writev", "kcmp"),
    # The network, and sockets of other programs. A socketpair stays: it reaches no other process.
    *("socket", "connect", "bind", "listen", "accept", "accept4"),
    # Filesystems and namespaces.
    *("mount", "umount2", "pivot_root", "chroot", "setns", "unshare", "name_to_handle_at", "open_by_handle_at"),
    *("fanotify_init", "mknod", "mknodat", "quotactl", "swapon", "swapoff"),
    # Large pieces of kernel that have had holes.
    *("bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "kexec_load", "kexec_file_load"),
    *("init_module", "finit_module", "delete_module", "modify_ldt", "iopl", "ioperm", "lookup_dcookie", "nfsservctl"),
    *("vhangup", "seccomp"),
    # The machine itself.
    *("reboot", "sethostname", "setdomainname", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex"),
    *("acct", "syslog"),
    # What all programs of the machine share: places for asynchronous reads, and the disks' queues of writes.
    *("io_setup", "io_submit", "io_cancel", "io_destroy", "io_getevents", "io_pgetevents", "sync", "syncfs"),
    # Leaving the session, by which the judge counts processor time and kills.
    *("setsid", "setpgid"),
    # Memory that no limit counts; vmsplice keeps pages in a pipe that their process has given back.
    *("shmget", "shmat", "msgget", "semget", "mq_open", "vmsplice"),
    # Two grades that read the same library files could talk by watching who opens them.
    *("inotify_init", "inotify_init1"),
)
#: CUDA's driver may use these: it locks its cache of compiled kernels. By locks on library files two grades could talk.
_FORBIDDEN_WITHOUT_GPU = ("memfd_create", "flock")
#: From this number on, calls have the same number on every machine; what is newer than a libseccomp has no name there.
_FIRST_NEW = 424
#: close_range, openat2, faccessat2, epoll_pwait2, futex_waitv, fchmodat2, futex_wake, futex_wait, futex_requeue.
_NEW_ALLOWED = frozenset({436, 437, 439, 441, 449, 452, 454, 455, 456})
_CLONE3, _MEMFD_SECRET = 435, 447
#: The newest that was looked at, listns. What came later is told to be missing, as on an older kernel.
_LAST_KNOWN, _LAST_NEW = 470, 511
#: As CUDA's driver may use it.
_NEW_ALLOWED_ON_GPU = frozenset({_MEMFD_SECRET})
#: Shared memory without a file: neither RLIMIT_DATA nor the folder's size counts it.
_MAP_SHARED_ANONYMOUS = 0x01 | 0x20
#: A mapping that counts as a stack, which RLIMIT_DATA leaves out.
_MAP_GROWSDOWN = 0x100
_AF_UNIX, _SOL_SOCKET, _SO_SNDBUF = 1, 1, 7
_PR_SET_SECCOMP = 22
#: Has the scheduler leave the other half of a core idle for a process, or tells how it is asked to.
_PR_SCHED_CORE = 62
#: What fcntl may not do: name a process that then gets signals, take a lease, be told of changes.
_FCNTL = {"F_SETOWN": 8, "F_SETOWN_EX": 15, "F_SETLEASE": 1024, "F_NOTIFY": 1026}
#: Nor lock, without a GPU.
_FCNTL_LOCKS = {"F_GETLK": 5, "F_SETLK": 6, "F_SETLKW": 7, "F_OFD_GETLK": 36, "F_OFD_SETLK": 37, "F_OFD_SETLKW": 38}
#: The same two by ioctl: FIOSETOWN, SIOCSPGRP.
_IOCTL = (0x8901, 0x8902)
#: The kernel reads a C int of an argument, and a filter all 64 bits.
_INT = 0xFFFF_FFFF
_NEW_NAMESPACES = (
    kernel.CLONE_NEWNS,
    kernel.CLONE_NEWCGROUP,
    kernel.CLONE_NEWUTS,
    kernel.CLONE_NEWIPC,
    kernel.CLONE_NEWUSER,
    kernel.CLONE_NEWPID,
    kernel.CLONE_NEWNET,
)
#: Signals to one process; pidfd_send_signal is refused always.
_SIGNALS = ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")


class Surroundings(NamedTuple):
    """What a filter depends on.

    Attributes:
        gpu: Whether the code runs on a GPU, whose driver needs more than torch on a CPU does.
        counts_sockets: Whether the network namespace is the worker's own, so that its sockets can be counted.
        confines_signals: Whether something else keeps signals from other processes of this user.
    """

    gpu: bool = False
    counts_sockets: bool = True
    confines_signals: bool = True


@cache
def build_filter(around: Surroundings) -> bytes:
    """Compile the filter for this machine.

    Returns:
        Its BPF program.

    Raises:
        OSError: If libseccomp is not installed or cannot do it.
    """
    try:
        import pyseccomp
    except (ImportError, RuntimeError) as error:  # RuntimeError: it does not find the C library
        raise OSError(errno.ENOSYS, f"libseccomp is missing ({error})") from None
    made: Any = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    refuse, missing = pyseccomp.ERRNO(errno.EPERM), pyseccomp.ERRNO(errno.ENOSYS)
    no_memory = pyseccomp.ERRNO(errno.ENOMEM)

    def equals(position: int, value: int, mask: int = _INT) -> Any:
        return pyseccomp.Arg(position, pyseccomp.MASKED_EQ, mask, value)

    for name in _FORBIDDEN if around.gpu else _FORBIDDEN + _FORBIDDEN_WITHOUT_GPU:
        if pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) >= 0:  # a machine need not have every one
            made.add_rule(refuse, name)
    allowed = _NEW_ALLOWED | {_CLONE3} | (_NEW_ALLOWED_ON_GPU if around.gpu else frozenset())
    for number in range(_FIRST_NEW, _LAST_NEW + 1):
        if number not in allowed:
            made.add_rule(refuse if number <= _LAST_KNOWN else missing, number)
    # clone3 hides its flags in memory, where a filter cannot look: told that it is missing, the C library uses clone.
    made.add_rule(missing, _CLONE3)
    for flag in _NEW_NAMESPACES:
        made.add_rule(refuse, "clone", equals(0, flag, flag))
    # With SIGCHLD ignored a child's processor time is not charged to its parent when it ends. Honest code that ignores signals
    # one after the other goes on: the call is left out, and said to have been done.
    left_out = pyseccomp.ERRNO(0)
    made.add_rule(left_out, "rt_sigaction", equals(0, signal.SIGCHLD), pyseccomp.Arg(1, pyseccomp.NE, 0))
    # A second filter takes memory of the kernel's, and could have the kernel kill this process at will.
    made.add_rule(refuse, "prctl", equals(0, _PR_SET_SECCOMP))
    made.add_rule(refuse, "prctl", equals(0, _PR_SCHED_CORE))
    # So that every orphan is the worker's, where the judge looks for it.
    made.add_rule(refuse, "prctl", equals(0, kernel.PR_SET_CHILD_SUBREAPER))
    for command in (_FCNTL if around.gpu else _FCNTL | _FCNTL_LOCKS).values():
        made.add_rule(refuse, "fcntl", equals(1, command))
    for request in _IOCTL:
        made.add_rule(refuse, "ioctl", equals(1, request))
    # Buffers of sockets are the kernel's memory, which no limit counts: they stay at their default size, and are
    # counted by the number of sockets, where that can be known.
    made.add_rule(refuse, "setsockopt", equals(1, _SOL_SOCKET), equals(2, _SO_SNDBUF))
    made.add_rule(refuse, "socketpair", pyseccomp.Arg(0, pyseccomp.NE, _AF_UNIX))
    if not around.counts_sockets and not around.gpu:
        made.add_rule(refuse, "socketpair")
    made.add_rule(no_memory, "mmap", equals(3, _MAP_GROWSDOWN, _MAP_GROWSDOWN))
    if not around.gpu:  # CUDA's driver may use it
        made.add_rule(no_memory, "mmap", equals(3, _MAP_SHARED_ANONYMOUS, _MAP_SHARED_ANONYMOUS))
    if not around.confines_signals:
        # To its own process group, 0, they may go; which of the other numbers are its own the filter cannot know.
        for name in _SIGNALS:
            made.add_rule(refuse, name, pyseccomp.Arg(0, pyseccomp.NE, 0))
        # The limits of another process: one of 0 s of processor time ends it.
        made.add_rule(refuse, "prlimit64", pyseccomp.Arg(0, pyseccomp.NE, 0))
    with tempfile.TemporaryFile() as file:
        made.export_bpf(file)
        file.seek(0)
        return file.read()
