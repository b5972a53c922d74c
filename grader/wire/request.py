"""Judge -> worker: a pickle in which tensors are bytes, and handles and callbacks are numbers.

The bytes of large tensors lie behind the pickle, each at a multiple of 64, and are never copied here: the judge
sends them from the tensor itself, and in the worker the tensor lives in what was received.
"""

import io
import pickle
import struct
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from grader.wire.types import DTYPE_CODE, Unsendable, bytes_of

#: From this size on, copying costs more than one more piece to send.
_ASIDE_BYTES = 2**16
_ALIGNMENT = 64


def _rebuild_tensor(
    data: bytearray | memoryview, dtype: torch.dtype, shape: tuple[int, ...], stride: tuple[int, ...], grad: bool
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
        aside: list[memoryview] = []

        def keep_aside(data: pickle.PickleBuffer) -> bool:
            """Take a large buffer out of the pickle; True for one that stays in it."""
            raw = data.raw()
            if len(raw) < _ASIDE_BYTES:
                return True
            aside.append(raw)
            return False

        # No method of this object, which it would then hold itself: see `dump_aside`.
        super().__init__(file, protocol=5, buffer_callback=keep_aside)
        self._refer = refer
        self._aside = aside

    def dump_aside(self, request: object) -> list[memoryview]:
        """Write the pickle; returns what lies beside it.

        Nothing is left for the garbage collector: where it finds a lender of memory before the borrower, Python 3.11
        crashes.
        """
        try:
            self.dump(request)
        finally:
            self.clear_memo()
        return self._aside

    def persistent_id(self, obj: object) -> tuple[str, int] | None:
        return self._refer(obj)

    def reducer_override(self, obj: object) -> Any:
        if type(obj) is Tensor and obj.layout is torch.strided and obj.dtype in DTYPE_CODE and not obj.is_meta:
            # Of what lends the memory itself, not of a view of it; written as a bytearray, without one more copy here.
            lender: Any = bytes_of(obj).obj
            data = pickle.PickleBuffer(lender)
            return _rebuild_tensor, (data, obj.dtype, tuple(obj.shape), obj.stride(), obj.requires_grad)
        kind = obj if isinstance(obj, type) else type(obj)
        if not _is_known_everywhere(kind.__module__):
            raise Unsendable(
                f"an argument holds {kind.__qualname__}, which the worker does not know: give a submission plain values, "
                "tensors, arrays and functions"
            )
        return NotImplemented


def _is_known_everywhere(module: str) -> bool:
    """Tell whether a worker can import a module: not that of the checks, nor ours."""
    top = module.partition(".")[0]
    return top in sys.stdlib_module_names or top in ("torch", "numpy")


def encode_request(request: object, refer: Callable[[object], tuple[str, int] | None]) -> list[bytes | memoryview]:
    """Pickle a request; `refer` returns ("handle" | "callback", number) for what travels by number.

    Returns:
        The payload in pieces; some are the memory of the request's tensors.
    """
    file = io.BytesIO()
    aside = _RequestPickler(file, refer).dump_aside(request)
    pieces: list[bytes | memoryview] = [file.getvalue(), *aside]
    head = struct.pack(f"<{len(pieces) + 1}Q", len(pieces), *map(len, pieces))
    payload: list[bytes | memoryview] = [head]
    position = len(head)
    for piece in pieces:
        gap = -position % _ALIGNMENT
        payload += [bytes(gap), piece]
        position += gap + len(piece)
    return payload


class _RequestUnpickler(pickle.Unpickler):
    def __init__(self, data: memoryview, aside: Sequence[memoryview], find: Callable[[str, int], object]) -> None:
        super().__init__(io.BytesIO(data), buffers=aside)
        self._find = find

    def persistent_load(self, pid: Any) -> object:
        return self._find(*pid)


def decode_request(payload: bytearray | memoryview, find: Callable[[str, int], object]) -> Any:
    """Unpickle a request in the worker; `find` turns a handle or callback number into the object.

    The tensors in it live in the payload, which must not be used for anything else.
    """
    view = memoryview(payload)
    (count,) = struct.unpack_from("<Q", payload)
    position = 8 * (count + 1)
    pieces = []
    for size in struct.unpack_from(f"<{count}Q", payload, 8):
        position += -position % _ALIGNMENT
        pieces.append(view[position : position + size])
        position += size
    return _RequestUnpickler(pieces[0], pieces[1:], find).load()


def is_check_function(value: object) -> bool:
    """Tell whether a callable argument lives in the judge, and so must travel as a callback."""
    if not isinstance(value, types.FunctionType | types.MethodType | types.LambdaType):
        return False
    module = (getattr(value, "__module__", None) or "").partition(".")[0]
    return module not in {"torch", "numpy", "math", "operator", "builtins", "grader"}
