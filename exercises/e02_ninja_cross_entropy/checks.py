"""Hidden checks of e02_ninja_cross_entropy: autograd of torch's cross_entropy in float64."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from grader.testing import CheckFailure, assert_close, assert_equal, require

REDUCTIONS = ("mean", "sum")
#: (N, C): more rows than classes and the other way round, and never the same number of both.
SHAPES = ((32, 27), (5, 11), (9, 3))


def draw(N: int, C: int, rng: Generator, size: float = 2.0) -> tuple[Tensor, Tensor]:
    """Draw logits (N, C), float64, and targets (N,)."""
    logits = size * torch.randn(N, C, generator=rng, dtype=torch.float64)
    return logits, torch.randint(0, C, (N,), generator=rng)


def differentiate(logits: Tensor, targets: Tensor, reduction: str) -> Tensor:
    """Ask autograd, in float64: (N, C)."""
    leaf = logits.detach().double().requires_grad_()
    return torch.autograd.grad(F.cross_entropy(leaf, targets, reduction=reduction), leaf)[0]


def assert_gradient(submission: Any, logits: Tensor, targets: Tensor, reduction: str, note: str = "") -> None:
    """Compare dlogits with autograd; entries are at most 1, so a tolerance of one dtype is absolute."""
    # float64 to 1e-12: a few roundings of 1e-16. float32 to 1e-6, some ten roundings of 6e-8.
    near = 1e-12 if logits.dtype == torch.float64 else 1e-6
    expected = differentiate(logits, targets, reduction)
    dlogits = submission.cross_entropy_backward(logits, targets, reduction)
    what = f"dlogits with reduction {reduction!r} and logits of shape {tuple(logits.shape)}{note}"
    assert_close(dlogits, expected, rtol=0.0, atol=near, dtype=logits.dtype, what=what)


def test_matches_autograd(submission: Any, rng: Generator, pictures: Any) -> None:
    for N, C in SHAPES:
        for reduction in REDUCTIONS:
            logits, targets = draw(N, C, rng)
            assert_gradient(submission, logits, targets, reduction)
    logits, targets = draw(6, 4, rng)
    default = submission.cross_entropy_backward(logits, targets)
    assert_close(default, differentiate(logits, targets, "mean"), what="dlogits without a given reduction")
    logits, targets = draw(32, 27, rng, size=0.5)
    dlogits = submission.cross_entropy_backward(logits, targets, "mean")
    title = "dlogits: each row pulls its target up and pushes the rest down"
    pictures.heat_map("dlogits", title, dlogits, x_label="class", y_label="row of the batch")


def test_rows_sum_to_zero(submission: Any, rng: Generator) -> None:
    for N, C in SHAPES:
        for reduction in REDUCTIONS:
            logits, targets = draw(N, C, rng)
            dlogits = submission.cross_entropy_backward(logits, targets, reduction)
            # C numbers of at most 1, each rounded to 1e-16.
            what = f"the sum of each row of dlogits ({reduction}): what the target gains the others lose, so it"
            assert_close(dlogits.sum(1), torch.zeros(N, dtype=torch.float64), rtol=0.0, atol=1e-13, what=what)


def test_signs(submission: Any, rng: Generator) -> None:
    for N, C in SHAPES:
        logits, targets = draw(N, C, rng)
        dlogits = submission.cross_entropy_backward(logits, targets, "mean")
        require(dlogits.shape == (N, C), f"dlogits has shape {tuple(dlogits.shape)} instead of {(N, C)}")
        is_target = F.one_hot(targets, C).bool()
        for wrong, where in (
            (
                is_target & ~(dlogits < 0),
                "at the target: a larger logit there lowers the loss, so the gradient is below 0",
            ),
            (~is_target & ~(dlogits > 0), "beside the target: a larger logit there costs, so the gradient is above 0"),
        ):
            if bool(wrong.any()):
                i, j = wrong.nonzero()[0].tolist()
                raise CheckFailure(
                    f"dlogits has the wrong sign in {int(wrong.sum())} places {where}",
                    got=f"{float(dlogits[i, j]):.6g} at index [{i}, {j}]; the target of row {i} is {int(targets[i])}",
                )


def test_huge_logits(submission: Any, rng: Generator) -> None:
    for dtype in (torch.float64, torch.float32):
        for size in (1e4, -1e4):
            logits, targets = draw(7, 5, rng)
            lifted = (logits + size).to(dtype)
            assert_gradient(submission, lifted, targets, "mean", f" of about {size:g}")
        spread = (1e4 * torch.sign(logits)).to(dtype)
        assert_gradient(submission, spread, targets, "sum", " of 1e4 and -1e4")
        levels = torch.linspace(-1e4, 1e4, 7, dtype=torch.float64)[:, None]
        assert_gradient(submission, (logits + levels).to(dtype), targets, "mean", ", each row at a level of its own")


def test_perfect_prediction(submission: Any, rng: Generator) -> None:
    for N, C in SHAPES:
        _, targets = draw(N, C, rng)
        for reduction in REDUCTIONS:
            dlogits = submission.cross_entropy_backward(100.0 * F.one_hot(targets, C).double(), targets, reduction)
            # What is left of probability for the other classes is e to the power of -100.
            what = f"dlogits ({reduction}) where each target has probability 1: there is nothing to improve, so it"
            assert_close(dlogits, torch.zeros(N, C, dtype=torch.float64), rtol=0.0, atol=1e-15, what=what)


def test_arguments(submission: Any, rng: Generator) -> None:
    for reduction in REDUCTIONS:
        for dtype in (torch.float64, torch.float32):
            logits, targets = draw(6, 4, rng)
            after = submission.call("cross_entropy_backward", logits.to(dtype), targets, reduction).args
            assert_equal(after[0], logits.to(dtype), what="`logits` after the call")
            assert_equal(after[1], targets, what="`targets` after the call")


def test_small_cases(submission: Any, rng: Generator) -> None:
    for dtype in (torch.float64, torch.float32):
        for N, C in ((1, 27), (8, 2), (1, 2), (3, 1), (64, 27)):
            for reduction in REDUCTIONS:
                logits, targets = draw(N, C, rng)
                assert_gradient(submission, logits.to(dtype), targets, reduction)
    logits, _ = draw(11, 6, rng)
    targets = torch.tensor([2, 0, 2, 2, 2, 5])
    assert_gradient(submission, logits.T, targets, "mean", ", a transposed tensor")


def test_by_hand(submission: Any, rng: Generator) -> None:
    logits, targets = draw(6, 4, rng)
    for leaf in (logits, logits.clone().requires_grad_()):
        call = submission.call("cross_entropy_backward", leaf, targets, "mean", want=("ops",))
        used = sorted({name for name in call.ops or () if "backward" in name})
        text = "autograd finds this gradient; write it as an expression of logits and targets"
        require(not used, text, got=", ".join(used))
        assert_close(call.value, differentiate(logits, targets, "mean"), what="dlogits")
