"""Files of the cache: read with a limit, written whole or not at all, set aside instead of deleted."""

import errno
import os
from pathlib import Path

from grader.files.replacing import replacing

# The names file has 228,145 bytes, the embedded one 221,148; anything near this limit is some other file.
SIZE_CAP_BYTES = 1 << 20


def read_capped(path: Path, cap_bytes: int = SIZE_CAP_BYTES) -> bytes:
    """Read at most one byte more than the cap, so that a wrong path (a film, a device) costs nothing.

    Raises:
        OSError: If there is no such file, it is not a regular file or it cannot be read.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "Not a regular file", str(path))  # opening a pipe would wait for ever
    with path.open("rb") as file:
        return file.read(cap_bytes + 1)


def reason(error: OSError) -> str:
    """Say in a few words why the system refused."""
    return error.strerror or str(error) or type(error).__name__


def keep_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old one or the whole new one, also after a crash.

    Raises:
        OSError: If it cannot be written; no part of it stays behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path, mode=0o600) as file:
        file.write(data)


def set_aside(path: Path) -> Path:
    """Rename a damaged file to `<name>.damaged-<n>` with the first free n, and return the new path.

    Raises:
        OSError: If it cannot be renamed, or is not there any more.
    """
    n = 0
    while True:
        n += 1
        aside = path.with_name(f"{path.name}.damaged-{n}")
        try:
            # Claims the name, so that two commands at once never overwrite what the other has set aside.
            aside.touch(exist_ok=False)
        except FileExistsError:
            continue
        try:
            os.replace(path, aside)
        except OSError:
            aside.unlink()
            raise
        return aside
