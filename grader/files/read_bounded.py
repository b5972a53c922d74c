"""Read a file that another person may have made: as data, of a bounded size, and only if it is a plain file."""

import os
from pathlib import Path
from typing import BinaryIO

from grader.core.errors import ImportUnusable
from grader.files.regular import NotRegular, open_regular


def open_plain_file(path: Path) -> BinaryIO:
    """Open a regular file for reading; no link is followed and no pipe is waited for.

    Raises:
        ImportUnusable: If it is missing, something else, or cannot be read.
    """
    try:
        return open_regular(path)
    except NotRegular as error:
        kind = "a folder" if error.is_folder else "not a regular file"
        hint = "name a Markdown file, or one that study export has written"
        raise ImportUnusable(f"{path} is {kind}", hint=hint) from None
    except FileNotFoundError:
        raise ImportUnusable(f"there is no file {path}", hint="look at what is there: ls") from None
    except ValueError:  # a zero character
        raise ImportUnusable("this cannot be the name of a file") from None
    except OSError as error:
        if path.is_symlink():
            real = os.path.realpath(path)
            raise ImportUnusable(
                f"{path} is a symbolic link, and links are not followed", hint=f"name {real}"
            ) from None
        raise ImportUnusable(f"{path} cannot be read: {error.strerror}", hint=f"ls -l {path}") from None


def read_plain_file(path: Path, max_bytes: int) -> bytes:
    """Read a regular file once, as `open_plain_file` does.

    Raises:
        ImportUnusable: If it is missing, something else, larger than `max_bytes`, or cannot be read.
    """
    with open_plain_file(path) as file:
        return read_whole(file, path, max_bytes)


def read_whole(file: BinaryIO, path: Path, max_bytes: int) -> bytes:
    """Read a file that is open.

    Raises:
        ImportUnusable: If it is larger than `max_bytes`, or cannot be read.
    """
    try:
        data = file.read(max_bytes + 1)
    except OSError as error:
        raise ImportUnusable(f"{path} cannot be read: {error.strerror}", hint=f"ls -l {path}") from None
    if len(data) > max_bytes:
        size = os.fstat(file.fileno()).st_size
        raise ImportUnusable(f"{path} is larger than {max_bytes >> 20} MiB ({size} bytes); nothing was read")
    return data
