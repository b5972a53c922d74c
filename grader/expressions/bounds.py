"""How much work and memory an expression may take, and how much a value or a call would."""

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

#: 128 MiB of float64, which is more than any check needs.
MAX_ELEMENTS = 2**24
#: Items of lists, tuples and texts, with all that lies inside them.
MAX_ITEMS = 100_000
#: In elements read or made: a second or two, and 1.5 GiB if all of it is kept.
MAX_WORK = 2 * 10**8
#: What one node costs besides its elements, in elements: 100,000 nodes take about as long as all those.
NODE_WORK = 2_000
#: A product of matrices does so many multiplications in the time another operator takes for one element.
PRODUCTS_PER_ELEMENT = 64
#: A whole number must fit into 64 bits, as in a tensor.
MAX_INT_BITS = 64


@cache
def _tensor_type() -> Any:
    import torch  # at load time nothing is evaluated, and torch not wanted

    return torch.Tensor


def is_tensor(value: Any) -> bool:
    return "torch" in sys.modules and isinstance(value, _tensor_type())


def count_elements(value: Any) -> float:
    if is_tensor(value):
        return float(value.numel())
    return float(count_items(value)) if isinstance(value, list | tuple | dict | str) else 1.0


def count_items(value: Any) -> float:
    """Count what lies in a list, its own lists included; stops counting where it is too much."""
    total, remaining = 0.0, [value]
    while remaining and total <= MAX_ELEMENTS:
        item = remaining.pop()
        if isinstance(item, list | tuple):
            if len(remaining) + len(item) > MAX_ITEMS:
                return math.inf
            remaining += item
        elif isinstance(item, dict):
            remaining += item.values()
        total += item.numel() if is_tensor(item) else len(item) if isinstance(item, str) else 1
    return total


def volume(shape: Sequence[Any]) -> float:
    """Give the number of elements of a shape, which may be one tuple of sizes."""
    sizes = shape[0] if len(shape) == 1 and isinstance(shape[0], list | tuple) else shape
    return math.prod(float(size) for size in sizes)


def count_steps(start: Any, end: Any = None, step: Any = 1, *_: Any) -> float:
    low, high = (0, start) if end is None else (start, end)
    return max(0.0, (float(high) - float(low)) / float(step))


def broadcast(*values: Any) -> tuple[int, ...]:
    return broadcast_shapes([tuple(value.shape) for value in values if is_tensor(value)])


def broadcast_shapes(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """Give the shape the largest sizes lead to; whether they fit at all is for torch to say."""
    longest = max(map(len, shapes), default=0)
    padded = [(1,) * (longest - len(shape)) + shape for shape in shapes]
    return tuple(max(sizes) for sizes in zip(*padded, strict=True))


#: How many elements the functions that make something make of their arguments.
SIZES: Mapping[str, Callable[..., float]] = {
    **dict.fromkeys(("randn", "rand", "zeros", "ones", "empty"), lambda *shape: volume(shape)),
    "randint": lambda low, high, *shape: volume(shape),
    **dict.fromkeys(("full", "expanded"), lambda value, *shape: volume(shape)),
    **dict.fromkeys(("randperm", "words"), lambda n: volume((n,))),
    "eye": lambda n, *rest: volume((n, n)),
    "linspace": lambda start, end, n, *rest: volume((n,)),
    "arange": lambda start, end=None, step=1, *rest: count_steps(start, end, step),
    "one_hot": lambda indices, classes, *rest: count_elements(indices) * volume((classes,)),
    "where": lambda *three: volume(broadcast(*three)),
}
