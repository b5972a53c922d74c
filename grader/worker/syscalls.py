"""The system calls a learner's code has no business with, as a seccomp filter made by libseccomp.

A refused call fails with EPERM, so the learner sees a PermissionError and not a dead process. Everything an
exercise needs, threads and child processes included, stays.
"""

import errno
import tempfile
from functools import cache
from typing import Any

from grader.worker import kernel

#: By what they would be good for.
_FORBIDDEN = (
    # Other processes: attaching to them, reading their memory, taking their descriptors.
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd", "pidfd_open"),
    # The network, and sockets of other programs. A socketpair stays: it reaches nobody.
    *("socket", "connect", "bind", "listen", "accept", "accept4"),
    # Filesystems and namespaces.
    *("mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount"),
    *("fspick", "mount_setattr", "setns", "unshare", "name_to_handle_at", "open_by_handle_at", "fanotify_init"),
    *("mknod", "mknodat", "quotactl", "swapon", "swapoff"),
    # Large pieces of kernel that have had holes.
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register"),
    *("keyctl", "add_key", "request_key", "kexec_load", "kexec_file_load", "init_module", "finit_module"),
    *("delete_module", "modify_ldt", "iopl", "ioperm", "lookup_dcookie", "nfsservctl", "vhangup"),
    # The machine itself.
    *("reboot", "sethostname", "setdomainname", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex"),
    *("acct", "syslog"),
    # Leaving the session, by which the judge counts processor time and kills.
    *("setsid", "setpgid"),
    # Memory that no limit counts.
    *("shmget", "shmat", "msgget", "semget", "mq_open"),
)
#: CUDA's driver may use these.
_FORBIDDEN_WITHOUT_GPU = ("memfd_create", "memfd_secret")
#: Shared memory without a file: neither RLIMIT_DATA nor the folder's size counts it.
_MAP_SHARED_ANONYMOUS = 0x01 | 0x20
_SOL_SOCKET, _SO_SNDBUF = 1, 7
_NEW_NAMESPACES = (
    kernel.CLONE_NEWNS,
    kernel.CLONE_NEWCGROUP,
    kernel.CLONE_NEWUTS,
    kernel.CLONE_NEWIPC,
    kernel.CLONE_NEWUSER,
    kernel.CLONE_NEWPID,
    kernel.CLONE_NEWNET,
)


@cache
def build_filter(*, gpu: bool) -> bytes:
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
    refuse = pyseccomp.ERRNO(errno.EPERM)
    for name in _FORBIDDEN if gpu else _FORBIDDEN + _FORBIDDEN_WITHOUT_GPU:
        if pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) >= 0:  # a machine need not have every one
            made.add_rule(refuse, name)
    for flag in _NEW_NAMESPACES:
        made.add_rule(refuse, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    # Buffers of sockets are the kernel's memory, which no limit counts: they stay at their default size.
    sized = (pyseccomp.Arg(1, pyseccomp.EQ, _SOL_SOCKET), pyseccomp.Arg(2, pyseccomp.EQ, _SO_SNDBUF))
    made.add_rule(refuse, "setsockopt", *sized)
    if not gpu:  # CUDA's driver may use it
        shared = pyseccomp.Arg(3, pyseccomp.MASKED_EQ, _MAP_SHARED_ANONYMOUS, _MAP_SHARED_ANONYMOUS)
        made.add_rule(pyseccomp.ERRNO(errno.ENOMEM), "mmap", shared)
    # clone3 hides its flags in memory, where a filter cannot look: told that it is missing, the C library uses clone.
    made.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    with tempfile.TemporaryFile() as file:
        made.export_bpf(file)
        file.seek(0)
        return file.read()
