"""Storage, strides and views: what a tensor is below its shape.

Source: "Building makemore Part 2: MLP", from 18:35; E. Z. Yang, "PyTorch internals", 2019.
"""


def contiguous_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the strides of a fresh tensor, whose elements lie row by row without gaps.

    Args:
        shape: Sizes of at least 0, any number of them; () is a scalar.

    Returns:
        One stride per dimension, in elements; the last is 1. A size of 0 counts as 1, as in torch.
    """
    raise NotImplementedError


def storage_index(index: tuple[int, ...], strides: tuple[int, ...], offset: int = 0) -> int:
    """Return the place in the storage of one element.

    Args:
        index: One index per dimension, each at least 0.
        strides: One stride per dimension, in elements.
        offset: Where in the storage the tensor begins.

    Returns:
        The number of elements that lie before it in the storage.
    """
    raise NotImplementedError


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
    raise NotImplementedError


def broadcast_shape(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of an element-by-element operation on operands of two shapes.

    Args:
        a, b: Sizes of at least 0, any number of them each; () is a scalar.

    Returns:
        The common shape: the last dimensions are lined up, and a size of 1, or a missing one, is stretched.

    Raises:
        ValueError: If two sizes that are lined up differ and neither is 1; the message shows both shapes.
    """
    raise NotImplementedError
