"""The one way to open a file that another program may have put there: only a regular file, and never waiting."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

# Windows has neither: there a link is told by its file type, and a pipe is no path.
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_CLOSED_IN_CHILDREN = getattr(os, "O_CLOEXEC", getattr(os, "O_NOINHERIT", 0))
_BINARY = getattr(os, "O_BINARY", 0)


class NotRegular(OSError):
    """A folder, a pipe, a device or a socket is where a regular file should be; `is_folder` tells a folder."""

    def __init__(self, *, is_folder: bool) -> None:
        super().__init__(0, "it is a folder" if is_folder else "it is not a regular file")
        self.is_folder = is_folder


def open_regular(path: Path, *, follow: bool = False) -> BinaryIO:
    """Open a regular file for reading; opening a FIFO does not wait for a writer.

    Args:
        path: The file.
        follow: Whether a symbolic link is followed.

    Raises:
        NotRegular: If it is something else.
        OSError: If it cannot be opened, as for a link that is not to be followed.
        ValueError: If there is a zero character in the path.
    """
    flags = os.O_RDONLY | _NO_WAIT | _CLOSED_IN_CHILDREN | _BINARY | (0 if follow else _NO_LINK)
    fd = os.open(path, flags)
    mode = os.fstat(fd).st_mode
    if not stat.S_ISREG(mode):
        os.close(fd)
        raise NotRegular(is_folder=stat.S_ISDIR(mode))
    return os.fdopen(fd, "rb")
