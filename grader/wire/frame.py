"""A frame: eight bytes of length, little endian, and that many bytes of payload.

A request may be lent instead (see `lending`): its highest bit is set, and a descriptor travels beside the eight bytes.
"""

from grader.wire import limits
from grader.wire.types import LENGTH, ProtocolError

_LENT = 1 << 63


def frame_head(size: int, *, lent: bool = False) -> bytes:
    """Return the eight bytes that stand before a payload of `size` bytes, or beside one that is lent."""
    return LENGTH.pack(size | _LENT if lent else size)


def split_head(head: bytes | memoryview) -> tuple[int, bool]:
    """Return the size that a request's head tells, and whether the payload is lent.

    Raises:
        ProtocolError: If it is above `MAX_FRAME_BYTES`.
    """
    size = int(LENGTH.unpack(head)[0])
    return frame_size(LENGTH.pack(size & ~_LENT)), bool(size & _LENT)


def frame_size(head: bytes | memoryview, room: int | None = None) -> int:
    """Read a frame's length.

    Args:
        head: Its first eight bytes.
        room: How long it may be; by default `MAX_FRAME_BYTES`.

    Raises:
        ProtocolError: If it is longer.
    """
    size = int(LENGTH.unpack(head)[0])
    most = limits.MAX_FRAME_BYTES if room is None else room
    if size > most:
        raise ProtocolError(f"a reply of {size} bytes; at most {most} are read")
    return size
