"""Hidden checks of e32_tanh_saturation: activations with counts known beforehand, and the layer of the lecture."""

from typing import Any

import torch
from torch import Generator, Tensor

from grader.testing import assert_close, assert_equal, require

#: (N, H), all different; a batch of one among them.
SHAPES = ((1, 3), (4, 5), (10, 2), (25, 4))
DTYPES = (torch.float64, torch.float32)


def draw(rng: Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=rng, dtype=torch.float64)


def make_activations(rng: Generator, N: int, H: int, threshold: float) -> tuple[Tensor, Tensor]:
    """Make outputs of tanh (N, H) with known counts of saturated examples (H,), at either end, in random order."""
    counts = torch.randint(0, N + 1, (H,), generator=rng)
    counts[0], counts[-1] = N, N - 1
    signs = torch.randint(0, 2, (N, H), generator=rng) * 2 - 1
    beyond = threshold + (1 - threshold) * (0.2 + 0.7 * torch.rand(N, H, generator=rng, dtype=torch.float64))
    within = threshold * (0.95 * torch.rand(N, H, generator=rng, dtype=torch.float64))
    ranks = torch.rand(N, H, generator=rng).argsort(0).argsort(0)
    return torch.where(ranks < counts, beyond, within) * signs, counts


def test_fractions(submission: Any, rng: Generator) -> None:
    for N, H in SHAPES:
        for threshold in (None, 0.9, 0.5):
            for dtype in DTYPES:
                h, counts = make_activations(rng, N, H, threshold or 0.99)
                h = h.to(dtype)
                call = submission.call("saturation", h, *([threshold] if threshold else []))
                expected = (counts.double() / N).to(dtype)
                what = f"saturation of h with shape ({N}, {H}) at a threshold of {threshold or 'its default'}"
                assert_close(call.value, expected, what=what)
                assert_equal(call.args[0], h, what="h after the call")

    edge = torch.tensor([[0.5, -0.5], [-0.75, 0.5]], dtype=torch.float64)  # beyond 0.5, not at it
    expected = torch.tensor([0.5, 0.0], dtype=torch.float64)
    assert_close(submission.saturation(edge, 0.5), expected, what="saturation of [[0.5, -0.5], [-0.75, 0.5]] at 0.5")


def test_dead(submission: Any, rng: Generator) -> None:
    for N, H in SHAPES:
        for threshold in (None, 0.9):
            for dtype in DTYPES:
                h, counts = make_activations(rng, N, H, threshold or 0.99)
                call = submission.call("dead_units", h.to(dtype), *([threshold] if threshold else []))
                what = f"dead_units of h with shape ({N}, {H})"
                assert_equal(call.value, counts == N, what=what)
                assert_equal(call.args[0], h.to(dtype), what="h after the call")

    edge = torch.tensor([[0.5, -0.75], [-0.75, 0.75]], dtype=torch.float64)
    what = "dead_units of [[0.5, -0.75], [-0.75, 0.75]] at 0.5"
    assert_equal(submission.dead_units(edge, 0.5), torch.tensor([False, True]), what=what)


def test_scale(submission: Any, rng: Generator) -> None:
    for N, fan_in, H in ((200, 7, 30), (300, 40, 20)):
        for size, target in ((1.0, None), (0.02, 0.6), (9.0, 2.0)):
            for dtype in DTYPES:
                x, W = (size * draw(rng, N, fan_in) + 0.3).to(dtype), (2 * draw(rng, fan_in, H)).to(dtype)
                call = submission.call("unsaturate_scale", x, W, *([target] if target else []))
                require(call.value > 0, "the factor should be above 0", got=call.value)
                spread = float((call.value * (x.double() @ W.double())).std())
                what = f"the standard deviation of x @ (s * W) for s = {call.value:.4g}"
                # To a hundredth, since whether n or n - 1 is divided by is left open; for 6,000 numbers that is 1e-4.
                assert_close(spread, target or 1.0, rtol=0.01, atol=0.0, what=what)
                for name, now, before in zip("xW", call.args, (x, W), strict=False):
                    assert_equal(now, before, what=f"{name} after the call")


def lecture_layer(rng: Generator) -> tuple[Tensor, Tensor]:
    """The lecture's first hidden layer: 32 contexts of 3 characters with 10 numbers each, 200 units."""
    C, ix = draw(rng, 27, 10), torch.randint(0, 27, (32, 3), generator=rng)
    return C[ix].flatten(1), draw(rng, 30, 200)


def test_lecture_start(submission: Any, rng: Generator, pictures: Any) -> None:
    x, W = lecture_layer(rng)
    before = torch.tanh(x @ W)
    after = torch.tanh(x @ (submission.unsaturate_scale(x, W) * W))
    pictures.histograms(
        "activations",
        "What comes out of the 200 tanh units",
        {"randn": before, "scaled to a spread of 1": after},
        x_label="activation",
        bins=40,
    )
    share = {name: float(submission.saturation(h).mean()) for name, h in (("before", before), ("after", after))}
    # A spread of sqrt(30) puts 63 % of a normal distribution beyond atanh(0.99) = 2.65, a spread of 1 0.8 %.
    require(
        share["before"] > 0.5,
        f"with randn weights more than half of the activations are saturated; you find {share['before']:.1%}",
    )
    require(
        share["after"] < 0.05,
        f"after scaling to a spread of 1 less than 5 % should be saturated; {share['after']:.1%} are",
    )


def test_no_gradient(submission: Any, rng: Generator) -> None:
    # Four inputs, so that a unit of large weights and a bias is stuck now and then, and others nearly so.
    x = draw(rng, 40, 4)
    W = draw(rng, 4, 60)
    b = torch.linspace(-14, 14, 60, dtype=torch.float64)[torch.randperm(60, generator=rng)]
    weights = W.clone().requires_grad_()
    h = torch.tanh(x @ weights + b)
    (gradient,) = torch.autograd.grad(h.sum(), weights)
    slopes = (1 - h.detach() ** 2).amax(0)  # (H,): the most that comes through for any example
    dead = submission.dead_units(h.detach())
    let_through = 1 - 0.99**2
    for unit in range(60):
        says = bool(dead[unit])
        require(
            says == bool(slopes[unit] < let_through),
            f"unit {unit} lets at most {slopes[unit]:.3g} of a gradient through, and is {'' if says else 'not '}called dead "
            f"(its weights get {gradient[:, unit].abs().max():.3g})",
        )
