"""Read the numbers out of whatever a learner's code returned: nothing raises, and nothing of theirs is called."""

import warnings
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import Parameter

from grader.core.pictures import MAX_SIDE

#: Of a longer series every n-th value is read: some 10 ms of work, whatever came back.
MAX_READ = 1_000_000
#: What is larger counts as infinite, and what is nearer to 0 as 0: sums and widths of bins stay ordinary numbers.
LARGEST, SMALLEST = 1e60, 1e-60
#: More than a reply can hold; only an expanded tensor is so large, and to flatten it would take its full size.
_MOST_ELEMENTS = 2**30

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class ShownTable(NamedTuple):
    """The part of a table that is shown: its values, and which rows and columns they are, of how many."""

    values: Floats
    rows: Ints
    columns: Ints
    size: tuple[int, int]


def read_numbers(value: Any) -> Floats | None:
    """Return the numbers of a value in one row, MAX_READ of them at most; None if its type holds none.

    What is not finite comes back as NaN, and so does an item of a list that is not a number.
    """
    array = _find_array(value)
    if array is not None:
        flat = array.reshape(-1)
        return _to_floats(flat[:: _step(flat.shape[0], MAX_READ)])
    if type(value) in (list, tuple):
        return _bound(np.array([_to_float(item) for item in value[:: _step(len(value), MAX_READ)]], np.float64))
    return _bound(np.array([_to_float(value)])) if is_number(value) else None


def read_table(value: Any) -> ShownTable | None:
    """Return at most 64 rows and columns of a table, evenly spread; None if it is none.

    One row is a table too, and so is a list of rows, the shorter ones filled with NaN.
    """
    if type(value) in (list, tuple) and value and not any(is_number(item) for item in value):
        rows = _spread(len(value))
        read = [numbers if (numbers := read_numbers(value[i])) is not None else np.zeros(0) for i in rows]
        width = max(map(len, read))
        table = np.full((len(read), width), np.nan)
        for line, numbers in zip(table, read, strict=True):
            line[: len(numbers)] = numbers
        columns = _spread(width)
        return ShownTable(table[:, columns], rows, columns, (len(value), width))
    array = _find_array(value)
    if array is None:
        array = read_numbers(value)
    if array is None or array.ndim > 2:
        return None
    if array.ndim < 2:
        array = array.reshape(1, -1)
    height, width = array.shape
    step = _step(width, MAX_READ // MAX_SIDE)
    rows, columns = _spread(height), _spread(-(-width // step))
    picked = [_to_floats(array[i, ::step])[columns] for i in rows.tolist()]
    return ShownTable(np.array(picked).reshape(len(rows), len(columns)), rows, columns * step, (height, width))


def _find_array(value: Any) -> Any:
    """Return a tensor or an array of real numbers as it can be sliced; None for everything else.

    By exact type: what a subclass does when it is sliced, is not known.
    """
    if type(value) in (Tensor, Parameter):
        plain = value.layout == torch.strided and value.device.type != "meta" and value.numel() <= _MOST_ELEMENTS
        return value.detach() if plain and not (value.is_complex() or value.is_quantized) else None
    plain = type(value) is np.ndarray and value.dtype.kind in "biuf" and value.size <= _MOST_ELEMENTS
    return value if plain else None


def _to_floats(array: Any) -> Floats:
    if isinstance(array, Tensor):
        return _bound(array.to("cpu", torch.float64).resolve_neg().numpy())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a long double may not fit: then it is infinite
        return _bound(array.astype(np.float64))


def _bound(numbers: Floats) -> Floats:
    size = np.abs(numbers)
    return np.where(size > LARGEST, np.nan, np.where(size < SMALLEST, 0.0, numbers))


def is_number(value: Any) -> bool:
    """Tell whether a value is one real number; a tensor of no dimensions is."""
    if type(value) in (Tensor, Parameter, np.ndarray):
        return value.ndim == 0 and _find_array(value) is not None
    return type(value) in (bool, int, float) or isinstance(value, np.bool_ | np.integer | np.floating)


def _to_float(value: Any) -> float:
    if not is_number(value):
        return np.nan
    try:
        return float(value)
    except OverflowError:  # an int beyond every float
        return np.nan


def _step(size: int, most: int) -> int:
    """Return how far to step so that at most so many of `size` places are met."""
    return max(1, -(-size // most))


def _spread(size: int) -> Ints:
    """Choose at most 64 of so many places, the first and the last among them."""
    return np.unique(np.linspace(0, size - 1, min(size, MAX_SIDE)).round().astype(np.int64))
