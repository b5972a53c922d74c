"""Worker -> judge: read bytes as a value of the closed set, whatever they are."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.wire import limits
from grader.wire.closed_set import DTYPES, F64, LENGTH, NUMPY_NAMES, U32, ProtocolError, can_be_key, extent


class _Decoder:
    def __init__(self, payload: memoryview, make_handle: Callable[[int, str, bool], object] | None) -> None:
        self._data = payload
        self._at = 0
        self._nodes = 0
        self._make_handle = make_handle

    def take(self, count: int) -> memoryview:
        end = self._at + count
        if end > len(self._data):
            raise ProtocolError("the reply ends too early")
        part = self._data[self._at : end]
        self._at = end
        return part

    def done(self) -> bool:
        return self._at == len(self._data)

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > limits.MAX_NODES:
            raise ProtocolError("the reply has too many items")

    def value(self, depth: int = 0) -> Any:
        self._count(1)
        if depth > limits.MAX_DEPTH:
            raise ProtocolError("the reply is nested too deeply")
        tag = bytes(self.take(1))
        reader = _READERS.get(tag)
        if reader is None:
            raise ProtocolError(f"unknown type tag {tag!r}")
        return reader(self, depth)

    def u32(self) -> int:
        return int(U32.unpack(self.take(4))[0])

    def u64(self) -> int:
        return int(LENGTH.unpack(self.take(8))[0])

    def f64(self) -> float:
        return float(F64.unpack(self.take(8))[0])

    def integer(self) -> int:
        size = self.u32()
        if size > limits.MAX_INT_BYTES:
            raise ProtocolError("an int of absurd size")
        return int.from_bytes(self.take(size), "little", signed=True)

    def text(self, data: memoryview) -> str:
        try:
            return str(data, "utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise ProtocolError("text that is not UTF-8") from error

    def count(self) -> int:
        count = self.u32()
        if count > len(self._data) - self._at:  # every item takes at least one byte
            raise ProtocolError("a container claims more items than the reply has bytes")
        return count

    def items(self, depth: int) -> list[Any]:
        return [self.value(depth + 1) for _ in range(self.count())]

    def mapping(self, depth: int) -> dict[Any, Any]:
        self._count(limits.TABLE_NODES)
        result: dict[Any, Any] = {}
        hashes: dict[int, int] = {}
        for _ in range(self.count()):
            key = self._key(depth, hashes)
            if key in result:
                raise ProtocolError("a key stands twice")
            result[key] = self.value(depth + 1)
        return result

    def collection(self, depth: int) -> set[Any]:
        self._count(limits.TABLE_NODES)
        hashes: dict[int, int] = {}
        return {self._key(depth, hashes) for _ in range(self.count())}

    def _key(self, depth: int, hashes: dict[int, int]) -> Any:
        value = self.value(depth + 1)
        if not can_be_key(value):
            raise ProtocolError(f"a {type(value).__name__} as a key")
        code = hash(value)
        hashes[code] = hashes.get(code, 0) + 1
        if hashes[code] > limits.MAX_SAME_HASH:
            raise ProtocolError("keys that were made to collide")
        return value

    def array(self, kind: bytes) -> Any:
        self._count(limits.ARRAY_NODES)
        code, flag, dims, device_size = bytes(self.take(4))
        names = DTYPES if kind == b"x" else NUMPY_NAMES
        if code >= len(names) or dims > limits.MAX_DIMS:
            raise ProtocolError("an array of unknown dtype or with too many dimensions")
        device = self.text(self.take(device_size))
        shape = tuple(self.u64() for _ in range(dims))
        size = self.u64()
        if size > len(self._data) - self._at:
            raise ProtocolError("an array claims more bytes than the reply has")
        dtype = names[code]
        width = dtype.itemsize if isinstance(dtype, torch.dtype) else np.dtype(dtype).itemsize
        if extent(shape) * width > limits.MAX_EXTENT_BYTES or math.prod(shape) * width != size:
            raise ProtocolError("an array whose shape does not fit its bytes")
        data = self.take(size)
        if isinstance(dtype, torch.dtype):
            return _tensor_from(data, dtype, shape, bool(flag), device)
        array = np.frombuffer(data, dtype=np.dtype(dtype).newbyteorder("<")).reshape(shape)
        if dtype == "bool":  # a byte that is neither 0 nor 1 is undefined as a bool
            array = array.view(np.uint8).astype(np.bool_)
        array = array.astype(dtype)  # a copy: the payload gives no alignment, and its buffer is reused
        return array[()] if flag and dims == 0 else array

    def handle(self) -> object:
        number = self.u32()
        is_callable = bool(self.take(1)[0])
        size = self.u32()
        if size > 4 * 200:
            raise ProtocolError("a class name of absurd length")
        # It stands in messages, where a line break or an escape code could forge a line.
        name = "".join(c if c.isprintable() else "?" for c in self.text(self.take(size)))
        if self._make_handle is None:
            raise ProtocolError("a handle where none can be")
        return self._make_handle(number, name, is_callable)

    def dtype(self) -> torch.dtype:
        code = self.take(1)[0]
        if code >= len(DTYPES):
            raise ProtocolError("an unknown dtype")
        return DTYPES[code]


def _tensor_from(data: memoryview, dtype: torch.dtype, shape: tuple[int, ...], grad: bool, device: str) -> Tensor:
    if len(data) == 0:
        tensor = torch.empty(shape, dtype=dtype)
    elif dtype is torch.bool:  # a byte that is neither 0 nor 1 is undefined as a bool
        tensor = torch.frombuffer(bytearray(data), dtype=torch.uint8).ne(0).reshape(shape)
    else:
        aligned = bytearray(data)  # a copy: the payload gives no alignment, and its buffer is reused
        tensor = torch.frombuffer(aligned, dtype=dtype).reshape(shape)
    tensor.requires_grad_(grad and (dtype.is_floating_point or dtype.is_complex))
    tensor.came_from_device = device  # type: ignore[attr-defined]  # the values themselves are on the CPU
    return tensor


_READERS: dict[bytes, Callable[[_Decoder, int], Any]] = {
    b"N": lambda d, _: None,
    b"T": lambda d, _: True,
    b"F": lambda d, _: False,
    b"i": lambda d, _: d.integer(),
    b"f": lambda d, _: d.f64(),
    b"c": lambda d, _: complex(d.f64(), d.f64()),
    b"s": lambda d, _: d.text(d.take(d.u32())),
    b"b": lambda d, _: bytes(d.take(d.u32())),
    b"l": lambda d, depth: d.items(depth),
    b"t": lambda d, depth: tuple(d.items(depth)),
    b"d": lambda d, depth: d.mapping(depth),
    b"S": lambda d, depth: d.collection(depth),
    b"Z": lambda d, depth: frozenset(d.collection(depth)),
    b"x": lambda d, _: d.array(b"x"),
    b"n": lambda d, _: d.array(b"n"),
    b"y": lambda d, _: d.dtype(),
    b"v": lambda d, _: d.text(d.take(d.u32())),
    b"h": lambda d, _: d.handle(),
}


def decode_reply(
    payload: bytes | bytearray | memoryview,
    make_handle: Callable[[int, str, bool], object] | None = None,
) -> Any:
    """Decode one payload of a worker into plain values.

    Args:
        payload: What the worker sent, without the length.
        make_handle: Builds the judge's stand-in for an object that stays with the learner, from its number,
            the name of its class and whether it can be called.

    Raises:
        ProtocolError: If the payload is anything but one complete value of the closed set.
    """
    decoder = _Decoder(memoryview(payload), make_handle)
    value = decoder.value()
    if not decoder.done():
        raise ProtocolError("bytes left over after the reply")
    return value
