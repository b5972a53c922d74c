"""Checks of the learning rate search.

Curves are made up from the seed, so that the best rate is known; the last check lets the three functions work on a real
network, whose steps the judge makes.
"""

import math
import random
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from grader.corpus import Corpus
from grader.testing import LearnerRaised, assert_close, assert_equal, require

#: The stub leaves open whether the answers are float32 or float64: seven digits are there in both.
RTOL = 1e-5


def write(losses: Tensor) -> str:
    return f"[{', '.join(f'{loss:.4g}' for loss in losses.tolist())}]"


def require_vector(values: Any, n: int, what: str) -> Tensor:
    """Require a floating point tensor (n,), and return it in float64."""
    good = isinstance(values, Tensor) and values.shape == (n,) and values.is_floating_point()
    require(good, f"{what} should be a floating point tensor of shape ({n},)", got=values)
    vector: Tensor = values.detach().double()
    return vector


def smooth_finite(losses: Tensor, smooth: int) -> Tensor:
    """Compute the smoothed curve (n,) in float64, inf where a loss is not finite."""
    losses, half = losses.double(), smooth // 2
    means = []
    for i, loss in enumerate(losses.tolist()):
        window = [x for x in losses[max(i - half, 0) : i + half + 1].tolist() if math.isfinite(x)]
        means.append(sum(window) / len(window) if math.isfinite(loss) else math.inf)
    return torch.tensor(means, dtype=torch.float64)


def is_lowest(picked: float, lrs: Tensor, curve: Tensor) -> bool:
    """Tell whether a pick is one of the rates, and lowest on the curve but for what a mean in float32 rounds."""
    place = int((lrs.double() - picked).abs().argmin())
    near = math.isclose(picked, lrs[place].item(), rel_tol=RTOL)
    return near and curve[place].item() <= curve.min().item() + 1e-6


def require_pick(submission: Any, lrs: Tensor, losses: Tensor, smooth: int, what: str) -> None:
    """Require the rate at the lowest place of the smoothed curve, for copies that must stay as they are."""
    curve = smooth_finite(losses, smooth)
    best = int(curve.argmin())
    call = submission.call("pick_lr", lrs.clone(), losses.clone(), smooth)
    picked = call.value
    place = int((lrs.double() - picked).abs().argmin())
    require(
        is_lowest(picked, lrs, curve),
        f"{what}: the lowest smoothed loss is {curve[best]:.4g} at place {best} of {len(lrs)}, where the rate is "
        f"{lrs[best]:.4g}; the rate nearest to yours is at place {place}, with a smoothed loss of {curve[place]:.4g}",
        got=picked,
        expected=lrs[best].item(),
    )
    assert_equal(call.args[0], lrs, what="lrs after the call")
    assert_equal(call.args[1], losses, what="losses after the call")


def test_candidates(submission: Any) -> None:
    for low, high, n in ((-3, 0, 1000), (-5.0, -1.0, 7), (-2, 1, 4), (-0.5, 0.5, 3), (-1.5, -1.5, 2), (-2, 0, 1)):
        what = f"lr_candidates({low}, {high}, {n})"
        lrs = require_vector(submission.lr_candidates(low, high, n), n, what)
        assert_close(lrs[0].item(), 10.0**low, rtol=RTOL, atol=0.0, what=f"the first of {what}")
        if n > 1:
            assert_close(lrs[-1].item(), 10.0**high, rtol=RTOL, atol=0.0, what=f"the last of {what}")
            ratio = 10 ** ((high - low) / (n - 1))
            ratios = lrs[1:] / lrs[:-1]
            what = f"the ratios of neighbours in {what}"
            assert_close(ratios, torch.full_like(ratios, ratio), rtol=RTOL, atol=0.0, what=what)


