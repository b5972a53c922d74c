"""Short wordings of values for messages: what a tensor, a dict or a class is, in a few words and numbers."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from types import FunctionType
from typing import Any

import numpy as np
import torch
from torch import Tensor

#: A tensor up to this size is shown with its numbers.
MAX_ELEMENTS_SHOWN = 6
#: A longer text is cut; a wrong one is then shown from a little before the first difference.
MAX_TEXT_SHOWN = 60


def type_name(value: object) -> str:
    """Return the name of a value's class; for an object that stayed with the learner, its class there."""
    named = getattr(type(value), "learner_type_name", None)
    return str(named(value)) if named is not None else type(value).__name__


def describe(value: object, *, limit: int = 160) -> str:
    """Say in one short line what a value is: small tensors whole, large ones as `float64[3, 5]`."""
    text = _describe(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _describe(value: object) -> str:
    if isinstance(value, Tensor):
        return _describe_tensor(value)
    if isinstance(value, np.ndarray):
        head = f"numpy {value.dtype}[{', '.join(str(n) for n in value.shape)}]"
        return head if not 0 < value.size <= MAX_ELEMENTS_SHOWN else f"{head} {_numbers(value.tolist())}"
    if isinstance(value, float):
        text = f"{value:.6g}"
        return f"{text}.0" if text.lstrip("-").isdigit() else text
    if isinstance(value, str):
        return repr(value if len(value) <= MAX_TEXT_SHOWN else value[: MAX_TEXT_SHOWN - 1] + "…")
    if isinstance(value, bytes):
        return repr(value[:MAX_TEXT_SHOWN]) + (f", … {len(value)} bytes" if len(value) > MAX_TEXT_SHOWN else "")
    if isinstance(value, tuple):
        inner = ", ".join(_describe(v) for v in value[:6]) + (", …" if len(value) > 6 else "")
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, list):
        more = f", … {len(value)} items" if len(value) > 6 else ""
        return "[" + ", ".join(_describe(v) for v in value[:6]) + more + "]"
    if isinstance(value, AbstractSet):
        more = f", … {len(value)} items" if len(value) > 12 else ""
        return (
            "{" + ", ".join(sorted(_describe(v) for v in islice(value, 1000))[:12]) + more + "}" if value else "set()"
        )
    if isinstance(value, Mapping):
        items = [f"{_describe(k)}: {_describe(v)}" for k, v in list(value.items())[:8]]
        more = f", … {len(value)} keys" if len(value) > 8 else ""
        return "{" + ", ".join(items) + more + "}"
    if isinstance(value, FunctionType):  # its repr tells where it lies in the judge's memory
        return f"the check's {value.__name__}" if value.__name__ != "<lambda>" else "a function of the check"
    return repr(value)


def _describe_tensor(value: Tensor) -> str:
    head = f"{name_dtype(value.dtype)}[{', '.join(str(n) for n in value.shape)}]"
    if value.numel() == 0 or value.numel() > MAX_ELEMENTS_SHOWN or value.is_meta:
        return head
    return f"{head} {_numbers(value.detach().tolist())}"


def _numbers(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_numbers(item) for item in value) + "]"
    return f"{value:.5g}" if isinstance(value, float | complex) else str(value)


def tell_apart(here: Any, there: Any) -> tuple[str, str]:
    """Write two different numbers with as many digits as it takes to see that they differ."""
    if isinstance(here, int) and isinstance(there, int):
        return str(here), str(there)
    pairs = [(f"{here:.{digits}g}", f"{there:.{digits}g}") for digits in (8, 12)]
    return next((pair for pair in pairs if pair[0] != pair[1]), (repr(here), repr(there)))


def write_shape(shape: Sequence[int]) -> str:
    """Write a shape as torch does: (3,) or (2, 5)."""
    return "(" + ", ".join(str(n) for n in shape) + ("," if len(shape) == 1 else "") + ")"


def name_kind(value: object) -> str:
    """Name the kind of a value with its article: a tensor, an int, None."""
    if isinstance(value, Tensor):
        return "a tensor"
    if isinstance(value, np.ndarray):
        return "a numpy array"
    if value is None:
        return "None"
    name = type_name(value)
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def name_dtype(dtype: torch.dtype) -> str:
    """Name a dtype without its module: float32."""
    return str(dtype).removeprefix("torch.")
