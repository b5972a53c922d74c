"""Hidden checks of e44_flatten_consecutive: the groups are put together here, position by position."""

import functools
import operator
from typing import Any

import torch
from torch import Generator, Tensor

from grader.testing import CheckFailure, LearnerRaised, assert_equal, require

#: (B, T, C, n): all different, so that no size can stand in for another.
CASES = ((4, 8, 10, 2), (3, 12, 2, 4), (2, 9, 5, 3), (5, 6, 3, 1), (2, 4, 1, 2))
COPYING = ("cat", "clone", "copy", "stack", "contiguous", "index", "gather")


def group(x: Tensor, n: int) -> Tensor:
    """Put neighbours side by side, in Python: (B, T // n, C * n)."""
    rows = [
        [
            functools.reduce(operator.iadd, (example[t + i].tolist() for i in range(n)), [])
            for t in range(0, len(example), n)
        ]
        for example in x
    ]
    return torch.tensor(rows, dtype=x.dtype)


def draw(rng: Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=rng, dtype=torch.float64)


def test_shapes(submission: Any, rng: Generator) -> None:
    for B, T, C, n in (*CASES, (4, 8, 10, 8), (3, 5, 2, 5), (2, 1, 4, 1)):
        shape = (B, T // n, C * n) if n < T else (B, C * n)
        out = submission.FlattenConsecutive(n)(draw(rng, B, T, C))
        what = f"the shape of FlattenConsecutive({n}) of ({B}, {T}, {C})"
        require(isinstance(out, Tensor), f"FlattenConsecutive({n}) should return a tensor", got=out)
        assert_equal(tuple(out.shape), shape, what=what)


def test_neighbours(submission: Any, rng: Generator) -> None:
    for B, T, C, n in CASES:
        for dtype in (torch.float64, torch.float32, torch.int64):
            x = (10 * draw(rng, B, T, C)).to(dtype)
            expected = group(x, n)
            call = submission.call(submission.FlattenConsecutive(n), x)
            assert_equal(call.value, expected, what=f"FlattenConsecutive({n}) of a {dtype} x of shape ({B}, {T}, {C})")
            assert_equal(call.args[0], x, what="x after the call")
        x = draw(rng, B, n, C)
        whole = f"FlattenConsecutive({n}) of x with shape ({B}, {n}, {C}), which leaves one position,"
        assert_equal(submission.FlattenConsecutive(n)(x), group(x, n)[:, 0], what=whole)


def test_tree(submission: Any, rng: Generator) -> None:
    for B, T, C in ((3, 8, 3), (2, 4, 5)):
        x = draw(rng, B, T, C)
        layer = submission.FlattenConsecutive(2)
        twice = layer(layer(x))
        expected = group(x, 4)
        expected = expected[:, 0] if T == 4 else expected
        assert_equal(twice, expected, what=f"FlattenConsecutive(2) applied twice to ({B}, {T}, {C})")


def test_batch_of_one(submission: Any, rng: Generator) -> None:
    for T, C, n in ((8, 10, 2), (8, 10, 8), (3, 1, 3)):
        shape = (1, T // n, C * n) if n < T else (1, C * n)
        out = submission.FlattenConsecutive(n)(draw(rng, 1, T, C))
        assert_equal(tuple(out.shape), shape, what=f"the shape for a single example of shape (1, {T}, {C}), n = {n}")


def test_view(submission: Any, rng: Generator) -> None:
    for B, T, C, n in CASES:
        x = draw(rng, B, T, C)
        weights = draw(rng, *((B, T // n, C * n) if n < T else (B, C * n)))
        call = submission.call(
            submission.FlattenConsecutive(n), x.requires_grad_(), want=("ops", "grads"), cotangent=weights
        )
        copying = [name for name in call.ops if any(part in name for part in COPYING)]
        require(not copying, "numbers are copied, where a view of x would do", got=copying)
        # A view hands each gradient back to the place its number came from.
        assert_equal(call.grads[0], weights.reshape(B, T, C), what="the gradient that reaches x")


def test_remainder(submission: Any, rng: Generator) -> None:
    for T, n in ((5, 2), (8, 3), (2, 4), (7, 5)):
        layer = submission.FlattenConsecutive(n)
        try:
            out = layer(draw(rng, 2, T, 3))
        except LearnerRaised as error:
            text = f"{T} positions by {n} raise {error.kinds[0]} instead of ValueError"
            require("ValueError" in error.kinds, text)
            told = str(T) in error.text and str(n) in error.text
            require(told, f"the ValueError should show {T} and {n}", got=error.text)
        else:
            got = str(tuple(out.shape)) if isinstance(out, Tensor) else None
            raise CheckFailure(f"{T} positions cannot be grouped by {n}: ValueError expected", got=got)


def test_no_parameters(submission: Any) -> None:
    assert_equal(submission.FlattenConsecutive(2).parameters(), [], what="parameters()")