def test_sweep(submission: Any, rng: Generator) -> None:
    curves = (
        torch.rand(6, generator=rng, dtype=torch.float64),
        torch.tensor([3.3, 3.1, 2.9, 3.0, math.nan, 8.5, math.inf, math.nan], dtype=torch.float64),
        torch.rand(1, generator=rng, dtype=torch.float64),
    )
    for curve in curves:
        n = len(curve)
        tried: list[float] = []

        def step_fn(lr: float, curve: Tensor = curve, tried: list[float] = tried) -> float:
            require(type(lr) is float, "step_fn takes the rate as a plain float", got=lr)
            tried.append(lr)
            return curve[(len(tried) - 1) % len(curve)].item()

        lrs = 10 ** torch.linspace(-3, 0, n, dtype=torch.float64)
        call = submission.call("lr_sweep", step_fn, lrs)
        assert_close(tried, lrs.tolist(), rtol=RTOL, atol=0.0, what=f"the rates that step_fn was called with, of {n},")
        losses = require_vector(call.value, n, f"the losses of {n} rates")
        assert_close(losses, curve, rtol=RTOL, atol=0.0, what="the losses, one for each rate,")
        assert_equal(call.args[1], lrs, what="lrs after the call")


def make_valley(best_exp: float, rng: Generator) -> tuple[Tensor, Tensor]:
    """Make 1,000 rates from 0.001 to 1 (1000,) and losses (1000,): a valley, noise and ten batches that are lucky."""
    exponents = torch.linspace(-3, 0, 1000, dtype=torch.float64)
    losses = 4.3 + 2.5 * (exponents - best_exp) ** 2 + 0.08 * torch.randn(1000, generator=rng, dtype=torch.float64)
    # One in each hundred by 1 to 4: far below everything else when alone, hardly seen in a mean of 51.
    lucky = torch.randint(0, 100, (10,), generator=rng) + 100 * torch.arange(10)
    losses[lucky] -= 1 + 3 * torch.rand(10, generator=rng, dtype=torch.float64)
    return 10**exponents, losses


def test_valley(submission: Any, rng: Generator) -> None:
    for _ in range(20):
        best = -2.2 + 1.4 * torch.rand((), generator=rng).item()
        lrs, losses = make_valley(best, rng)
        picked = submission.pick_lr(lrs, losses, 51)
        factor = max(picked / 10**best, 10**best / picked) if picked > 0 else math.inf
        place = int((lrs - picked).abs().argmin())
        window = losses[max(place - 25, 0) : place + 26]
        # A factor of 2 costs 0.23, noise 0.01, lucky batches 0.16 at most: the largest of 20,000 draws was 1.72.
        require(
            factor < 2,
            f"the valley has its bottom at {10**best:.4g}, and the pick is off by a factor of {factor:.3g}; the loss there "
            f"is {losses[place]:.3f} in its own batch, {window.mean():.3f} over the window of 51",
            got=picked,
        )


def test_window(submission: Any, rng: Generator) -> None:
    for n, smooth in ((9, 3), (12, 5), (12, 1), (7, 7), (5, 25), (1, 1), (1, 25), (2, 3)) * 5:
        lrs = 10 ** torch.linspace(-4, 1, n, dtype=torch.float64)
        losses = 2 + torch.rand(n, generator=rng, dtype=torch.float64)
        require_pick(submission, lrs, losses, smooth, f"for {n} losses and a window of {smooth}")
    # The best rates at the very ends, and a curve whose minimum is exactly in the middle.
    for losses in (torch.arange(1.0, 41.0), torch.arange(40.0, 0.0, -1.0), (torch.arange(41.0) - 20) ** 2 + 1):
        lrs = 10 ** torch.linspace(-3, 0, len(losses))
        require_pick(submission, lrs, losses, 9, f"for {len(losses)} losses in a straight line or a parabola")
    lrs = 10 ** torch.linspace(-3, 0, 60, dtype=torch.float64)
    for _ in range(8):
        losses = 2 + torch.rand(60, generator=rng, dtype=torch.float64)
        curve = smooth_finite(losses, 25)
        picked = submission.pick_lr(lrs, losses)
        expected = lrs[curve.argmin()].item()
        headline = "the pick without a given window is not the lowest place with a window of 25"
        require(is_lowest(picked, lrs, curve), headline, got=picked, expected=expected)


