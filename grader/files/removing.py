"""Remove a folder that hostile code has made hard to remove: nested deeper than Python recurses, closed, full of links."""

import os
import secrets
from contextlib import suppress

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove_tree(path: str | os.PathLike[str], *, dir_fd: int | None = None) -> None:
    """Remove a folder with all that is in it, however deep; no link in it is followed.

    Nothing else may be writing there. What lies deeper is moved up, so that no path grows long.

    Args:
        path: The folder; within `dir_fd` if that is given.
        dir_fd: The descriptor of the folder it lies in.

    Raises:
        OSError: If it is not a folder, or something in it cannot be removed.
    """
    _open_up(path, dir_fd)
    top = os.open(path, _FOLDER, dir_fd=dir_fd)
    try:
        waiting = _clear(top, top)
        while waiting:
            name = waiting.pop()
            folder = os.open(name, _FOLDER, dir_fd=top)
            try:
                waiting += _clear(folder, top)
            finally:
                os.close(folder)
            os.rmdir(name, dir_fd=top)
    finally:
        os.close(top)
    os.rmdir(path, dir_fd=dir_fd)


def _clear(folder: int, top: int) -> list[str]:
    """Remove the files of a folder and move its folders into `top`; returns their names there."""
    moved = []
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_folder in found:
        if not is_folder:
            os.unlink(name, dir_fd=folder)
            continue
        _open_up(name, folder)
        moved.append(f"{secrets.token_hex(16)}.removed")
        os.rename(name, moved[-1], src_dir_fd=folder, dst_dir_fd=top)
    return moved


def _open_up(path: str | os.PathLike[str], dir_fd: int | None) -> None:
    """Take away what its maker may have closed it with; the folder alone is meant, and never what a link leads to."""
    with suppress(OSError, AttributeError):  # not ours to change, or no Linux: then it is as open as it is
        handle = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=dir_fd)
        try:
            os.chmod(f"/proc/self/fd/{handle}", 0o700)
        finally:
            os.close(handle)
