"""Storage, strides and views of a tensor, with tuples alone."""

import math
from itertools import zip_longest


def contiguous_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the strides of a fresh tensor, whose elements lie row by row without gaps."""
    return tuple(math.prod(max(size, 1) for size in shape[i + 1 :]) for i in range(len(shape)))


def storage_index(index: tuple[int, ...], strides: tuple[int, ...], offset: int = 0) -> int:
    """Return the place in the storage of one element."""
    return offset + sum(i * stride for i, stride in zip(index, strides, strict=True))


def fill_in(new_shape: tuple[int, ...], count: int) -> tuple[int, ...]:
    """Replace a -1 by the size that makes the number of elements right."""
    rest = math.prod(size for size in new_shape if size != -1)
    filled = tuple(count // rest if size == -1 else size for size in new_shape)
    if math.prod(filled) != count:
        raise ValueError(f"{count} elements do not fit the shape {new_shape}")
    return filled


def merge(shape: tuple[int, ...], strides: tuple[int, ...]) -> list[tuple[int, int]]:
    """Merge every run of dimensions that lies without gaps into one block: (length, stride) each."""
    blocks: list[tuple[int, int]] = []
    for size, stride in zip(shape, strides, strict=True):
        if size == 1:
            continue
        if blocks and blocks[-1][1] == size * stride:  # a step on the left leads right past the end of this one
            blocks[-1] = (blocks[-1][0] * size, stride)
        else:
            blocks.append((size, stride))
    return blocks


def view_strides(
    shape: tuple[int, ...], strides: tuple[int, ...], new_shape: tuple[int, ...]
) -> tuple[int, ...] | None:
    """Find the strides under which a tensor's storage, as it lies, reads as another shape."""
    sizes = fill_in(new_shape, math.prod(shape))
    blocks = merge(shape, strides)
    found = []
    for size in reversed(sizes):
        length, stride = blocks.pop() if size != 1 else (1, 1)
        if length % size:
            return None
        found.append(stride)
        if length > size:
            blocks.append((length // size, size * stride))
    return tuple(reversed(found))


def match_sizes(x: int, y: int) -> int:
    """Return the size that two are stretched to."""
    if x != y and 1 not in (x, y):
        raise ValueError(f"{x} and {y}")
    return y if x == 1 else x


def broadcast_shape(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of an element-by-element operation on operands of two shapes."""
    try:
        pairs = zip_longest(reversed(a), reversed(b), fillvalue=1)
        return tuple(match_sizes(x, y) for x, y in pairs)[::-1]
    except ValueError as error:
        raise ValueError(f"the shapes {a} and {b} do not fit together: {error}") from None
