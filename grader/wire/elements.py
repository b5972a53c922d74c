"""The elements of arrays that came back, from bytes that are ours already: nothing here copies them again."""

from typing import Any

import numpy as np
import torch
from torch import Tensor


def array_of(elements: Any, dtype: np.dtype[Any], shape: tuple[int, ...]) -> Any:
    """View little-endian bytes as an array."""
    if dtype == np.bool_:
        return _as_bools(elements).reshape(shape)
    return elements.view(dtype.newbyteorder("<")).astype(dtype, copy=False).reshape(shape)


def tensor_of(elements: Any, dtype: torch.dtype, shape: tuple[int, ...], *, grad: bool, device: str) -> Tensor:
    """View little-endian bytes as a tensor; `device` is where it was, the values themselves are on the CPU."""
    if len(elements) == 0:
        tensor = torch.empty(shape, dtype=dtype)
    elif dtype is torch.bool:
        tensor = torch.from_numpy(_as_bools(elements)).reshape(shape)
    else:
        tensor = torch.frombuffer(elements, dtype=dtype).reshape(shape)
    if grad and (dtype.is_floating_point or dtype.is_complex):
        tensor.requires_grad_()
    tensor.came_from_device = device  # type: ignore[attr-defined]
    return tensor


def _as_bools(elements: Any) -> Any:
    """View bytes as bools, in place: one that is neither 0 nor 1 would be undefined as a bool."""
    return np.not_equal(elements, 0, out=elements.view(np.bool_))
