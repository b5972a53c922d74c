"""Worker -> judge: write a value of the closed set as bytes."""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.wire import limits
from grader.wire.closed_set import DTYPE_CODE, F64, LENGTH, NUMPY_CODE, U32, Unsendable, bytes_of, can_be_key, extent


class _Encoder:
    def __init__(self, keep: Callable[[object], int] | None) -> None:
        self._keep = keep
        self._nodes = 0
        self._size = 0
        self.parts: list[bytes | memoryview] = []

    def put(self, value: object, depth: int = 0) -> None:
        self._count(1)
        if depth > limits.MAX_DEPTH:
            raise Unsendable(f"nested deeper than {limits.MAX_DEPTH} levels")
        out = self._add
        if value is None:
            out(b"N")
        elif value is True:
            out(b"T")
        elif value is False:
            out(b"F")
        elif type(value) is int:
            self._put_int(value)
        elif isinstance(value, Tensor):
            self._put_tensor(value)
        elif isinstance(value, np.ndarray | np.generic) and not isinstance(value, str | bytes):
            self._put_array(value)
        elif isinstance(value, float):
            out(b"f" + F64.pack(float(value)))
        elif isinstance(value, int):  # a subclass such as an IntEnum; bool was above
            self._put_int(int.__index__(value))
        elif isinstance(value, str):
            self._put_bytes(b"s", str.encode(value, "utf-8", "surrogatepass"))
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
            self._put_bytes(b"v", str(value).encode())
        else:
            self._put_handle(value)

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > limits.MAX_NODES:
            raise Unsendable(f"more than {limits.MAX_NODES} items")

    def _add(self, data: bytes | memoryview) -> None:
        self._size += len(data)
        if self._size > limits.MAX_FRAME_BYTES:
            raise Unsendable(f"more than {limits.MAX_FRAME_BYTES >> 20} MiB in all")
        self.parts.append(data)

    def _put_int(self, value: int) -> None:
        size = value.bit_length() // 8 + 1
        if size > limits.MAX_INT_BYTES:
            self._put_handle(value)
        else:
            self._put_bytes(b"i", value.to_bytes(size, "little", signed=True))

    def _put_bytes(self, tag: bytes, data: bytes) -> None:
        if len(data) > limits.MAX_FRAME_BYTES:
            raise Unsendable(f"a text of more than {limits.MAX_FRAME_BYTES >> 20} MiB")
        self._add(tag + U32.pack(len(data)))
        self._add(data)

    def _put_items(self, tag: bytes, items: Iterable[object], count: int, depth: int) -> None:
        self._add(tag + U32.pack(count))
        for item in items:
            self.put(item, depth + 1)

    def _put_dict(self, value: dict[Any, Any], depth: int) -> None:
        self._count(limits.TABLE_NODES)
        self._add(b"d" + U32.pack(dict.__len__(value)))
        # An OrderedDict keeps an order of its own, which the dict under it does not know.
        for key, item in OrderedDict.items(value) if isinstance(value, OrderedDict) else dict.items(value):
            self._put_key(key, depth + 1)
            self.put(item, depth + 1)

    def _put_set(self, tag: bytes, items: Iterable[object], count: int, depth: int) -> None:
        self._count(limits.TABLE_NODES)
        self._add(tag + U32.pack(count))
        for item in items:
            self._put_key(item, depth + 1)

    def _put_key(self, key: object, depth: int) -> None:
        if not can_be_key(key):
            raise Unsendable(f"an object of class {type(key).__name__[:200]} is a key of a dict or in a set")
        keep, self._keep = self._keep, None  # a handle cannot be hashed
        self.put(key, depth)
        self._keep = keep

    def _put_handle(self, value: object) -> None:
        if self._keep is None:
            raise Unsendable(type(value).__name__)
        name = type(value).__name__[:200].encode("utf-8", "replace")
        self._add(b"h" + U32.pack(self._keep(value)) + bytes([callable(value)]) + U32.pack(len(name)) + name)

    def _put_tensor(self, value: Tensor) -> None:
        plain = type(value) in (Tensor, torch.nn.Parameter) and value.layout is torch.strided and not value.is_nested
        if not plain or value.dtype not in DTYPE_CODE or value.is_meta or value.is_quantized:
            self._put_handle(value)
            return
        self._require_size(value.shape, value.element_size())
        head = bytes([DTYPE_CODE[value.dtype], value.requires_grad])
        self._put_elements(b"x" + head, value.shape, str(value.device).encode(), bytes_of(value))

    def _put_array(self, value: Any) -> None:
        code = NUMPY_CODE.get(value.dtype.name)
        scalar = isinstance(value, np.generic)
        if code is None or not (scalar or type(value) is np.ndarray):
            self._put_handle(value)
            return
        self._require_size(value.shape, value.itemsize)
        data = np.ascontiguousarray(value).astype(value.dtype.newbyteorder("<"), copy=False).tobytes()
        self._put_elements(b"n" + bytes([code, scalar]), value.shape, b"", data)

    def _require_size(self, shape: tuple[int, ...], width: int) -> None:
        self._count(limits.ARRAY_NODES)
        if len(shape) > limits.MAX_DIMS or extent(shape) * width > limits.MAX_EXTENT_BYTES:
            raise Unsendable(f"an array of {len(shape)} dimensions and shape {tuple(shape)[:8]}")
        if math.prod(shape) * width > limits.MAX_FRAME_BYTES:  # before an expanded tensor is written out
            raise Unsendable(f"an array of shape {tuple(shape)} is larger than {limits.MAX_FRAME_BYTES >> 20} MiB")

    def _put_elements(self, head: bytes, shape: tuple[int, ...], device: bytes, data: bytes | memoryview) -> None:
        sizes = b"".join(LENGTH.pack(n) for n in shape)
        self._add(head + bytes([len(shape), len(device)]) + device + sizes + LENGTH.pack(len(data)))
        self._add(data)


def encode_reply(value: object, keep: Callable[[object], int] | None = None) -> list[bytes | memoryview]:
    """Encode a value of the closed set into the buffers of one payload.

    Args:
        value: None, bool, int, float, complex, str, bytes, list, tuple, dict, set, torch tensor or dtype or
            device, numpy array or scalar, nested at most `MAX_DEPTH` deep. Subclasses travel as their base.
        keep: Takes an object outside the set and returns its handle number.

    Raises:
        Unsendable: If the value is too large or too deep, has a key that is not hashed by its value, or is
            outside the set with no `keep`.
    """
    encoder = _Encoder(keep)
    encoder.put(value)
    return encoder.parts
