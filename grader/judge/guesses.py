"""Guess, from the numbers alone, what mistake turns the right answer into the one that came back."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

#: Guessing compares whole tensors a dozen times; above this size it would be felt.
MAX_ELEMENTS = 1_000_000
#: Two float64 computations of one formula agree far better than this; float32 ones agree to about 1e-6.
SAME_RTOL = 1e-5


def guess_cause(actual: Tensor, expected: Tensor, inputs: Sequence[Tensor] = ()) -> str | None:
    """Return one sentence on the likely mistake, or None.

    Args:
        actual: What came back.
        expected: What was right; the shapes may differ.
        inputs: The tensors the call was given.
    """
    if actual.numel() > MAX_ELEMENTS or expected.numel() > MAX_ELEMENTS or expected.numel() == 0:
        return None
    if actual.is_complex() or expected.is_complex():
        return None
    a, e = actual.detach().to(torch.float64), expected.detach().to(torch.float64)
    if a.shape != e.shape:
        return _guess_shape(a, e)
    if not torch.isfinite(a).all() and torch.isfinite(e).all():
        return _guess_not_finite(a)
    if not (torch.isfinite(a).all() and torch.isfinite(e).all()):
        return None
    given = [i.detach().to(torch.float64) for i in inputs if not i.is_complex()]
    if a.numel() > 1 and any(_same(a, i) and not _same(e, i) for i in given):
        return "it is what came in, unchanged"
    if actual.dtype == torch.float64:
        cause = _guess_precision(a, e)
        if cause:
            return cause
    for guess in _GUESSES:
        cause = guess(a, e)
        if cause:
            return cause
    if _same(a, e):  # too near to be another formula: what is symmetric would look reversed, ones like squares
        return None
    return next((cause for guess in _LOOSER_GUESSES if (cause := guess(a, e))), None)


def _same(a: Tensor, e: Tensor, rtol: float = SAME_RTOL) -> bool:
    if a.shape != e.shape or not torch.isfinite(e).all():  # against an infinite scale, all would be the same
        return False
    scale = float(e.abs().max()) if e.numel() else 0.0
    return bool(torch.allclose(a, e, rtol=rtol, atol=rtol * scale))


def _guess_shape(a: Tensor, e: Tensor) -> str | None:
    if a.dim() == 2 and _same(a.T, e):
        return "it is the transpose of the right answer"
    if a.numel() == e.numel() and _same(a.reshape(e.shape), e):
        return "the numbers are right, in another shape: reshape, or keep (or drop) a dimension of size 1"
    if a.dim() == e.dim() and sorted(a.shape) == sorted(e.shape):
        return "the sizes are right but are in another order: look at which dimension is which"
    if a.dim() == 0 and e.dim() > 0:
        return "everything was reduced to one number: give the reduction a `dim`"
    if a.dim() == e.dim() - 1 and a.shape in _without_one(e.shape):
        return "one dimension is missing: reduce one dimension less, or use keepdim=True"
    if a.dim() == e.dim() + 1 and e.shape in _without_one(a.shape):
        return "there is one dimension too many: reduce it, or squeeze it"
    return None


def _without_one(shape: torch.Size) -> list[torch.Size]:
    return [torch.Size([*shape[:dim], *shape[dim + 1 :]]) for dim in range(len(shape))]


def _guess_not_finite(a: Tensor) -> str:
    if torch.isnan(a).any():
        return "NaN comes from 0/0, inf - inf, inf * 0 or the log or root of a negative number"
    return "an infinity comes from a division by zero, log(0), or exp of a large number"


def _guess_precision(a: Tensor, e: Tensor) -> str | None:
    size = e.abs().clamp_min(1e-300)
    worst = float(((a - e).abs() / size).max())
    if 1e-10 < worst < 3e-6 and _same(a, a.float().double(), rtol=0.0):
        return "the error is a float32 rounding: something is computed or stored in float32"
    return None


def _guess_all_same(a: Tensor, e: Tensor) -> str | None:
    if a.numel() > 1 and not bool((e == e.flatten()[0]).all()):
        if not a.any():
            return "all of it is 0: is it ever filled in?"
        if bool((a == a.flatten()[0]).all()):
            return "every element is the same: is the input used?"
    return None


def _guess_rearranged(a: Tensor, e: Tensor) -> str | None:
    if a.dim() == 2 and a.shape[0] == a.shape[1] and _same(a.T, e):
        return "it is the transpose of the right answer"
    for dim in range(a.dim()):
        if a.shape[dim] > 1 and _same(a.flip(dim), e):
            return f"it is reversed along dimension {dim}"
    for dim in range(a.dim()):
        n = a.shape[dim]
        if n > 2:
            start, end = e.narrow(dim, 0, n - 1), e.narrow(dim, 1, n - 1)
            if _same(start, end):  # nothing to see a shift by
                continue
            if _varies(start) and _same(a.narrow(dim, 1, n - 1), start):
                return f"it is one position late along dimension {dim}"
            if _varies(end) and _same(a.narrow(dim, 0, n - 1), end):
                return f"it is one position early along dimension {dim}"
    # Counts and indices hold the same few numbers by chance.
    if a.numel() > 2 and bool((e != e.round()).any()) and _same(a.flatten().sort().values, e.flatten().sort().values):
        return "the numbers are right but are in the wrong places: look at the order of the axes"
    return None


def _varies(t: Tensor) -> bool:
    return not _same(t, t.flatten()[0].expand_as(t))


def _guess_factor(a: Tensor, e: Tensor) -> str | None:
    keep = e.abs() > 1e-12 * e.abs().max()
    if not keep.any() or bool((a[~keep].abs() > 1e-9 * a.abs().max()).any()):
        return None
    ratios = a[keep] / e[keep]
    factor = float(ratios.median())
    if factor == 0 or not math.isfinite(factor) or float((ratios - factor).abs().max()) > 1e-6 * abs(factor):
        return None
    if abs(factor - 1) < 1e-5:
        return None
    name = _name_factor(factor, e.numel())
    if name or int(keep.sum()) > 1:
        return name or f"it is the right answer times {factor:.6g}: look for a missing or doubled factor"
    nearest = max(
        abs(factor), abs(1 / factor)
    )  # one number is some multiple of any other: only 2, 3, 1/2 ... tell something
    if nearest < 10.5 and math.isclose(nearest, round(nearest), rel_tol=1e-9):
        return f"it is the right answer times {factor:.6g}: look for a missing or doubled factor"
    return None


def _name_factor(factor: float, count: int) -> str | None:
    if math.isclose(factor, -1, rel_tol=1e-6):
        return "the sign is flipped"
    for power, what in ((1.0, "variance"), (0.5, "standard deviation")):
        for value, made, asked in ((factor, "n - 1", "n"), (1 / factor, "n", "n - 1")):
            over = value ** (1 / power) - 1 if 1 < value < 2 else 0.0
            n = 1 + 1 / over if over > 1e-3 else 0.0
            if 5 <= round(n) <= 512 and math.isclose(value, (round(n) / (round(n) - 1)) ** power, rel_tol=1e-6):
                return (
                    f"it is off by the factor {factor:.6g}, as between the biased and the unbiased {what} of "
                    f"{round(n)} numbers: divided by {made} where {asked} is wanted"
                )
    for value, what in (
        (1 / math.log(2), "log2 was taken instead of the natural logarithm"),
        (1 / math.log(10), "log10 was taken instead of the natural logarithm"),
        (float(count), "this looks like a sum where a mean is wanted"),
        (1 / count, "this looks like a mean where a sum is wanted"),
    ):
        if count > 1 and math.isclose(factor, value, rel_tol=1e-6):
            return f"it is off by the factor {factor:.6g}: {what}"
    return None


def _guess_offset(a: Tensor, e: Tensor) -> str | None:
    if a.numel() < 2:
        return None
    difference = a - e
    offset = float(difference.median())
    spread = float((difference - offset).abs().max())
    if abs(offset) > 1e-9 and spread <= 1e-6 * abs(offset):
        return f"every element is {abs(offset):.6g} too {'large' if offset > 0 else 'small'}"
    return None


def _guess_function(a: Tensor, e: Tensor) -> str | None:
    if a.numel() < 2:  # one number agrees with too many formulas by chance
        return None
    candidates: tuple[tuple[Callable[[Tensor], Tensor], bool, str], ...] = (
        (torch.square, True, "it is the square of the right answer: a root is missing"),
        (lambda t: t.clamp_min(0).sqrt(), bool((e >= 0).all()), "it is the root of the right answer"),
        (torch.reciprocal, bool((e != 0).all()), "it is 1 divided by the right answer"),
        (torch.exp, bool((e < 100).all()), "it is exp of the right answer: a log is missing"),
        (lambda t: t.clamp_min(1e-300).log(), bool((e > 0).all()), "it is the log of the right answer"),
        (torch.abs, bool((e < 0).any()), "the signs are lost"),
    )
    for function, allowed, cause in candidates:
        if allowed and _same(a, function(e)):
            return cause
    return None


def _guess_scaled_lines(a: Tensor, e: Tensor) -> str | None:
    if a.dim() != 2 or min(a.shape) < 2 or bool((e.abs() < 1e-12).any()):
        return None
    ratios = a / e
    for dim, lines in ((0, "column"), (1, "row")):
        first = ratios.narrow(dim, 0, 1)
        if _same(ratios, first.expand_as(ratios)):
            return f"every {lines} is right but for one factor: look at what scales a {lines}"
    return None


_GUESSES: tuple[Callable[[Tensor, Tensor], str | None], ...] = (
    _guess_all_same,
    _guess_factor,
    _guess_offset,
)
_LOOSER_GUESSES: tuple[Callable[[Tensor, Tensor], str | None], ...] = (
    _guess_rearranged,
    _guess_function,
    _guess_scaled_lines,
)
