"""Worker -> judge: write a value of the closed set as bytes."""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.wire import limits
from grader.wire.types import (
    DTYPE_CODE,
    F64,
    LENGTH,
    NUMPY_CODE,
    U32,
    TooLarge,
    Unsendable,
    bytes_of,
    can_be_key,
    extent,
)

#: Above this, a buffer is sent by itself instead of being copied together with others.
_LARGE_BYTES = 2**16
_INT_HEADS = [b"i" + U32.pack(size) for size in range(9)]


class _Encoder:
    def __init__(self, keep: Callable[[object], int] | None, room: int) -> None:
        self._keep = keep
        self._room = room
        self._in_key = False
        self._nodes = 0
        self._flushed_bytes = 0
        self._small = bytearray()
        self._parts: list[bytes | memoryview] = []

    def whole(self, value: object) -> list[bytes | memoryview]:
        self._count(1)
        self.put(value, 0)
        self._flush()
        return self._parts

    def put(self, value: object, depth: int) -> None:
        """Write one value; the caller has counted it."""
        if depth > limits.MAX_DEPTH:
            raise _too_large(f"nested deeper than {limits.MAX_DEPTH} levels")
        out = self._add
        if value is None:
            out(b"N")
        elif value is True:
            out(b"T")
        elif value is False:
            out(b"F")
        elif type(value) is int:
            self._put_int(value)
        elif type(value) is str:
            self._put_text(b"s", value)
        elif isinstance(value, Tensor):
            self._put_tensor(value)
        elif isinstance(value, np.ndarray | np.generic) and not isinstance(value, str | bytes):
            self._put_array(value)
        elif isinstance(value, float):
            out(b"f" + F64.pack(float(value)))
        elif isinstance(value, int):  # a subclass such as an IntEnum; bool was above
            self._put_int(int.__index__(value))
        elif isinstance(value, str):
            self._put_text(b"s", value)
        elif isinstance(value, bytes | bytearray):
            self._put_bytes(b"b", bytes(value))
        elif isinstance(value, complex):
            out(b"c" + F64.pack(value.real) + F64.pack(value.imag))
        elif isinstance(value, tuple):
            self._put_items(b"t", tuple.__iter__(value), tuple.__len__(value), depth)
        elif isinstance(value, list):
            self._put_items(b"l", list.__iter__(value), list.__len__(value), depth)
        elif isinstance(value, dict):
            self._put_dict(value, depth)
        elif isinstance(value, set):
            self._put_set(b"S", set.__iter__(value), set.__len__(value), depth)
        elif isinstance(value, frozenset):
            self._put_set(b"Z", frozenset.__iter__(value), frozenset.__len__(value), depth)
        elif isinstance(value, torch.dtype) and value in DTYPE_CODE:
            out(b"y" + bytes([DTYPE_CODE[value]]))
        elif isinstance(value, torch.device):
            self._put_text(b"v", str(value))
        else:
            self._put_handle(value)

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > limits.MAX_NODES:
            raise _too_large(f"more than {limits.MAX_NODES} items")

    def _add(self, data: bytes | memoryview) -> None:
        self._require_room(len(data))
        if len(data) > _LARGE_BYTES:
            self._flush()
            self._flushed_bytes += len(data)
            self._parts.append(data)
        else:
            self._small += data

    def _require_room(self, size: int) -> None:
        if self._flushed_bytes + len(self._small) + size > self._room:
            raise _too_large(f"more than {self._room >> 20} MiB in all", TooLarge)

    def _flush(self) -> None:
        if self._small:
            self._flushed_bytes += len(self._small)
            self._parts.append(memoryview(self._small))
            self._small = bytearray()

    def _put_int(self, value: int) -> None:
        size = value.bit_length() // 8 + 1
        if size > limits.MAX_INT_BYTES:
            self._put_handle(value)
        else:
            self._add(b"i" + U32.pack(size) + value.to_bytes(size, "little", signed=True))

    def _put_text(self, tag: bytes, value: str) -> None:
        data = str.encode(value, "utf-8", "surrogatepass")
        if len(data) > limits.MAX_NODES * limits.TEXT_BYTES_PER_NODE:
            raise _too_large(f"a text of more than {limits.MAX_NODES * limits.TEXT_BYTES_PER_NODE} bytes")
        self._count(len(data) // limits.TEXT_BYTES_PER_NODE)
        self._put_bytes(tag, data)

    def _put_bytes(self, tag: bytes, data: bytes) -> None:
        self._require_room(len(data))
        self._add(tag + U32.pack(len(data)))
        self._add(data)

    def _put_items(self, tag: bytes, items: Iterable[object], count: int, depth: int) -> None:
        """Write a list or tuple; its plain numbers without the way through `put`."""
        self._add(tag + U32.pack(count))
        self._count(count)
        depth += 1
        plain = depth <= limits.MAX_DEPTH
        for item in items:
            if type(item) is float and plain:
                self._small += b"f" + F64.pack(item)
            elif type(item) is int and plain and -(2**63) <= item < 2**63:
                size = item.bit_length() // 8 + 1
                self._small += _INT_HEADS[size] + item.to_bytes(size, "little", signed=True)
            else:
                self.put(item, depth)
        self._require_room(0)

    def _put_dict(self, value: dict[Any, Any], depth: int) -> None:
        count = dict.__len__(value)
        self._add(b"d" + U32.pack(count))
        self._count(limits.TABLE_NODES + count)
        # An OrderedDict keeps an order of its own, which the dict under it does not know.
        for key, item in OrderedDict.items(value) if isinstance(value, OrderedDict) else dict.items(value):
            self._put_key(key, depth + 1)
            self.put(item, depth + 1)

    def _put_set(self, tag: bytes, items: Iterable[object], count: int, depth: int) -> None:
        self._add(tag + U32.pack(count))
        self._count(limits.TABLE_NODES)
        for item in items:
            self._put_key(item, depth + 1)

    def _put_key(self, key: object, depth: int) -> None:
        self._count(1)
        if not can_be_key(key):
            raise _not_a_key(key)
        outer, self._in_key = self._in_key, True
        self.put(key, depth)
        self._in_key = outer

    def _put_handle(self, value: object) -> None:
        if self._in_key:  # a handle cannot be hashed
            raise _not_a_key(value)
        if self._keep is None:
            raise Unsendable(f"cannot be looked at: an object of class {type(value).__name__[:200]}")
        name = type(value).__name__[:200].encode("utf-8", "replace")
        self._count(len(name) // limits.TEXT_BYTES_PER_NODE)
        self._add(b"h" + U32.pack(self._keep(value)) + bytes([callable(value)]) + U32.pack(len(name)) + name)

    def _put_tensor(self, value: Tensor) -> None:
        plain = type(value) in (Tensor, torch.nn.Parameter) and value.layout is torch.strided and not value.is_nested
        if not plain or value.dtype not in DTYPE_CODE or value.is_meta or value.is_quantized:
            self._put_handle(value)
            return
        width = value.element_size()
        self._require_size(value.shape, width, [step * width for step in value.stride()])
        head = bytes([DTYPE_CODE[value.dtype], value.requires_grad])
        self._put_elements(b"x" + head, value.shape, str(value.device).encode(), bytes_of(value))

    def _put_array(self, value: Any) -> None:
        code = NUMPY_CODE.get(value.dtype.name)
        scalar = isinstance(value, np.generic)
        if code is None or not (scalar or type(value) is np.ndarray):
            self._put_handle(value)
            return
        self._require_size(value.shape, value.itemsize, value.strides)
        whole = np.ascontiguousarray(value).astype(value.dtype.newbyteorder("<"), copy=False)
        data: Any = whole.reshape(-1).view(np.uint8)
        self._put_elements(b"n" + bytes([code, scalar]), value.shape, b"", memoryview(data))

    def _require_size(self, shape: tuple[int, ...], width: int, strides: Sequence[int]) -> None:
        self._count(limits.ARRAY_NODES)
        if len(shape) > limits.MAX_DIMS or extent(shape) * width > limits.MAX_EXTENT_BYTES:
            raise _too_large(f"an array of {len(shape)} dimensions and shape {tuple(shape)[:8]}")
        if math.prod(shape) * width > self._room:  # before an expanded tensor is written out
            # Where elements share their memory, it is the shape that is wrong, and none was taken for it.
            spanned = width + sum((n - 1) * abs(step) for n, step in zip(shape, strides, strict=True))
            size = math.prod(shape) * width
            most = limits.MAX_FRAME_BYTES if size > limits.MAX_FRAME_BYTES else self._room
            kind = TooLarge if spanned >= size else Unsendable
            raise _too_large(f"an array of shape {tuple(shape)} is larger than {most >> 20} MiB", kind)

    def _put_elements(self, head: bytes, shape: tuple[int, ...], device: bytes, data: bytes | memoryview) -> None:
        sizes = b"".join(LENGTH.pack(n) for n in shape)
        self._add(head + bytes([len(shape), len(device)]) + device + sizes + LENGTH.pack(len(data)))
        self._add(data)


def _too_large(what: str, kind: type[Unsendable] = Unsendable) -> Unsendable:
    return kind(f"is too large or too deep to be looked at: {what}")


def _not_a_key(value: object) -> Unsendable:
    kind = type(value).__name__[:200]
    return Unsendable(f"cannot be looked at: an object of class {kind} is a key of a dict or in a set")


def encode_reply(
    value: object, keep: Callable[[object], int] | None = None, *, room: int | None = None
) -> list[bytes | memoryview]:
    """Encode a value of the closed set into the buffers of one payload.

    Args:
        value: None, bool, int, float, complex, str, bytes, list, tuple, dict, set, torch tensor or dtype or
            device, numpy array or scalar, nested at most `MAX_DEPTH` deep. Subclasses travel as their base.
        keep: Takes an object outside the set and returns its handle number.
        room: How many bytes it may take; by default `MAX_FRAME_BYTES`.

    Raises:
        TooLarge: If it takes more.
        Unsendable: If the value has too many items or is too deep, has a key that is not hashed by its value, or is
            outside the set with no `keep`. Its text goes on from "what came back".
    """
    return _Encoder(keep, limits.MAX_FRAME_BYTES if room is None else room).whole(value)
