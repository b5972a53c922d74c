"""Checks of the stable cross-entropy: torch's own, and its gradient, in float64."""

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from grader.testing import assert_close, assert_equal, require

REDUCTIONS = ("mean", "sum", "none")
#: (N, C): more rows than classes and the other way round, and never the same number of both.
SHAPES = ((32, 27), (5, 11), (9, 3))


def draw(N: int, C: int, rng: Generator, size: float = 2.0) -> tuple[Tensor, Tensor]:
    """Draw logits (N, C), float64, and targets (N,)."""
    return size * torch.randn(N, C, generator=rng, dtype=torch.float64), torch.randint(0, C, (N,), generator=rng)


def near(dtype: torch.dtype) -> float:
    """Tolerance, absolute and relative, for some ten roundings of numbers of about 10, and sums over 32 rows."""
    return 1e-12 if dtype == torch.float64 else 2e-6


def assert_loss(submission: Any, logits: Tensor, targets: Tensor, reduction: str, note: str = "") -> None:
    """Compare a loss with torch's."""
    expected = F.cross_entropy(logits.double(), targets, reduction=reduction)
    loss = submission.cross_entropy(logits, targets, reduction)
    what = f"the loss with reduction {reduction!r} and logits of shape {tuple(logits.shape)}{note}"
    tolerance = near(logits.dtype)
    assert_close(loss, expected, rtol=tolerance, atol=tolerance, dtype=logits.dtype, what=what)


def test_log_softmax(submission: Any, rng: Generator) -> None:
    for shape, dim in (
        ((4, 7), 1),
        ((4, 7), 0),
        ((7, 4), -2),
        ((2, 3, 5), 1),
        ((2, 3, 5), -1),
        ((3, 5, 2), 0),
        ((6,), 0),
    ):
        logits = 2 * torch.randn(*shape, generator=rng, dtype=torch.float64)
        for given in (logits, logits.float()):
            what = f"log_softmax along dim {dim} of logits of shape {shape}"
            tolerance = near(given.dtype)
            expected = torch.log_softmax(given.double(), dim)
            result = submission.log_softmax(given, dim)
            assert_close(result, expected, rtol=tolerance, atol=tolerance, dtype=given.dtype, what=what)
    for shape in ((6,), (3, 5), (2, 3, 4)):
        logits = torch.randn(*shape, generator=rng, dtype=torch.float64)
        what = f"log_softmax of logits of shape {shape} without a given dim, which is the last,"
        assert_close(submission.log_softmax(logits), torch.log_softmax(logits, -1), what=what)


def test_matches_torch(submission: Any, rng: Generator) -> None:
    for N, C in SHAPES:
        for reduction in REDUCTIONS:
            logits, targets = draw(N, C, rng)
            assert_loss(submission, logits, targets, reduction)
            assert_loss(submission, logits.float(), targets, reduction, " in float32")
    logits, targets = draw(6, 4, rng)
    default = submission.cross_entropy(logits, targets)
    assert_close(default, F.cross_entropy(logits, targets), what="the loss without a given reduction, the mean,")


def test_gradient(submission: Any, rng: Generator) -> None:
    for N, C in SHAPES:
        logits, targets = draw(N, C, rng)
        push = torch.softmax(logits, 1) - F.one_hot(targets, C)
        weights = torch.randn(N, generator=rng, dtype=torch.float64)
        for reduction, cotangent, expected in (
            ("mean", None, push / N),
            ("sum", None, push),
            ("none", weights, push * weights[:, None]),
        ):
            for dtype in (torch.float64, torch.float32):
                leaf = logits.to(dtype).requires_grad_()
                given = None if cotangent is None else cotangent.to(dtype)
                call = submission.call("cross_entropy", leaf, targets, reduction, want=("grads",), cotangent=given)
                require(
                    call.grads[0] is not None, "no gradient reaches the logits: the loss is cut off from their graph"
                )
                # float32 to 2e-6: some ten roundings of numbers of about 1, times weights of up to 3.
                tolerance = near(dtype)
                what = f"the gradient of the loss with reduction {reduction!r} and logits of shape {(N, C)}"
                assert_close(call.grads[0], expected, rtol=0.0, atol=tolerance, dtype=dtype, what=what)


