"""What crosses the boundary between judge and worker.

Judge -> worker: a pickle (trusted to untrusted), with handles and callbacks by number and tensors as bytes.
Worker -> judge: `encode_reply` / `decode_reply`, a closed set of types. Nothing in a reply is ever unpickled,
no name in it is ever looked up, and every claimed size is checked against the bytes that are really there
before anything is allocated.

A frame is eight bytes of length (little endian) and that many bytes of payload.
"""

import io
import math
import pickle
import struct
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

MAX_FRAME_BYTES = 512 * 2**20
MAX_DEPTH = 64
#: Bounds the Python objects one reply can make: about 200 MB of small ints at most.
MAX_NODES = 4_000_000
MAX_INT_BYTES = 1024  # 2,466 digits: below the limit at which Python refuses to print an int
MAX_TEXT = 10_000  # exception texts and names are for people to read

_LENGTH = struct.Struct("<Q")
_U32 = struct.Struct("<I")
_F64 = struct.Struct("<d")

#: The dtypes a reply may hold, by position; append only, since the position is what travels.
DTYPES: tuple[torch.dtype, ...] = (
    torch.float64,
    torch.float32,
    torch.float16,
    torch.bfloat16,
    torch.int64,
    torch.int32,
    torch.int16,
    torch.int8,
    torch.uint8,
    torch.bool,
    torch.complex128,
    torch.complex64,
)
_DTYPE_CODE = {dtype: code for code, dtype in enumerate(DTYPES)}
_NUMPY_NAMES = ["float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint64", "uint32", "uint16", "uint8", "bool", "complex128", "complex64"]
_NUMPY_CODE = {name: code for code, name in enumerate(_NUMPY_NAMES)}

Handle = tuple[int, str, bool]


class ProtocolError(Exception):
    """A reply is not what a worker of ours sends."""


class Unsendable(Exception):
    """A value outside the closed set; it stays with the learner as a handle."""


# --- worker -> judge ---------------------------------------------------------------------------------


class _Encoder:
    def __init__(self, keep: Callable[[object], int] | None) -> None:
        self._keep = keep
        self._nodes = 0
        self.parts: list[bytes | memoryview] = []

    def put(self, value: object, depth: int = 0) -> None:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise Unsendable(f"nested deeper than {MAX_DEPTH} levels or more than {MAX_NODES} items")
        out = self.parts.append
        if value is None:
            out(b"N")
        elif value is True:
            out(b"T")
        elif value is False:
            out(b"F")
        elif type(value) is int:
            self._put_int(value)
        elif isinstance(value, Tensor | np.ndarray | np.generic):
            self._put_array(value)
        elif isinstance(value, float):
            out(b"f" + _F64.pack(float(value)))
        elif isinstance(value, int):  # a subclass such as an IntEnum; bool was above
            self._put_int(int.__index__(value))
        elif isinstance(value, str):
            self._put_bytes(b"s", str.encode(value, "utf-8", "surrogatepass"))
        elif isinstance(value, bytes | bytearray):
            self._put_bytes(b"b", bytes(value))
        elif isinstance(value, complex):
            out(b"c" + _F64.pack(value.real) + _F64.pack(value.imag))
        elif isinstance(value, tuple):
            self._put_items(b"t", tuple.__iter__(value), tuple.__len__(value), depth)
        elif isinstance(value, list):
            self._put_items(b"l", list.__iter__(value), list.__len__(value), depth)
        elif isinstance(value, dict):
            items = [part for pair in dict.items(value) for part in pair]
            self._put_items(b"d", iter(items), dict.__len__(value), depth)
        elif isinstance(value, set):
            self._put_items(b"S", set.__iter__(value), set.__len__(value), depth)
        elif isinstance(value, frozenset):
            self._put_items(b"S", frozenset.__iter__(value), frozenset.__len__(value), depth)
        elif isinstance(value, torch.dtype) and value in _DTYPE_CODE:
            out(b"y" + bytes([_DTYPE_CODE[value]]))
        elif isinstance(value, torch.device):
            self._put_bytes(b"v", str(value).encode())
        else:
            self._put_handle(value)

    def _put_int(self, value: int) -> None:
        size = value.bit_length() // 8 + 1
        if size > MAX_INT_BYTES:
            self._put_handle(value)
        else:
            self._put_bytes(b"i", value.to_bytes(size, "little", signed=True))

    def _put_bytes(self, tag: bytes, data: bytes) -> None:
        self.parts.append(tag + _U32.pack(len(data)))
        self.parts.append(data)

    def _put_items(self, tag: bytes, items: Any, count: int, depth: int) -> None:
        self.parts.append(tag + _U32.pack(count))
        for item in items:
            self.put(item, depth + 1)

    def _put_handle(self, value: object) -> None:
        if self._keep is None:
            raise Unsendable(type(value).__name__)
        name = type(value).__name__[:200].encode("utf-8", "replace")
        self.parts.append(b"h" + _U32.pack(self._keep(value)) + bytes([callable(value)]) + _U32.pack(len(name)) + name)

    def _put_array(self, value: Any) -> None:
        if isinstance(value, Tensor):
            plain = type(value) in (Tensor, torch.nn.Parameter) and value.layout is torch.strided
            if not plain or value.dtype not in _DTYPE_CODE or value.is_meta or value.is_quantized:
                self._put_handle(value)
                return
            if value.numel() * value.element_size() > MAX_FRAME_BYTES:
                raise Unsendable(f"a tensor of shape {tuple(value.shape)} is larger than {MAX_FRAME_BYTES >> 20} MiB")
            flat = value.detach().cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
            data = memoryview(flat.view(torch.uint8).numpy()) if flat.numel() else b""
            kind, code, device = b"x", _DTYPE_CODE[value.dtype], str(value.device).encode()
            flag = bool(value.requires_grad)
        else:
            name = value.dtype.name
            if type(value) is not np.ndarray and not isinstance(value, np.generic):
                self._put_handle(value)
                return
            if name not in _NUMPY_CODE:
                self._put_handle(value)
                return
            array = np.ascontiguousarray(value).astype(value.dtype.newbyteorder("<"), copy=False)
            if array.nbytes > MAX_FRAME_BYTES:
                raise Unsendable(f"an array of shape {array.shape} is larger than {MAX_FRAME_BYTES >> 20} MiB")
            data = array.tobytes()
            kind, code, device, flag = b"n", _NUMPY_CODE[name], b"", isinstance(value, np.generic)
        shape = tuple(value.shape)
        head = kind + bytes([code, flag, len(shape), len(device)]) + device
        self.parts.append(head + b"".join(_LENGTH.pack(n) for n in shape) + _LENGTH.pack(len(data)))
        self.parts.append(data)


