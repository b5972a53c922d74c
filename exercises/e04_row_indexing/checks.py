"""Checks of the row lookup: one-hot rows times W in float64, and autograd through them."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from grader.testing import assert_close, assert_equal, require

#: (V, C): never square, more rows than columns and the other way round, a single row, a single column.
SIZES = ((27, 10), (4, 7), (1, 3), (6, 1))
SHAPES = ((5,), (4, 3), (2, 3, 5), (), (0,), (3, 0))


def draw_weights(V: int, C: int, rng: Generator) -> Tensor:
    return torch.randn(V, C, generator=rng, dtype=torch.float64)


def draw_indices(V: int, shape: tuple[int, ...], rng: Generator) -> Tensor:
    return torch.randint(0, V, shape, generator=rng)


def multiply(W: Tensor, xs: Tensor) -> Tensor:
    """One-hot rows times W, as the lecture has it: (..., C)."""
    V, C = W.shape
    return (F.one_hot(xs.flatten(), V).to(W.dtype) @ W).reshape(*xs.shape, C)


def differentiate(xs: Tensor, dlogits: Tensor, V: int) -> Tensor:
    """Ask autograd for the gradient with respect to W, in float64: (V, C)."""
    W = torch.zeros(V, dlogits.shape[-1], dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad((multiply(W, xs) * dlogits.double()).sum(), W)[0]


def near(dtype: torch.dtype) -> float:
    """Tolerance for sums of up to a few hundred numbers of about 1, in any order."""
    return 1e-11 if dtype == torch.float64 else 1e-4


def test_same_as_one_hot(submission: Any, rng: Generator) -> None:
    for V, C in SIZES:
        for N in (1, 40):
            W, xs = draw_weights(V, C, rng), draw_indices(V, (N,), rng)
            for weights in (W, W.float()):
                what = f"the logits of {N} indices with W of shape {(V, C)}, one-hot rows times W,"
                logits = submission.logits_by_lookup(weights, xs)
                assert_close(logits, multiply(weights, xs), rtol=0.0, atol=0.0, what=what)


def test_any_shape(submission: Any, rng: Generator) -> None:
    for V, C in SIZES:
        W = draw_weights(V, C, rng)
        for shape in SHAPES:
            xs = draw_indices(V, shape, rng)
            logits = multiply(W, xs)
            what = f"the logits of indices of shape {shape} with W of shape {(V, C)}"
            assert_close(submission.logits_by_lookup(W, xs), logits, rtol=0.0, atol=0.0, what=what)


def test_gradient(submission: Any, rng: Generator) -> None:
    for V, C in SIZES:
        for shape in ((60,), (5, 4)):
            W, xs = draw_weights(V, C, rng), draw_indices(V, shape, rng)
            weights = torch.randn(*shape, C, generator=rng, dtype=torch.float64)
            expected = differentiate(xs, weights, V)
            for leaf in (W, W.float()):
                call = submission.call(
                    "logits_by_lookup", leaf.requires_grad_(), xs, want=("grads",), cotangent=weights.to(leaf.dtype)
                )
                require(call.grads[0] is not None, "no gradient reaches W: the logits are cut off from its graph")
                tolerance = near(leaf.dtype)
                what = f"the gradient of W with indices of shape {shape} and W of shape {(V, C)}"
                assert_close(call.grads[0], expected, rtol=tolerance, atol=tolerance, dtype=leaf.dtype, what=what)


def test_lookup_grad(submission: Any, rng: Generator) -> None:
    one = submission.lookup_grad(torch.tensor([2, 0, 2]), torch.tensor([[1.0], [5.0], [30.0]]), 3)
    what = "dW for the indices [2, 0, 2] with the gradients 1, 5 and 30, where row 2 gets 1 + 30,"
    assert_close(one, torch.tensor([[5.0], [0.0], [31.0]]), what=what)
    for V, C in SIZES:
        for N in (1, 1000):
            xs = draw_indices(V, (N,), rng)
            xs[-1] = V - 1
            dlogits = torch.randn(N, C, generator=rng, dtype=torch.float64)
            expected = differentiate(xs, dlogits, V)
            for given in (dlogits, dlogits.float()):
                tolerance = near(given.dtype)
                what = f"dW for {N} indices and V = {V}"
                dW = submission.lookup_grad(xs, given, V)
                assert_close(dW, expected, rtol=tolerance, atol=tolerance, dtype=given.dtype, what=what)
        for shape in SHAPES:
            xs = draw_indices(V, shape, rng)
            dlogits = torch.randn(*shape, C, generator=rng, dtype=torch.float64)
            what = f"dW for indices of shape {shape} and V = {V}"
            tolerance = near(torch.float64)
            expected = differentiate(xs, dlogits, V)
            assert_close(submission.lookup_grad(xs, dlogits, V), expected, rtol=tolerance, atol=tolerance, what=what)


def test_unused_rows(submission: Any, rng: Generator) -> None:
    for V, C in ((9, 4), (5, 8), (30, 2)):
        used = torch.randperm(V - 1, generator=rng)[: V // 2]  # the last row is never used
        xs = used[draw_indices(len(used), (3 * V,), rng)]
        dlogits = 1 + torch.rand(3 * V, C, generator=rng, dtype=torch.float64)
        dW = submission.lookup_grad(xs, dlogits, V)
        require(
            dW.shape == (V, C),
            f"dW should have shape {(V, C)}, that of W, whichever of the {V} rows are used",
            got=tuple(dW.shape),
        )
        unused = [i for i in range(V) if i not in xs]
        what = f"the rows of dW that nobody looked up ({unused} of {V})"
        assert_close(dW[unused], torch.zeros(len(unused), C, dtype=torch.float64), rtol=0.0, atol=0.0, what=what)
        assert_close(dW, differentiate(xs, dlogits, V), what=f"dW where the rows {unused} are unused")


def test_no_one_hot(submission: Any, rng: Generator) -> None:
    V, C, N = 4000, 3, 500
    W, xs = draw_weights(V, C, rng), draw_indices(V, (N,), rng)
    dlogits = torch.randn(N, C, generator=rng, dtype=torch.float64)
    for name, args in (("logits_by_lookup", (W, xs)), ("lookup_grad", (xs, dlogits, V))):
        made = submission.call(name, *args, want=("bytes",)).made_bytes or 0
        # A one-hot matrix of bools, the smallest there is, takes 2 MB; W takes 96 kB, and all logits 12 kB.
        require(
            made < 1_000_000,
            f"the tensors that {name} makes for {N} indices and V = {V} take {made / 1e6:.1f} MB at one time: "
            f"{made / (N * V):.1f} bytes for each of the {N} x {V} entries of one-hot rows, which are not needed",
        )


def test_arguments(submission: Any, rng: Generator) -> None:
    for shape in ((8,), (3, 4)):
        W, xs = draw_weights(5, 3, rng), draw_indices(5, shape, rng)
        dlogits = torch.randn(*shape, 3, generator=rng, dtype=torch.float64)
        for name, names, args in (
            ("logits_by_lookup", ("W", "xs"), (W, xs)),
            ("lookup_grad", ("xs", "dlogits"), (xs, dlogits, 5)),
        ):
            after = submission.call(name, *args).args
            for argument, before, now in zip(names, args, after, strict=False):
                assert_equal(now, before, what=f"`{argument}` after {name}")
