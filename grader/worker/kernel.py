"""The Linux system calls that Python has no name for. Every function raises OSError with the kernel's reason.

Numbers and structures are those of the kernel's headers; those used here are the same on x86-64 and arm64.
"""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

_MADV_COLLAPSE = 25
_MNT_DETACH = 2
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID = 1, 2
_AT_RECURSIVE = 0x8000
_SECCOMP_MODE_FILTER = 2
_SYS_MOUNT_SETATTR = 442
_SYS_LANDLOCK_CREATE_RULESET, _SYS_LANDLOCK_ADD_RULE, _SYS_LANDLOCK_RESTRICT_SELF = 444, 445, 446
_LANDLOCK_CREATE_RULESET_VERSION = 1
_LANDLOCK_RULE_PATH_BENEATH = 1
_CAPABILITY_VERSION_3 = 0x20080522

# Landlock's file rights; those a kernel does not know yet are left out by `landlock_rights`.
FS_EXECUTE, FS_WRITE_FILE, FS_READ_FILE, FS_READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
FS_MAKE_CHAR, FS_MAKE_BLOCK, FS_IOCTL_DEV = 1 << 6, 1 << 11, 1 << 15
_FS_RIGHTS_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NET_BIND_AND_CONNECT_TCP = 3
_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 3

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def prctl(option: int, value: int) -> None:
    """Change one attribute of this process."""
    zero = ctypes.c_ulong(0)
    _check(_libc.prctl(option, ctypes.c_ulong(value), zero, zero, zero), f"prctl {option}")


def unshare(flags: int) -> None:
    """Give this process (with CLONE_NEWPID: its future children) namespaces of its own."""
    _check(_libc.unshare(flags), "unshare")


def setns(fd: int, kind: int) -> None:
    """Enter the namespace that `fd` refers to."""
    _check(_libc.setns(fd, kind), "setns")


def mount(source: str, target: Path, filesystem: str | None = None, flags: int = 0, options: str = "") -> None:
    """Mount a filesystem, or a folder or file once more (MS_BIND)."""
    kind = filesystem.encode() if filesystem else None
    data = options.encode() if options else None
    result = _libc.mount(os.fsencode(source), os.fsencode(target), kind, ctypes.c_ulong(flags), data)
    _check(result, f"mount {target}")


def make_read_only(target: Path) -> None:
    """Make a mount and all below it read-only, and its set-user-id files powerless."""
    attributes = struct.pack("QQQQ", _MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID, 0, 0, 0)
    result = _libc.syscall(
        ctypes.c_long(_SYS_MOUNT_SETATTR),
        ctypes.c_int(-1),
        os.fsencode(target),
        ctypes.c_uint(_AT_RECURSIVE),
        attributes,
        ctypes.c_size_t(len(attributes)),
    )
    _check(result, f"mount_setattr {target}")


def change_root(folder: Path) -> None:
    """Make a mounted folder the root; what was mounted before is out of reach afterwards."""
    os.chdir(folder)
    _check(_libc.syscall(ctypes.c_long(_pivot_root_number()), b".", b"."), "pivot_root")
    _check(_libc.umount2(b".", _MNT_DETACH), "umount")
    os.chdir("/")


def _pivot_root_number() -> int:
    return 155 if os.uname().machine == "x86_64" else 41


def drop_capabilities() -> None:
    """Give up every capability; with no_new_privs they do not come back."""
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(header, bytes(24)), "capset")


def use_huge_pages() -> None:
    """Put this process's private memory into pages of 2 MiB; what stays in small ones is no harm.

    A fork copies the table of pages: with 200 MB of torch in small ones that took 11 ms, in large ones 1.2 ms.
    """
    size = 2**21
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, rights, _, _, _, *name = line.split(maxsplit=5)
        first, last = (int(part, 16) for part in span.split("-"))
        first, last = -(-first // size) * size, last // size * size
        if rights.startswith("rw") and (not name or name[0] == "[heap]") and first < last:
            _libc.madvise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), _MADV_COLLAPSE)


def landlock_version() -> int:
    """Return the kernel's Landlock version, 0 where it has none."""
    version = _libc.syscall(
        ctypes.c_long(_SYS_LANDLOCK_CREATE_RULESET),
        None,
        ctypes.c_size_t(0),
        ctypes.c_uint(_LANDLOCK_CREATE_RULESET_VERSION),
    )
    return max(int(version), 0)


def landlock_rights(version: int) -> int:
    """Return all file rights that a Landlock version can take away."""
    return int((1 << _FS_RIGHTS_BY_VERSION.get(version, _FS_RIGHTS_BY_VERSION[5])) - 1)


def landlock(version: int, rules: Iterable[tuple[Path, int]]) -> None:
    """Take every right to files, TCP, foreign signals and abstract sockets, except those of the rules.

    Args:
        version: The kernel's, as `landlock_version` returned it; newer ones take away more.
        rules: Paths with the rights that stay below them; a path that is not there is passed over.
    """
    rights = landlock_rights(version)
    net = _NET_BIND_AND_CONNECT_TCP if version >= 4 else 0
    scope = _SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS if version >= 6 else 0
    attributes = struct.pack("QQQ", rights, net, scope)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = _check(
        _libc.syscall(ctypes.c_long(_SYS_LANDLOCK_CREATE_RULESET), attributes, ctypes.c_size_t(size), ctypes.c_uint(0)),
        "landlock_create_ruleset",
    )
    try:
        for path, kept in rules:
            _add_landlock_rule(ruleset, path, kept & rights)
        result = _libc.syscall(ctypes.c_long(_SYS_LANDLOCK_RESTRICT_SELF), ctypes.c_int(ruleset), ctypes.c_uint(0))
        _check(result, "landlock_restrict_self")
    finally:
        os.close(ruleset)


def _add_landlock_rule(ruleset: int, path: Path, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # not there, or not for us to see: then there is nothing to allow
        return
    try:
        if not path.is_dir():
            rights &= FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_IOCTL_DEV | (1 << 14)  # 14: truncate
        result = _libc.syscall(
            ctypes.c_long(_SYS_LANDLOCK_ADD_RULE),
            ctypes.c_int(ruleset),
            ctypes.c_int(_LANDLOCK_RULE_PATH_BENEATH),
            struct.pack("=Qi", rights, fd),
            ctypes.c_uint(0),
        )
        _check(result, f"landlock_add_rule {path}")
    finally:
        os.close(fd)


def load_seccomp(program: bytes) -> None:
    """Filter this process's system calls, for good (needs no_new_privs).

    Args:
        program: Classic BPF instructions, eight bytes each.
    """
    code = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    filter_program = ctypes.create_string_buffer(head, len(head))
    zero = ctypes.c_ulong(0)
    mode = ctypes.c_ulong(_SECCOMP_MODE_FILTER)
    _check(_libc.prctl(PR_SET_SECCOMP, mode, ctypes.c_void_p(ctypes.addressof(filter_program)), zero, zero), "seccomp")