def encode_reply(value: object, keep: Callable[[object], int] | None = None) -> list[bytes | memoryview]:
    """Encode a value of the closed set into the buffers of one payload.

    Args:
        value: None, bool, int, float, complex, str, bytes, list, tuple, dict, set, torch tensor or dtype or
            device, numpy array or scalar, nested at most `MAX_DEPTH` deep.
        keep: Takes an object outside the set and returns its handle number.

    Raises:
        Unsendable: If the value is too large or too deep, or outside the set with no `keep`.
    """
    encoder = _Encoder(keep)
    encoder.put(value)
    return encoder.parts


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

    def value(self, depth: int = 0) -> Any:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise ProtocolError("the reply is nested too deeply or has too many items")
        tag = bytes(self.take(1))
        reader = _READERS.get(tag)
        if reader is None:
            raise ProtocolError(f"unknown type tag {tag!r}")
        return reader(self, depth)

    def u32(self) -> int:
        return int(_U32.unpack(self.take(4))[0])

    def u64(self) -> int:
        return int(_LENGTH.unpack(self.take(8))[0])

    def f64(self) -> float:
        return float(_F64.unpack(self.take(8))[0])

    def integer(self) -> int:
        size = self.u32()
        if size > MAX_INT_BYTES:
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
        result: dict[Any, Any] = {}
        for _ in range(self.count()):
            key = self._hashable(depth)
            if key in result:
                raise ProtocolError("a key stands twice")
            result[key] = self.value(depth + 1)
        return result

    def collection(self, depth: int) -> set[Any]:
        return {self._hashable(depth) for _ in range(self.count())}

    def _hashable(self, depth: int) -> Any:
        value = self.value(depth + 1)
        try:
            hash(value)
        except TypeError as error:
            raise ProtocolError("a key that cannot be hashed") from error
        if isinstance(value, Tensor):  # hashed by identity: never equal to what a check looks up
            raise ProtocolError("a tensor as a key")
        return value

    def array(self, kind: bytes) -> Any:
        code, flag, dims, device_size = bytes(self.take(4))
        device = self.text(self.take(device_size))
        shape = tuple(self.u64() for _ in range(dims))
        size = self.u64()
        if size > len(self._data) - self._at:
            raise ProtocolError("an array claims more bytes than the reply has")
        names = DTYPES if kind == b"x" else _NUMPY_NAMES
        if code >= len(names) or dims > 32:
            raise ProtocolError("an array of unknown dtype or with too many dimensions")
        dtype = names[code]
        width = dtype.itemsize if isinstance(dtype, torch.dtype) else np.dtype(dtype).itemsize
        if max(shape, default=0) > 2**48 or math.prod(shape) * width != size:
            raise ProtocolError("an array whose shape does not fit its bytes")
        data = self.take(size)
        if isinstance(dtype, torch.dtype):
            return _tensor_from(data, dtype, shape, bool(flag), device)
        array = np.frombuffer(data, dtype=np.dtype(dtype).newbyteorder("<")).reshape(shape)
        array = (array.view(np.uint8) != 0) if dtype == "bool" else array.astype(dtype)
        return array[()] if flag and dims == 0 else array

    def handle(self) -> object:
        number = self.u32()
        is_callable = bool(self.take(1)[0])
        name = self.text(self.take(self.u32()))
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
        tensor = torch.frombuffer(data, dtype=torch.uint8).ne(0).reshape(shape)
    else:
        aligned = bytearray(data)  # a copy: the payload gives no alignment, and its buffer is reused
        tensor = torch.frombuffer(aligned, dtype=dtype).reshape(shape)
    tensor.requires_grad_(grad and (dtype.is_floating_point or dtype.is_complex))
    tensor.came_from_device = device  # type: ignore[attr-defined]  # read by `placed_on`
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


