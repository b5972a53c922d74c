"""Worker -> judge: read bytes as a value of the closed set, whatever they are."""

import gc
import math
import re
import struct
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from grader.wire import limits
from grader.wire.elements import array_of, tensor_of
from grader.wire.types import (
    DTYPES,
    F64,
    LENGTH,
    NUMPY_NAMES,
    U32,
    DecodingTimedOut,
    ProtocolError,
    can_be_key,
    extent,
)

_NUMPY_DTYPES = [np.dtype(name) for name in NUMPY_NAMES]
_DEVICE = re.compile(rb"(?:[a-z]{1,32}(?::[0-9]{1,4})?)?")
_INT, _FLOAT, _LIST, _TUPLE = b"iflt"
_read_u32, _read_f64 = U32.unpack_from, F64.unpack_from

MakeHandle = Callable[[int, str, bool], object]


class _Decoder:
    __slots__ = ("_at", "_data", "_deadline_s", "_keys", "_look_at", "_make_handle", "_nodes", "_size")

    def __init__(self, payload: memoryview, make_handle: MakeHandle | None, deadline_s: float) -> None:
        self._data = payload
        self._size = len(payload)
        self._at = 0
        self._nodes = 0
        self._keys = 0
        self._look_at = min(limits.LOOK_EVERY_NODES, limits.MAX_NODES + 1)
        self._make_handle = make_handle
        self._deadline_s = deadline_s

    def whole(self) -> Any:
        self._look()
        self._count(1)
        value = self.value(0)
        if self._at != self._size:
            raise ProtocolError("bytes left over after the reply")
        self._look()
        return value

    def take(self, count: int) -> memoryview:
        end = self._at + count
        if end > self._size:
            raise ProtocolError("the reply ends too early")
        part = self._data[self._at : end]
        self._at = end
        return part

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes >= self._look_at:
            if self._nodes > limits.MAX_NODES:
                raise ProtocolError("the reply has too many items")
            self._look()
            self._look_at = min(self._nodes + limits.LOOK_EVERY_NODES, limits.MAX_NODES + 1)

    def _look(self) -> None:
        if time.monotonic() > self._deadline_s:
            raise DecodingTimedOut("the reply takes longer to read than the time that is left")

    def value(self, depth: int) -> Any:
        """Read one value; the caller has counted it."""
        if depth > limits.MAX_DEPTH:
            raise ProtocolError("the reply is nested too deeply")
        at = self._at
        if at >= self._size:
            raise ProtocolError("the reply ends too early")
        self._at = at + 1
        tag = self._data[at]
        reader = _READERS.get(tag)
        if reader is None:
            raise ProtocolError(f"unknown type tag {bytes([tag])!r}")
        return reader(self, depth)

    def u32(self) -> int:
        at = self._at
        if at + 4 > self._size:
            raise ProtocolError("the reply ends too early")
        self._at = at + 4
        number: int = _read_u32(self._data, at)[0]
        return number

    def f64(self) -> float:
        return float(F64.unpack(self.take(8))[0])

    def integer(self) -> int:
        size = self.u32()
        if size > limits.MAX_INT_BYTES:
            raise ProtocolError("an int of absurd size")
        return int.from_bytes(self.take(size), "little", signed=True)

    def text(self) -> str:
        data = self.take(self.u32())
        if len(data) >= limits.TEXT_BYTES_PER_NODE:
            self._count(len(data) // limits.TEXT_BYTES_PER_NODE)
        if len(data) <= limits.LOOK_EVERY_TEXT_BYTES:
            return _text_of(data)
        pieces = []
        start = 0
        while start < len(data):
            self._look()
            end = min(start + limits.LOOK_EVERY_TEXT_BYTES, len(data))
            for _ in range(3):  # a character has at most three bytes after its first
                if end < len(data) and data[end] & 0xC0 == 0x80:
                    end -= 1
            pieces.append(_text_of(data[start:end]))
            start = end
        return "".join(pieces)

    def count(self) -> int:
        count = self.u32()
        if count > self._size - self._at:  # every item takes at least one byte
            raise ProtocolError("a container claims more items than the reply has bytes")
        return count

    def items(self, depth: int) -> list[Any]:
        """Read what is in a list or tuple; numbers and lists without the way through `value`."""
        left = self.count()
        result: list[Any] = []
        if not left:
            return result
        depth += 1
        if depth > limits.MAX_DEPTH:
            raise ProtocolError("the reply is nested too deeply")
        self._count(left)
        data, at, size = self._data, self._at, self._size
        append = result.append
        while left:
            now = min(left, limits.LOOK_EVERY_NODES)
            left -= now
            for _ in range(now):
                if size - at < 5:  # nearly over: no room for a number
                    self._at = at
                    append(self.value(depth))
                    at = self._at
                    continue
                tag = data[at]
                if tag == _INT and (start := at + 5) + (width := _read_u32(data, at + 1)[0]) <= size and width <= 8:
                    at = start + width
                    append(int.from_bytes(data[start:at], "little", signed=True))
                elif tag == _FLOAT and at + 9 <= size:
                    append(_read_f64(data, at + 1)[0])
                    at += 9
                elif tag == _LIST:
                    self._at = at + 1
                    append(self.items(depth))
                    at = self._at
                else:
                    self._at = at
                    append(self.value(depth))
                    at = self._at
            if left:
                self._look()
        self._at = at
        return result

    def mapping(self, depth: int) -> dict[Any, Any]:
        count = self.count()
        self._count(limits.TABLE_NODES + count)
        result: dict[Any, Any] = {}
        hashes: dict[int, int] = {}
        for _ in range(count):
            key = self._key(depth, hashes)
            if key in result:
                raise ProtocolError("a key is there twice")
            result[key] = self.value(depth + 1)
        return result

    def collection(self, depth: int) -> set[Any]:
        self._count(limits.TABLE_NODES)
        result: set[Any] = set()
        hashes: dict[int, int] = {}
        for _ in range(self.count()):
            key = self._key(depth, hashes)
            if key in result:
                raise ProtocolError("a key is there twice")
            result.add(key)
        return result

    def _key(self, depth: int, hashes: dict[int, int]) -> Any:
        self._keys += 1
        if self._keys % limits.LOOK_EVERY_KEYS == 0:
            self._look()
        before = self._nodes
        self._count(1)
        value = self.value(depth + 1)
        if type(value) is not str and not can_be_key(value):
            raise ProtocolError(f"a {type(value).__name__} as a key")
        code = hash(value)
        same = hashes.get(code, 0)
        hashes[code] = same + 1
        if same:
            # It is compared with each of them, and sets of sets that collide at every level would multiply.
            self._nodes += 2 * same * (self._nodes - before)
            if same >= limits.MAX_SAME_HASH or self._nodes > limits.MAX_NODES:
                raise ProtocolError("keys that were made to collide")
        return value

    def array(self, is_tensor: bool) -> Any:
        self._count(limits.ARRAY_NODES)
        code, flag, dims, device_size = self.take(4)
        if code >= len(DTYPES if is_tensor else _NUMPY_DTYPES) or dims > limits.MAX_DIMS:
            raise ProtocolError("an array of unknown dtype or with too many dimensions")
        device = bytes(self.take(device_size))
        if not _DEVICE.fullmatch(device):  # it is in messages
            raise ProtocolError("a device of unknown form")
        shape = struct.unpack(f"<{dims}Q", self.take(8 * dims))
        size = int(LENGTH.unpack(self.take(8))[0])
        if size > self._size - self._at:
            raise ProtocolError("an array claims more bytes than the reply has")
        width = (DTYPES[code] if is_tensor else _NUMPY_DTYPES[code]).itemsize
        if extent(shape) * width > limits.MAX_EXTENT_BYTES or math.prod(shape) * width != size:
            raise ProtocolError("an array whose shape does not fit its bytes")
        # A copy: the payload gives no alignment, and is overwritten by the next. In memory of torch's: NumPy asks for
        # pages of 2 MiB, which can take far longer to come by than the copy.
        elements = _empty(size)
        elements[:] = np.frombuffer(self.take(size), np.uint8)
        if is_tensor:
            return tensor_of(elements, DTYPES[code], shape, grad=bool(flag), device=device.decode())
        array = array_of(elements, _NUMPY_DTYPES[code], shape)
        return array[()] if flag and dims == 0 else array

    def handle(self) -> object:
        number = self.u32()
        is_callable = bool(self.take(1)[0])
        size = self.u32()
        if size > 4 * 200:
            raise ProtocolError("a class name of absurd length")
        self._count(size // limits.TEXT_BYTES_PER_NODE)
        # It is in messages, where a line break or an escape code could forge a line.
        name = "".join(c if c.isprintable() else "?" for c in _text_of(self.take(size)))
        if self._make_handle is None:
            raise ProtocolError("a handle where none can be")
        return self._make_handle(number, name, is_callable)

    def dtype(self) -> torch.dtype:
        code = self.take(1)[0]
        if code >= len(DTYPES):
            raise ProtocolError("an unknown dtype")
        return DTYPES[code]


def _empty(size: int) -> Any:
    try:
        return torch.empty(size, dtype=torch.uint8).numpy()
    except RuntimeError as error:  # torch's own words for it
        raise MemoryError(f"no {size} bytes for an array of a reply") from error


def _text_of(data: memoryview) -> str:
    try:
        return str(data, "utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise ProtocolError("text that is not UTF-8") from error


_READERS: dict[int, Callable[[_Decoder, int], Any]] = {
    ord("N"): lambda d, _: None,
    ord("T"): lambda d, _: True,
    ord("F"): lambda d, _: False,
    _INT: lambda d, _: d.integer(),
    _FLOAT: lambda d, _: d.f64(),
    ord("c"): lambda d, _: complex(d.f64(), d.f64()),
    ord("s"): lambda d, _: d.text(),
    ord("b"): lambda d, _: bytes(d.take(d.u32())),
    _LIST: lambda d, depth: d.items(depth),
    _TUPLE: lambda d, depth: tuple(d.items(depth)),
    ord("d"): lambda d, depth: d.mapping(depth),
    ord("S"): lambda d, depth: d.collection(depth),
    ord("Z"): lambda d, depth: frozenset(d.collection(depth)),
    ord("x"): lambda d, _: d.array(True),
    ord("n"): lambda d, _: d.array(False),
    ord("y"): lambda d, _: d.dtype(),
    ord("v"): lambda d, _: d.text(),
    ord("h"): lambda d, _: d.handle(),
}


def decode_reply(
    payload: bytes | bytearray | memoryview, make_handle: MakeHandle | None = None, *, deadline_s: float = math.inf
) -> Any:
    """Decode one payload of a worker into plain values.

    Args:
        payload: What the worker sent, without the length.
        make_handle: Builds the judge's stand-in for an object that stays with the learner, from its number,
            the name of its class and whether it can be called.
        deadline_s: When to give up, as a `time.monotonic` value; looked at between items, so that one array
            can take the time of its copy longer.

    Raises:
        ProtocolError: If the payload is anything but one complete value of the closed set.
        DecodingTimedOut: If it is not decoded before the deadline.
    """
    decoder = _Decoder(memoryview(payload), make_handle, deadline_s)
    collects = gc.isenabled()
    gc.disable()  # nothing here can be in a cycle, and a million new lists would have it look through them all
    try:
        return decoder.whole()
    finally:
        if collects:
            gc.enable()
