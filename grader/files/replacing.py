"""The one way to write a file: whole, or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast


@contextmanager
def replacing(path: Path, *, mode: int | None = None, lasts: bool = True) -> Iterator[BinaryIO]:
    """Write a file piece by piece; a reader sees the old one until the block ends, then the whole new one.

    A link is replaced and not followed. After an error in the block, Ctrl-C too, nothing has changed.

    Args:
        path: The file.
        mode: Its permissions; None: those that the umask leaves to new files.
        lasts: Whether it must be whole after a power failure too, which takes a moment.

    Raises:
        OSError: If it cannot be written.
    """
    import tempfile  # 3 ms, for what is seldom done

    temporary: str | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".tmp", delete=False) as file:
            temporary = file.name
            yield cast(BinaryIO, file)
            file.flush()
            if lasts:
                os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~read_umask() if mode is None else mode)
        os.replace(temporary, path)
        temporary = None
    finally:
        if temporary is not None:
            with suppress(FileNotFoundError):
                os.unlink(temporary)


def read_umask() -> int:
    """Return the bits that new files are not to have."""
    umask = os.umask(0o077)  # it can only be read by setting it
    os.umask(umask)
    return umask
