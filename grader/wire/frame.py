"""A frame: eight bytes of length, little endian, and that many bytes of payload."""

import mmap

from grader.wire import limits
from grader.wire.closed_set import LENGTH, ProtocolError

_LARGE_BYTES = 2**22


def frame_head(size: int) -> bytes:
    """Return the eight bytes that stand before a payload of `size` bytes."""
    return LENGTH.pack(size)


def frame_size(head: bytes | memoryview) -> int:
    """Read a frame's length.

    Raises:
        ProtocolError: If it is above `MAX_FRAME_BYTES`.
    """
    size = int(LENGTH.unpack(head)[0])
    if size > limits.MAX_FRAME_BYTES:
        raise ProtocolError(f"a reply of {size} bytes; at most {limits.MAX_FRAME_BYTES} are read")
    return size


def make_buffer(size: int) -> memoryview:
    """Return memory to read a frame into; a large one in pages of 2 MiB, which are faster to come by."""
    if size < _LARGE_BYTES or not hasattr(mmap, "MADV_HUGEPAGE"):
        return memoryview(bytearray(size))
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.madvise(mmap.MADV_HUGEPAGE)
    return memoryview(memory)
