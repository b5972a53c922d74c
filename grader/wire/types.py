"""The types that may come back from a worker, and what encoder and decoder share about them."""

import math
import struct
from typing import Any

import numpy as np
import torch
from torch import Tensor

LENGTH = struct.Struct("<Q")
U32 = struct.Struct("<I")
F64 = struct.Struct("<d")

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
DTYPE_CODE = {dtype: code for code, dtype in enumerate(DTYPES)}
NUMPY_NAMES = [
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
NUMPY_CODE = {name: code for code, name in enumerate(NUMPY_NAMES)}


class ProtocolError(Exception):
    """A reply is not what a worker of ours sends."""


class DecodingTimedOut(ProtocolError):
    """A reply takes longer to decode than its call has left."""


class Unsendable(Exception):
    """A value that cannot travel; the text says what it is or what is wrong with it, after "what came back"."""


class TooLarge(Unsendable):
    """A value of more bytes than may travel; the text says what takes them."""


def can_be_key(value: object) -> bool:
    """Tell whether a value may be a key or in a set: it is hashed by what it is (a tensor is not)."""
    if isinstance(value, tuple):
        return all(can_be_key(item) for item in value)
    return value is None or isinstance(value, _KEYS)


_KEYS = (bool, int, float, complex, str, bytes, frozenset, np.generic, torch.dtype, torch.device)


def extent(shape: tuple[int, ...]) -> int:
    """Return how many elements there would be if no size were 0."""
    return math.prod(max(n, 1) for n in shape)


def bytes_of(tensor: Tensor) -> memoryview:
    """Return the elements of a strided tensor, in order; without a copy where it is contiguous."""
    if tensor.numel() == 0:
        return memoryview(b"")
    whole = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous()
    # Not reshape(-1): one element counts as contiguous with any stride, and then cannot be viewed as bytes.
    data: Any = whole.as_strided((whole.numel(),), (1,)).view(torch.uint8).numpy()
    return memoryview(data)
