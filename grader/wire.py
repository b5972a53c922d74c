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
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

MAX_FRAME_BYTES = 512 * 2**20
MAX_DEPTH = 64
#: Bounds the Python objects one reply can make: a few hundred MB at most, whatever they are.
MAX_NODES = 4_000_000
#: What an array, a dict or a set counts for beside its items: an empty one takes far more memory than a small int.
ARRAY_NODES = 20
TABLE_NODES = 4
#: NumPy's limit until 2.0, and no exercise comes near it.
MAX_DIMS = 32
#: Elements and strides of an empty tensor must fit an int64, too.
MAX_EXTENT_BYTES = 2**60
#: Honest keys share a hash twice or so (-1 and -2); keys made to collide would make a dict quadratic.
MAX_SAME_HASH = 32
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
_NUMPY_NAMES = [
    "float64",
    "float32",
    "float16",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint64",
    "uint32",
    "uint16",
    "uint8",
    "bool",
    "complex128",
    "complex64",
]
_NUMPY_CODE = {name: code for code, name in enumerate(_NUMPY_NAMES)}

Handle = tuple[int, str, bool]


class ProtocolError(Exception):
    """A reply is not what a worker of ours sends."""


class Unsendable(Exception):
    """A value outside the closed set; it stays with the learner as a handle."""


# --- worker -> judge ---------------------------------------------------------------------------------


def _can_be_key(value: object) -> bool:
    """Tell whether a value may be a key or in a set: it is hashed by what it is (a tensor is not)."""
    if isinstance(value, tuple):
        return all(_can_be_key(item) for item in value)
    return value is None or isinstance(value, _KEYS)


_KEYS = (bool, int, float, complex, str, bytes, frozenset, np.generic, torch.dtype, torch.device)


def _bytes_of(tensor: Tensor) -> memoryview:
    """Return the elements of a strided tensor, in order; without a copy where it is contiguous."""
    if tensor.numel() == 0:
        return memoryview(b"")
    whole = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous()
    # Not reshape(-1): one element counts as contiguous with any stride, and then cannot be viewed as bytes.
    data: Any = whole.as_strided((whole.numel(),), (1,)).view(torch.uint8).numpy()
    return memoryview(data)


class _Encoder:
    def __init__(self, keep: Callable[[object], int] | None) -> None:
        self._keep = keep
        self._nodes = 0
        self._size = 0
        self.parts: list[bytes | memoryview] = []

    def put(self, value: object, depth: int = 0) -> None:
        self._count(1)
        if depth > MAX_DEPTH:
            raise Unsendable(f"nested deeper than {MAX_DEPTH} levels")
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
            self._put_dict(value, depth)
        elif isinstance(value, set):
            self._put_set(b"S", set.__iter__(value), set.__len__(value), depth)
        elif isinstance(value, frozenset):
            self._put_set(b"Z", frozenset.__iter__(value), frozenset.__len__(value), depth)
        elif isinstance(value, torch.dtype) and value in _DTYPE_CODE:
            out(b"y" + bytes([_DTYPE_CODE[value]]))
        elif isinstance(value, torch.device):
            self._put_bytes(b"v", str(value).encode())
        else:
            self._put_handle(value)

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise Unsendable(f"more than {MAX_NODES} items")

    def _add(self, data: bytes | memoryview) -> None:
        self._size += len(data)
        if self._size > MAX_FRAME_BYTES:
            raise Unsendable(f"more than {MAX_FRAME_BYTES >> 20} MiB in all")
        self.parts.append(data)

    def _put_int(self, value: int) -> None:
        size = value.bit_length() // 8 + 1
        if size > MAX_INT_BYTES:
            self._put_handle(value)
        else:
            self._put_bytes(b"i", value.to_bytes(size, "little", signed=True))

    def _put_bytes(self, tag: bytes, data: bytes) -> None:
        if len(data) > MAX_FRAME_BYTES:
            raise Unsendable(f"a text of more than {MAX_FRAME_BYTES >> 20} MiB")
        self._add(tag + _U32.pack(len(data)))
        self._add(data)

    def _put_items(self, tag: bytes, items: Iterable[object], count: int, depth: int) -> None:
        self._add(tag + _U32.pack(count))
        for item in items:
            self.put(item, depth + 1)

    def _put_dict(self, value: dict[Any, Any], depth: int) -> None:
        self._count(TABLE_NODES)
        self._add(b"d" + _U32.pack(dict.__len__(value)))
        # An OrderedDict keeps an order of its own, which the dict under it does not know.
        for key, item in OrderedDict.items(value) if isinstance(value, OrderedDict) else dict.items(value):
            self._put_key(key, depth + 1)
            self.put(item, depth + 1)

    def _put_set(self, tag: bytes, items: Iterable[object], count: int, depth: int) -> None:
        self._count(TABLE_NODES)
        self._add(tag + _U32.pack(count))
        for item in items:
            self._put_key(item, depth + 1)

    def _put_key(self, key: object, depth: int) -> None:
        if not _can_be_key(key):
            raise Unsendable(f"an object of class {type(key).__name__[:200]} is a key of a dict or in a set")
        keep, self._keep = self._keep, None  # a handle cannot be hashed
        self.put(key, depth)
        self._keep = keep

    def _put_handle(self, value: object) -> None:
        if self._keep is None:
            raise Unsendable(type(value).__name__)
        name = type(value).__name__[:200].encode("utf-8", "replace")
        self._add(b"h" + _U32.pack(self._keep(value)) + bytes([callable(value)]) + _U32.pack(len(name)) + name)

    def _put_tensor(self, value: Tensor) -> None:
        plain = type(value) in (Tensor, torch.nn.Parameter) and value.layout is torch.strided and not value.is_nested
        if not plain or value.dtype not in _DTYPE_CODE or value.is_meta or value.is_quantized:
            self._put_handle(value)
            return
        self._require_size(value.shape, value.element_size())
        head = bytes([_DTYPE_CODE[value.dtype], value.requires_grad])
        self._put_elements(b"x" + head, value.shape, str(value.device).encode(), _bytes_of(value))

    def _put_array(self, value: Any) -> None:
        code = _NUMPY_CODE.get(value.dtype.name)
        scalar = isinstance(value, np.generic)
        if code is None or not (scalar or type(value) is np.ndarray):
            self._put_handle(value)
            return
        self._require_size(value.shape, value.itemsize)
        data = np.ascontiguousarray(value).astype(value.dtype.newbyteorder("<"), copy=False).tobytes()
        self._put_elements(b"n" + bytes([code, scalar]), value.shape, b"", data)

    def _require_size(self, shape: tuple[int, ...], width: int) -> None:
        self._count(ARRAY_NODES)
        if len(shape) > MAX_DIMS or _extent(shape) * width > MAX_EXTENT_BYTES:
            raise Unsendable(f"an array of {len(shape)} dimensions and shape {tuple(shape)[:8]}")
        if math.prod(shape) * width > MAX_FRAME_BYTES:  # before an expanded tensor is written out
            raise Unsendable(f"an array of shape {tuple(shape)} is larger than {MAX_FRAME_BYTES >> 20} MiB")

    def _put_elements(self, head: bytes, shape: tuple[int, ...], device: bytes, data: bytes | memoryview) -> None:
        sizes = b"".join(_LENGTH.pack(n) for n in shape)
        self._add(head + bytes([len(shape), len(device)]) + device + sizes + _LENGTH.pack(len(data)))
        self._add(data)


