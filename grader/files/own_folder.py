"""Folders that must be one user's alone though others can guess their names, and locks that tell who still lives.

In /tmp another user may have made a folder, a link or a file of that name first. So what is found there is judged by its
open descriptor, which no renaming changes, and a link is never followed.
"""

import fcntl
import os
import shlex
import stat
from contextlib import suppress
from pathlib import Path


def open_own_folder(path: Path, *, make: bool = True, others_may_pass: bool = False) -> int | None:
    """Open a folder that is this user's alone.

    Args:
        path: Its name; only the last part may be hostile.
        make: Whether to make it, with mode 0700, where nothing has its name.
        others_may_pass: Whether 0711 is well too: others may go through it, to names they know.

    Returns:
        Its descriptor; None if there is none, or if the name belongs to a link, a file, another user's folder, or one
        that others can read or write.

    Raises:
        OSError: If it cannot be made.
    """
    if make:
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
    try:
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:  # a link, a file, closed to us, or not there
        return None
    found = os.fstat(fd)
    refused = 0o066 if others_may_pass else 0o077
    if found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & refused:
        return fd
    os.close(fd)
    return None


def explain_refusal(path: Path) -> tuple[str, str | None]:
    """Say why `open_own_folder` does not give out a folder that it was to make, and the command that mends it, if any.

    The text goes on after the folder's name.
    """
    try:
        found = path.lstat()
    except OSError:
        return "cannot be made", None if path.parent.exists() else f"mkdir -p -m 700 {shlex.quote(str(path.parent))}"
    if found.st_uid != os.geteuid():
        return "belongs to another user", None
    name = shlex.quote(str(path))
    if stat.S_ISLNK(found.st_mode):
        return "is a link", f"rm {name}"
    if not stat.S_ISDIR(found.st_mode):
        return "is not a folder", f"rm {name}"
    mode = stat.S_IMODE(found.st_mode)
    why = "is open to others" if mode & 0o077 else "is closed to you"
    return f"{why} (mode {mode:o})", f"chmod 700 {name}"


def take_lock(name: str | Path, how: int, folder: int | None = None) -> int | None:
    """Make a lock file if need be, and lock it.

    Args:
        name: The file; within `folder` if that is given.
        how: As fcntl.flock takes it.
        folder: The descriptor of the folder it lies in.

    Returns:
        The descriptor that holds the lock for as long as any copy of it is open; None if another process holds it.

    Raises:
        OSError: If it cannot be made, or this filesystem has no locks.
    """
    while True:
        lock = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600, dir_fd=folder)
        kept = False
        try:
            fcntl.flock(lock, how)
            kept = os.fstat(lock).st_ino == os.stat(name, dir_fd=folder, follow_symlinks=False).st_ino
        except BlockingIOError:
            return None
        except FileNotFoundError:  # who cleans up removed it in between
            continue
        finally:
            if not kept:
                os.close(lock)
        if kept:
            return lock
