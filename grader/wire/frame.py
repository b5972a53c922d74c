"""A frame: eight bytes of length, little endian, and that many bytes of payload."""

from grader.wire import limits
from grader.wire.closed_set import LENGTH, ProtocolError


def frame_head(size: int) -> bytes:
    """Return the eight bytes that stand before a payload of `size` bytes."""
    return LENGTH.pack(size)


def frame_size(head: bytes | bytearray) -> int:
    """Read a frame's length.

    Raises:
        ProtocolError: If it is above `MAX_FRAME_BYTES`.
    """
    size = int(LENGTH.unpack(head)[0])
    if size > limits.MAX_FRAME_BYTES:
        raise ProtocolError(f"a reply of {size} bytes; at most {limits.MAX_FRAME_BYTES} are read")
    return size
