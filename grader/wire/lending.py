"""Hand over a large request without sending it: it is written once into memory that both processes can map.

The file has no name and is sealed before it is lent, so that the process that gets it can neither change nor enlarge it: what
the worker writes to its tensors goes to pages of its own, which its memory limit counts.
"""

import mmap
import os
from collections.abc import Sequence

#: From this size on; below it, mapping costs more than copying.
LEND_BYTES = 2**22
#: The kernel takes up to 1,024 at once.
_MAX_PARTS = 512


def lend(payload: Sequence[bytes | memoryview]) -> int | None:
    """Write a payload into a sealed file in memory.

    Returns:
        Its descriptor, for the caller to close; None where the system has no such files, or no room for it.
    """
    if not hasattr(os, "memfd_create"):
        return None
    import fcntl  # not on every system

    try:
        fd = os.memfd_create("request", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    except OSError:
        return None
    try:
        parts = [memoryview(piece) for piece in payload if len(piece)]
        while parts:
            written = os.writev(fd, parts[:_MAX_PARTS])
            while parts and written >= len(parts[0]):
                written -= len(parts.pop(0))
            if parts:
                parts[0] = parts[0][written:]
        seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
    except OSError:
        os.close(fd)
        return None
    return fd


def borrow(fd: int, size: int) -> memoryview:
    """Map a file that was lent, and close its descriptor; writing to it changes this process's pages alone."""
    try:
        return memoryview(mmap.mmap(fd, size, flags=mmap.MAP_PRIVATE))
    except OSError as error:
        raise MemoryError(f"no {size} bytes for a request") from error
    finally:
        os.close(fd)
