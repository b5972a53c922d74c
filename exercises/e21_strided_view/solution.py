"""Storage, strides and views: what a tensor is below its shape.

Source: "Building makemore Part 2: MLP", from 18:35; E. Z. Yang, "PyTorch internals", 2019.
"""

# solution: begin
import math
from itertools import zip_longest
# solution: end


def contiguous_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the strides of a fresh tensor, whose elements lie row by row without gaps.

    Args:
        shape: Sizes of at least 0, any number of them; () is a scalar.

    Returns:
        One stride per dimension, in elements; the last is 1. A size of 0 counts as 1, as in torch.
    """
    # solution: begin
    return tuple(math.prod(max(size, 1) for size in shape[i + 1 :]) for i in range(len(shape)))
    # solution: end


def storage_index(index: tuple[int, ...], strides: tuple[int, ...], offset: int = 0) -> int:
    """Return the place in the storage of one element.

    Args:
        index: One index per dimension, each at least 0.
        strides: One stride per dimension, in elements.
        offset: Where in the storage the tensor begins.

    Returns:
        The number of elements that lie before it in the storage.
    """
    # solution: begin
    return offset + sum(i * stride for i, stride in zip(index, strides, strict=True))
    # solution: end


# solution: begin
def fill_in(new_shape: tuple[int, ...], count: int) -> tuple[int, ...]:
    """Replace a -1 by the size that makes the number of elements right."""
    rest = math.prod(size for size in new_shape if size != -1)
    filled = tuple(count // rest if size == -1 else size for size in new_shape)
    if math.prod(filled) != count:
        raise ValueError(f"{count} elements do not fit the shape {new_shape}")
    return filled


# solution: end


# solution: begin
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


# solution: end


def view_strides(
    shape: tuple[int, ...], strides: tuple[int, ...], new_shape: tuple[int, ...]
) -> tuple[int, ...] | None:
    """Find the strides under which a tensor's storage, as it lies, reads as another shape.

    Args:
        shape: Sizes of at least 1.
        strides: One stride per dimension, in elements; 0 after an expand.
        new_shape: Sizes of at least 1, one of which may be -1: whatever makes the number of elements right.

    Returns:
        One stride per dimension of new_shape, such that the elements come in the same order as in the given tensor;
        None if there are no such strides, so that the elements would have to be copied. What stands at a dimension
        of size 1 does not matter.

    Raises:
        ValueError: If no shape of that form has as many elements as `shape`.
    """
    # solution: begin
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
    # solution: end


# solution: begin
def match_sizes(x: int, y: int) -> int:
    """Return the size that two are stretched to."""
    if x != y and 1 not in (x, y):
        raise ValueError(f"{x} and {y}")
    return y if x == 1 else x


# solution: end


def broadcast_shape(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of an element-by-element operation on operands of two shapes.

    Args:
        a, b: Sizes of at least 0, any number of them each; () is a scalar.

    Returns:
        The common shape: the last dimensions are lined up, and a size of 1, or a missing one, is stretched.

    Raises:
        ValueError: If two sizes that are lined up differ and neither is 1; the message shows both shapes.
    """
    # solution: begin
    try:
        pairs = zip_longest(reversed(a), reversed(b), fillvalue=1)
        return tuple(match_sizes(x, y) for x, y in pairs)[::-1]
    except ValueError as error:
        raise ValueError(f"the shapes {a} and {b} do not fit together: {error}") from None
    # solution: end
