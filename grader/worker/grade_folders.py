"""Where the private folders of grades lie: together in one folder of this user, in which each grade has a lock.

    $TMPDIR/study-grades-1000/     this user's alone
        .study-grader              the marker: where it is missing, nothing is ever removed
        3f0c9a….lock               held by each zygote of that grade for as long as it lives
        3f0c9a…/                   the grade's folder, with a private folder for each of its workers

What is removed is only what lies here, beside a lock that no process holds any more. Everything else in TMPDIR, by
whatever name, may be a person's work.
"""

import errno
import fcntl
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from grader.files.cache import find_cache_dir
from grader.files.own_folder import open_own_folder, take_lock
from grader.files.removing import remove_tree

MARKER = ".study-grader"
_LOCK = re.compile(r"([0-9a-f]{16})\.lock")


def choose_root() -> Path:
    """Choose the folder for the grades of this user, and make it.

    TMPDIR is as the user wants it. Where its owner could exchange our folder for another, or where another user has
    taken our name in it, it is one of the system's folders, or at last the user's own cache.

    To be called before a user namespace is entered, in which all that is root's seems to belong to the user `nobody`.
    """
    candidates = list(_candidates())
    for root in candidates:
        try:
            fd = _open_root(root) if _is_safe(root.parent) else None
        except OSError:  # full, or read-only: that is told when the grade's own folder cannot be made there
            return root
        if fd is not None:
            os.close(fd)
            return root
    return candidates[0]


def name_folder(root: Path) -> Path:
    """Name the folder of one grade; its zygote makes it."""
    return root / secrets.token_hex(8)


def make_folder(folder: Path) -> None:
    """Make a grade's folder, and hold its lock until this process ends.

    Raises:
        OSError: If that cannot be done.
    """
    root = _open_root(folder.parent)
    if root is None:
        raise OSError(errno.EEXIST, "another user has taken its name")
    try:
        _hold(folder.name, root)
        os.mkdir(folder.name, 0o700, dir_fd=root)
        # A worker that is another user goes through it to its own.
        os.chmod(folder.name, 0o711, dir_fd=root)  # noqa: S103  (as said)
    finally:
        os.close(root)


def join_folder(folder: Path) -> None:
    """Hold the lock of a folder that another zygote of the same grade has made, until this process ends."""
    root = open_own_folder(folder.parent, make=False, others_may_pass=True)
    if root is not None:
        _hold(folder.name, root)
        os.close(root)


def remove_folder(folder: Path) -> None:
    """Remove a grade's folder and its lock."""
    with suppress(OSError):
        remove_tree(folder)
    if not folder.exists():
        with suppress(OSError):  # a colleague did it
            folder.with_name(f"{folder.name}.lock").unlink()


def let_pass(private: Path) -> None:
    """Let a worker that is another user reach its private folder, where it has no root folder of its own.

    It can go through the two folders above it, and list neither; the names in them are drawn at random.
    """
    root = open_own_folder(private.parent.parent, make=False, others_may_pass=True)
    if root is not None:
        os.chmod(root, 0o711)  # noqa: S103  (as said above)
        os.close(root)


def remove_left() -> None:
    """Remove the folders of grades that are over, though their engine and their zygotes were all killed."""
    for path in _candidates():
        root = open_own_folder(path, make=False, others_may_pass=True)
        if root is None:
            continue
        try:
            if _is_marked(root):
                for name in os.listdir(root):
                    _remove_if_over(name, root)
        finally:
            os.close(root)


def _candidates() -> Iterator[Path]:
    name = f"study-grades-{os.geteuid()}"
    places = [tempfile.gettempdir(), "/tmp", "/var/tmp"]  # noqa: S108  (what is found there is not trusted)
    yield from (Path(place, name) for place in dict.fromkeys(map(os.path.abspath, places)))
    with suppress(RuntimeError):  # a user without a home
        yield find_cache_dir() / "grades"


def _is_safe(folder: Path) -> bool:
    """Tell whether only this user and root can rename what lies in a folder, or the folder itself."""
    folder.mkdir(parents=True, exist_ok=True)  # only the cache may not be there yet
    real = folder.resolve()
    for part in (real, *real.parents):
        found = part.stat()
        if found.st_uid not in (0, os.geteuid()):
            return False
        shared = stat.S_IWOTH | (stat.S_IWGRP if found.st_gid not in (0, os.getegid()) else 0)
        if found.st_mode & shared and not found.st_mode & stat.S_ISVTX:
            return False
    return True


def _open_root(path: Path) -> int | None:
    """Open the folder for all grades, made and marked if need be; None if its name is not ours."""
    root = open_own_folder(path, others_may_pass=True)
    if root is None or _is_marked(root):
        return root
    # A folder of this name that has something in it, and no marker, is the user's own. The marker comes before all else,
    # so a colleague who is making this folder just now has set it if anything is there.
    if os.listdir(root) and not _is_marked(root):
        os.close(root)
        return None
    os.close(os.open(MARKER, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600, dir_fd=root))
    return root


def _is_marked(root: int) -> bool:
    try:
        found = os.stat(MARKER, dir_fd=root, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()


def _hold(name: str, root: int) -> None:
    """Hold a grade's lock; the descriptor stays open on purpose, until the process ends."""
    with suppress(OSError):  # a filesystem without locks: then nothing there can be told to be over, and all is kept
        take_lock(f"{name}.lock", fcntl.LOCK_SH, root)


def _remove_if_over(name: str, root: int) -> None:
    match = _LOCK.fullmatch(name)
    if match is None:
        return
    with suppress(OSError):  # no locks here, or it went meanwhile
        lock = take_lock(name, fcntl.LOCK_EX | fcntl.LOCK_NB, root)
        if lock is None:
            return
        try:
            with suppress(FileNotFoundError):
                remove_tree(match[1], dir_fd=root)
            os.unlink(name, dir_fd=root)
        finally:
            os.close(lock)