# --- judge -> worker ---------------------------------------------------------------------------------


def _rebuild_tensor(
    data: bytearray, dtype: torch.dtype, shape: tuple[int, ...], stride: tuple[int, ...], grad: bool
) -> Tensor:
    tensor = torch.frombuffer(data, dtype=dtype).reshape(shape) if data else torch.empty(shape, dtype=dtype)
    if tensor.stride() != stride and tensor.numel():
        span = 1 + sum((n - 1) * s for n, s in zip(shape, stride, strict=True))
        tensor = torch.zeros(span, dtype=dtype).as_strided(shape, stride).copy_(tensor)
    return _place(tensor).requires_grad_(grad)


_target_device = "cpu"


def place_tensors_on(device: str) -> None:
    """Put every tensor of the requests to come on this device; called once in the worker."""
    global _target_device
    _target_device = device


def _place(tensor: Tensor) -> Tensor:
    return tensor if _target_device == "cpu" else tensor.to(_target_device)


class _RequestPickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, refer: Callable[[object], tuple[str, int] | None]) -> None:
        super().__init__(file, protocol=5)
        self._refer = refer

    def persistent_id(self, obj: object) -> tuple[str, int] | None:
        return self._refer(obj)

    def reducer_override(self, obj: object) -> Any:
        if type(obj) is Tensor and obj.layout is torch.strided and obj.dtype in _DTYPE_CODE:
            flat = obj.detach().contiguous().reshape(-1)
            data = bytearray(flat.view(torch.uint8).numpy()) if flat.numel() else bytearray()
            return _rebuild_tensor, (data, obj.dtype, tuple(obj.shape), obj.stride(), obj.requires_grad)
        return NotImplemented


def encode_request(request: object, refer: Callable[[object], tuple[str, int] | None]) -> bytes:
    """Pickle a request; `refer` returns ("handle" | "callback", number) for what travels by number."""
    file = io.BytesIO()
    _RequestPickler(file, refer).dump(request)
    return file.getvalue()


class _RequestUnpickler(pickle.Unpickler):
    def __init__(self, payload: bytes, find: Callable[[str, int], object]) -> None:
        super().__init__(io.BytesIO(payload))
        self._find = find

    def persistent_load(self, pid: Any) -> object:
        return self._find(*pid)


def decode_request(payload: bytes, find: Callable[[str, int], object]) -> Any:
    """Unpickle a request in the worker; `find` turns a handle or callback number into the object."""
    return _RequestUnpickler(payload, find).load()


def is_check_function(value: object) -> bool:
    """Tell whether a callable argument lives in the judge, and so must travel as a callback."""
    if not isinstance(value, types.FunctionType | types.MethodType | types.LambdaType):
        return False
    module = (getattr(value, "__module__", None) or "").partition(".")[0]
    return module not in {"torch", "numpy", "math", "operator", "builtins", "grader"}


def frame_head(size: int) -> bytes:
    """Return the eight bytes that stand before a payload of `size` bytes."""
    return _LENGTH.pack(size)


def frame_size(head: bytes) -> int:
    """Read a frame's length.

    Raises:
        ProtocolError: If it is above `MAX_FRAME_BYTES`.
    """
    size = int(_LENGTH.unpack(head)[0])
    if size > MAX_FRAME_BYTES:
        raise ProtocolError(f"a reply of {size} bytes; at most {MAX_FRAME_BYTES} are read")
    return size
