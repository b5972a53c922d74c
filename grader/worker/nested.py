"""Tensors in nested lists, tuples and dicts."""

from collections.abc import Callable, Iterator
from typing import Any

from torch import Tensor


def find_tensors(value: object) -> Iterator[Tensor]:
    """Yield the tensors in nested lists, tuples and dicts, in order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from find_tensors(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from find_tensors(item)


def map_tensors(value: Any, function: Callable[[Tensor], Tensor]) -> Any:
    """Return the same nest of lists, tuples and dicts with every tensor replaced."""
    if isinstance(value, Tensor):
        return function(value)
    if isinstance(value, dict):
        return {key: map_tensors(item, function) for key, item in value.items()}
    if isinstance(value, list | tuple):
        items = [map_tensors(item, function) for item in value]
        # What sort or max return is made of a list; a named tuple of its fields.
        whole = type(value).__module__ == "torch.return_types" or not hasattr(value, "_fields")
        return type(value)(items) if whole else type(value)(*items)
    return value