def _extent(shape: tuple[int, ...]) -> int:
    """Return how many elements there would be if no size were 0."""
    return math.prod(max(n, 1) for n in shape)


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
        if self._nodes > MAX_NODES:
            raise ProtocolError("the reply has too many items")

    def value(self, depth: int = 0) -> Any:
        self._count(1)
        if depth > MAX_DEPTH:
            raise ProtocolError("the reply is nested too deeply")
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
        self._count(TABLE_NODES)
        result: dict[Any, Any] = {}
        hashes: dict[int, int] = {}
        for _ in range(self.count()):
            key = self._key(depth, hashes)
            if key in result:
                raise ProtocolError("a key stands twice")
            result[key] = self.value(depth + 1)
        return result

    def collection(self, depth: int) -> set[Any]:
        self._count(TABLE_NODES)
        hashes: dict[int, int] = {}
        return {self._key(depth, hashes) for _ in range(self.count())}

    def _key(self, depth: int, hashes: dict[int, int]) -> Any:
        value = self.value(depth + 1)
        if not _can_be_key(value):
            raise ProtocolError(f"a {type(value).__name__} as a key")
        code = hash(value)
        hashes[code] = hashes.get(code, 0) + 1
        if hashes[code] > MAX_SAME_HASH:
            raise ProtocolError("keys that were made to collide")
        return value

    def array(self, kind: bytes) -> Any:
        self._count(ARRAY_NODES)
        code, flag, dims, device_size = bytes(self.take(4))
        names = DTYPES if kind == b"x" else _NUMPY_NAMES
        if code >= len(names) or dims > MAX_DIMS:
            raise ProtocolError("an array of unknown dtype or with too many dimensions")
        device = self.text(self.take(device_size))
        shape = tuple(self.u64() for _ in range(dims))
        size = self.u64()
        if size > len(self._data) - self._at:
            raise ProtocolError("an array claims more bytes than the reply has")
        dtype = names[code]
        width = dtype.itemsize if isinstance(dtype, torch.dtype) else np.dtype(dtype).itemsize
        if _extent(shape) * width > MAX_EXTENT_BYTES or math.prod(shape) * width != size:
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


# --- judge -> worker ---------------------------------------------------------------------------------


def _rebuild_tensor(
    data: bytearray, dtype: torch.dtype, shape: tuple[int, ...], stride: tuple[int, ...], grad: bool
) -> Tensor:
    tensor = torch.frombuffer(data, dtype=dtype).reshape(shape) if data else torch.empty(shape, dtype=dtype)
    if tensor.stride() != stride and tensor.numel():
        places = torch.zeros((), dtype=torch.int64)
        for n, step in zip(shape, stride, strict=True):
            places = places.unsqueeze(-1) + torch.arange(n) * step
        storage = torch.zeros(int(places.max()) + 1, dtype=dtype)
        storage[places] = tensor  # not a copy_ into the view: after an expand, elements share a place
        tensor = storage.as_strided(shape, stride)
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
        if type(obj) is Tensor and obj.layout is torch.strided and obj.dtype in _DTYPE_CODE and not obj.is_meta:
            data = bytearray(_bytes_of(obj))
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
