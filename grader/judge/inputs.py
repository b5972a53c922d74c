"""What the functions of expressions stand for in the judge: seeded inputs, and words for what must hold of results."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Generator, Tensor

from grader.corpus import split_words
from grader.testing.tolerances import EXACT, TOLERANCES

#: What `huge` and `tiny` aim at, and how far they stay from the ends of a dtype.
_HUGE, _TINY, _MARGIN = 1e30, 1e-30, 4.0


def make_functions(generator: Generator, words: Sequence[str] | None) -> dict[str, Callable[..., Any]]:
    """Return the functions of expressions by their names.

    Args:
        generator: All that is drawn comes from it, in the order of the calls.
        words: The corpus, for an exercise that has one.
    """
    return {
        **_FIXED,
        "randn": lambda *shape, dtype=torch.float32: _draw(torch.randn, shape, generator).to(dtype),
        "rand": lambda *shape, dtype=torch.float32: _draw(torch.rand, shape, generator).to(dtype),
        "randint": lambda low, high, *shape, dtype=torch.int64: torch.randint(
            low, high, _sizes(shape), generator=generator
        ).to(dtype),
        "randperm": lambda n: torch.randperm(n, generator=generator),
        "words": lambda n: _choose_words(n, words, generator),
        "part": lambda name: _take_part(name, words),
    }


def _sizes(shape: tuple[Any, ...]) -> tuple[int, ...]:
    return tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape


def _draw(how: Callable[..., Tensor], shape: tuple[Any, ...], generator: Generator) -> Tensor:
    """Draw in float64, so that the numbers are the same for every dtype, up to rounding."""
    return how(_sizes(shape), generator=generator, dtype=torch.float64)


def _choose_words(n: int, words: Sequence[str] | None, generator: Generator) -> list[str]:
    if words is None:
        raise ValueError("the exercise has no corpus")
    return [words[i] for i in torch.randperm(len(words), generator=generator)[:n].tolist()]


def _take_part(name: str, words: Sequence[str] | None) -> list[str]:
    if words is None:
        raise ValueError("the exercise has no corpus")
    parts = dict(zip(("train", "dev", "test"), split_words(tuple(words)), strict=True))
    if name not in parts:
        raise ValueError(f"{name!r} is not a part of the corpus; there are 'train', 'dev' and 'test'")
    return list(parts[name])


def _empty(*shape: Any, dtype: torch.dtype = torch.float32) -> Tensor:
    made = torch.zeros(_sizes(shape), dtype=dtype)
    if made.numel():
        raise ValueError(f"empty{tuple(made.shape)} has {made.numel()} elements; one of its sizes has to be 0")
    return made


def _transposed(t: Tensor) -> Tensor:
    return t.transpose(-2, -1).contiguous().transpose(-2, -1) if t.dim() > 1 else t.clone()


def _strided(t: Tensor) -> Tensor:
    wide = torch.zeros(*t.shape, 2, dtype=t.dtype)
    wide[..., 0] = t
    return wide[..., 0]


def _scaled(t: Tensor, size: float) -> Tensor:
    largest = float(t.abs().max()) if t.numel() else 0.0
    return (t.double() * (size / largest)).to(t.dtype) if largest else t.clone()


def _huge(t: Tensor) -> Tensor:
    limit = float(torch.finfo(t.dtype).max if t.is_floating_point() else torch.iinfo(t.dtype).max)
    return _scaled(t, min(_HUGE, limit / _MARGIN))


def _tiny(t: Tensor) -> Tensor:
    if not t.is_floating_point():
        raise TypeError(f"a tensor of {t.dtype} holds nothing tiny")
    return _scaled(t, max(_TINY, torch.finfo(t.dtype).tiny * _MARGIN))


def _allclose(a: Any, b: Any, rtol: float | None = None, atol: float | None = None) -> bool:
    """Compare in float64; without tolerances, as closely as the coarser of the two dtypes allows."""
    one, other = torch.as_tensor(a).detach(), torch.as_tensor(b).detach()
    if one.shape != other.shape and isinstance(a, Tensor) and isinstance(b, Tensor):
        return False  # nothing is broadcast: one number would agree with many
    floats = [t.dtype for t in (a, b) if isinstance(t, Tensor) and t.is_floating_point()]
    usual = max((TOLERANCES.get(dtype, EXACT).declared for dtype in floats), default=TOLERANCES[torch.float64].declared)
    return torch.allclose(
        one.double(),
        other.double().expand(one.shape) if other.dim() == 0 else other.double(),
        rtol=(usual if atol is None else 0.0) if rtol is None else rtol,
        atol=(usual if rtol is None else 0.0) if atol is None else atol,
    )


def _cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    return torch.nn.functional.cross_entropy(logits.double(), targets)


def _elementwise(function: Callable[[Tensor], Tensor]) -> Callable[[Any], Any]:
    def apply(x: Any) -> Any:
        return function(x) if isinstance(x, Tensor) else function(torch.tensor(x, dtype=torch.float64)).item()

    return apply


def _reduction(of_tensor: Callable[[Tensor], Tensor], of_list: Callable[[Any], Any]) -> Callable[..., Any]:
    def reduce(*values: Any) -> Any:
        only = values[0] if len(values) == 1 else values
        return of_tensor(only) if isinstance(only, Tensor) else of_list(only)

    return reduce


def _mean(values: Any) -> Any:
    return values.mean() if isinstance(values, Tensor) else sum(values) / len(values)


def _arange(start: float, end: float | None = None, step: float = 1, dtype: torch.dtype | None = None) -> Tensor:
    first, last = (0, start) if end is None else (start, end)
    return torch.arange(first, last, step, dtype=dtype)


def _range(start: int, end: int | None = None, step: int = 1) -> range:
    return range(0, start, step) if end is None else range(start, end, step)


_FIXED: Mapping[str, Callable[..., Any]] = {
    "zeros": lambda *shape, dtype=torch.float32: torch.zeros(_sizes(shape), dtype=dtype),
    "ones": lambda *shape, dtype=torch.float32: torch.ones(_sizes(shape), dtype=dtype),
    "full": lambda value, *shape, dtype=torch.float32: torch.full(_sizes(shape), value, dtype=dtype),
    "empty": _empty,
    "eye": lambda n, dtype=torch.float32: torch.eye(n, dtype=dtype),
    "arange": _arange,
    "linspace": lambda start, end, n, dtype=torch.float32: torch.linspace(start, end, n, dtype=dtype),
    "tensor": lambda values, dtype=None: torch.tensor(values, dtype=dtype),
    "one_hot": lambda indices, classes, dtype=torch.float32: torch.nn.functional.one_hot(indices, classes).to(dtype),
    "transposed": _transposed,
    "strided": _strided,
    "expanded": lambda t, *shape: t.expand(_sizes(shape)),
    "requires_grad": lambda t: t.detach().clone().requires_grad_(),
    "huge": _huge,
    "tiny": _tiny,
    "negative": lambda t: -t.abs(),
    "allclose": _allclose,
    "cross_entropy": _cross_entropy,
    "softmax": lambda t, dim=-1: torch.softmax(t, dim),
    "log_softmax": lambda t, dim=-1: torch.log_softmax(t, dim),
    "log": _elementwise(torch.log),
    "exp": _elementwise(torch.exp),
    "sqrt": _elementwise(torch.sqrt),
    "sin": _elementwise(torch.sin),
    "cos": _elementwise(torch.cos),
    "tanh": _elementwise(torch.tanh),
    "sigmoid": _elementwise(torch.sigmoid),
    "relu": _elementwise(torch.relu),
    "abs": abs,
    "sum": _reduction(torch.sum, sum),
    "mean": _mean,
    "min": _reduction(torch.min, min),
    "max": _reduction(torch.max, max),
    "all": _reduction(torch.all, all),
    "any": _reduction(torch.any, any),
    "where": torch.where,
    "stack": lambda tensors, dim=0: torch.stack(list(tensors), dim),
    "cat": lambda tensors, dim=0: torch.cat(list(tensors), dim),
    "isfinite": _elementwise(torch.isfinite),
    "isnan": _elementwise(torch.isnan),
    "len": len,
    "range": _range,
    "zip": lambda *lists: list(zip(*lists, strict=True)),
    "sorted": lambda values, reverse=False: sorted(values, reverse=reverse),
    "list": list,
    "tuple": tuple,
    "int": int,
    "float": float,
    "bool": bool,
    "round": round,
}