def test_large_logits(submission: Any, rng: Generator) -> None:
    logits, targets = draw(7, 5, rng)
    levels = torch.linspace(-1e4, 1e4, 7, dtype=torch.float64)[:, None]
    for size, name in (
        (logits + 1e4, "around 10,000"),
        (logits - 1e4, "around -10,000"),
        (1e4 * torch.sign(logits), "of 10,000 and -10,000"),
        (logits + levels, "at a level of its own in each row, -10,000 to 10,000"),
    ):
        for dtype in (torch.float64, torch.float32):
            given = size.to(dtype)
            leaf = given.double().requires_grad_()
            losses = F.cross_entropy(leaf, targets, reduction="none")
            (expected,) = torch.autograd.grad(losses.sum(), leaf)
            # 2e-3 in float32: near 10,000 its numbers are 0.001 apart, and the maximum may be added back to the sum.
            near_values = 1e-11 if dtype == torch.float64 else 2e-3
            what = f"log_softmax of logits {name}"
            rows = submission.log_softmax(given, 1)
            wanted = torch.log_softmax(given.double(), 1)
            assert_close(rows, wanted, rtol=1e-6, atol=near_values, dtype=dtype, what=what)
            call = submission.call("cross_entropy", given.requires_grad_(), targets, "none", want=("grads",))
            what = f"the losses of logits {name}"
            assert_close(call.value, losses, rtol=1e-6, atol=near_values, dtype=dtype, what=what)
            what = f"the gradient for logits {name}"
            # The gradient is made of probabilities, which are as exact as ever.
            tolerance = 1e-11 if dtype == torch.float64 else 1e-5
            assert_close(call.grads[0], expected, rtol=0.0, atol=tolerance, dtype=dtype, what=what)


def test_shift(submission: Any, rng: Generator) -> None:
    for N, C in SHAPES:
        logits, targets = draw(N, C, rng)
        offsets = 100 * torch.randn(N, 1, generator=rng, dtype=torch.float64)
        expected = F.cross_entropy(logits, targets, reduction="none")
        losses = submission.cross_entropy(logits + offsets, targets, "none")
        what = "the losses after a number of its own was added to all logits of each row"
        # 1e-11: numbers of a few hundred are rounded to 6e-14.
        assert_close(losses, expected, rtol=0.0, atol=1e-11, what=what)
        columns = submission.log_softmax(logits.T + offsets.T, 0)
        what = "log_softmax along dim 0, after a number of its own was added to each column,"
        assert_close(columns, torch.log_softmax(logits.T, 0), rtol=0.0, atol=1e-11, what=what)


def test_uniform(submission: Any, rng: Generator) -> None:
    for N, C in ((4, 27), (9, 2), (3, 1000)):
        _, targets = draw(N, C, rng)
        for level in (0.0, 3.0, -50.0):
            logits = torch.full((N, C), level, dtype=torch.float64)
            for reduction, expected in (("mean", math.log(C)), ("sum", N * math.log(C))):
                loss = submission.cross_entropy(logits, targets, reduction)
                share = f", {N} times that," if reduction == "sum" else ""
                what = f"the loss ({reduction}) of {N} rows of {C} equal logits, log {C}{share}"
                assert_close(loss, torch.tensor(expected, dtype=torch.float64), rtol=1e-11, atol=1e-11, what=what)


def test_small_cases(submission: Any, rng: Generator) -> None:
    for dtype in (torch.float64, torch.float32):
        for N, C in ((5, 1), (1, 1), (1, 8), (1, 2), (4, 2)):
            logits, targets = draw(N, C, rng)
            for reduction in REDUCTIONS:
                assert_loss(submission, logits.to(dtype), targets, reduction, f" in {str(dtype)[6:]}")
    logits, _ = draw(9, 6, rng)
    targets = torch.tensor([1, 0, 2, 2, 1, 2])  # the last classes are nobody's target
    for reduction in REDUCTIONS:
        assert_loss(submission, logits.T, targets, reduction, ", a transposed tensor")


def test_arguments(submission: Any, rng: Generator) -> None:
    for dtype in (torch.float64, torch.float32):
        logits, targets = draw(6, 4, rng)
        logits = logits.to(dtype)
        for reduction in REDUCTIONS:
            after = submission.call("cross_entropy", logits, targets, reduction).args
            assert_equal(after[0], logits, what="`logits` after cross_entropy")
            assert_equal(after[1], targets, what="`targets` after cross_entropy")
        after = submission.call("log_softmax", logits, 0).args
        assert_equal(after[0], logits, what="`logits` after log_softmax")