def test_diverged(submission: Any, rng: Generator) -> None:
    nan, inf = math.nan, math.inf
    falling = [3.3, 3.2, 3.0, 2.7, 2.3]
    tails = ([nan] * 4, [inf] * 4, [9.0, inf, nan, nan], [nan, inf, nan], [4.0, 1e30, inf, nan], [-inf, nan, 3.0])
    for tail in tails:
        losses = torch.tensor(falling + tail)
        lrs = 10 ** torch.linspace(-3, 0, len(losses))
        for smooth in (3, 1, 5):
            require_pick(submission, lrs, losses, smooth, f"for the losses {write(losses)} and a window of {smooth}")
    # A single step that exploded, with the best neighbours of all: it is out itself.
    losses = torch.tensor([3.0, 2.9, 1.0, nan, 1.1, 2.7, 3.0])
    require_pick(submission, 10 ** torch.linspace(-3, 0, 7), losses, 3, f"for the losses {write(losses)}")
    for _ in range(10):
        losses = 2 + torch.rand(14, generator=rng, dtype=torch.float64)
        losses[torch.rand(14, generator=rng) < 0.3] = nan
        losses[6] = 2.5
        lrs = 10 ** torch.linspace(-3, 0, 14, dtype=torch.float64)
        require_pick(submission, lrs, losses, 5, "for losses of which about every third is nan")
    for losses in (torch.tensor([nan, inf, nan]), torch.tensor([inf])):
        with pytest.raises(LearnerRaised) as caught:
            submission.pick_lr(torch.ones(len(losses)), losses, 3)
        require(
            "ValueError" in caught.value.kinds,
            f"pick_lr should raise ValueError for the losses {write(losses)}, of which none is finite",
            got=caught.value.kinds[0],
        )


def build_rows(words: list[str]) -> tuple[Tensor, Tensor]:
    """Cut words into contexts (N, 3) and what follows each (N,)."""
    stoi = {ch: i for i, ch in enumerate(".abcdefghijklmnopqrstuvwxyz")}
    texts = [[0, 0, 0] + [stoi[ch] for ch in word + "."] for word in words]
    X = [text[i : i + 3] for text in texts for i in range(len(text) - 3)]
    return torch.tensor(X), torch.tensor([i for text in texts for i in text[3:]])


def test_real_sweep(submission: Any, corpus: Corpus, seed: int, rng: Generator, pictures: Any) -> None:
    X, Y = build_rows(random.Random(seed).sample(corpus.words, 2000))
    C, W1, W2 = (torch.randn(shape, generator=rng) for shape in ((27, 10), (30, 100), (100, 27)))
    parameters = [C, W1 / 30**0.5, torch.zeros(100), W2 * 0.01, torch.zeros(27)]
    for p in parameters:
        p.requires_grad_()

    def step_fn(lr: float) -> float:
        ix = torch.randint(0, len(X), (64,), generator=rng)
        C, W1, b1, W2, b2 = parameters
        loss = F.cross_entropy(torch.tanh(C[X[ix]].flatten(1) @ W1 + b1) @ W2 + b2, Y[ix])
        for p, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
            p.data -= lr * gradient
        return loss.item()

    n = 400
    lrs = submission.lr_candidates(-3.0, 1.0, n)
    losses = submission.lr_sweep(step_fn, lrs)
    require_vector(losses, n, f"the losses of {n} rates")
    picked = submission.pick_lr(lrs, losses)
    curve = smooth_finite(losses, 25)
    series = {
        "one batch": (lrs, losses),
        "smoothed": (lrs, curve),
        f"picked: {picked:.3g}": ([picked, picked], [curve.min().item(), curve.max().item()]),
    }
    title = "The loss while the learning rate grows"
    pictures.lines("sweep", title, series, x_label="learning rate", y_label="loss", log_x=True, log_y=True)
    best = lrs[curve.argmin()].item()
    require(
        is_lowest(picked, lrs, curve),
        "the rate picked from a sweep of the lecture's network, 0.001 to 10, is not where the smoothed curve is lowest",
        got=picked,
        expected=best,
    )
