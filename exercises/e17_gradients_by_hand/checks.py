"""Hidden checks of e17_gradients_by_hand: f and its gradient are computed anew here, by torch in float64."""

import math
import random
from typing import Any

import torch

from grader.testing import assert_close, require

NAMES = ("a", "b", "c")
NOTEBOOK = (2.0, 3.0, 4.0)


def value(a: Any, b: Any, c: Any) -> Any:
    """f, for numbers and for tensors."""
    sine = torch.sin(3 * b) if isinstance(b, torch.Tensor) else math.sin(3 * b)
    return -(a**3) + sine - 1 / c + b**2.5 - a**0.5


def gradient(a: float, b: float, c: float) -> list[float]:
    """The gradient by autograd."""
    point = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (a, b, c)]
    return [float(g) for g in torch.autograd.grad(value(*point), point)]


def draw_points(seed: int, count: int) -> list[tuple[float, float, float]]:
    """Points at which f and its second derivatives are below 50, so that measuring works; c of either sign."""
    draw = random.Random(seed)
    return [
        (draw.uniform(0.5, 2.5), draw.uniform(0.5, 3.5), draw.choice([-1, 1]) * draw.uniform(0.6, 4.0))
        for _ in range(count)
    ]


def write(point: tuple[float, ...]) -> str:
    return ", ".join(f"{x:.4g}" for x in point)


def test_values(submission: Any, seed: int) -> None:
    for point in [NOTEBOOK, *draw_points(seed, 10)]:
        # Sums of a few terms below 50.
        assert_close(submission.f(*point), value(*point), rtol=1e-12, atol=1e-12, what=f"f({write(point)})")


def test_notebook_point(submission: Any) -> None:
    # The figures of the notebook.
    right = [-12.353553390593273, 10.25699027111255, 0.0625]
    assert_close(submission.gradf(*NOTEBOOK), right, rtol=1e-6, atol=0.0, what="gradf(2, 3, 4)")


def test_exact(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    steep = [
        (draw.uniform(1e-6, 1e-5), 1.0, 1.0),
        (1.0, draw.uniform(50, 60), 1.0),
        (1.0, 1.0, draw.uniform(1e-4, 1e-3)),
        (1.0, 1.0, -draw.uniform(1e-4, 1e-3)),
        (draw.uniform(1e4, 1e5), 1.0, 1e3),
    ]
    for point in [NOTEBOOK, *draw_points(seed, 50), *steep]:
        got = submission.gradf(*point)
        require(len(got) == 3, f"gradf({write(point)}) has {len(got)} entries instead of 3", got=got)
        for name, mine, right in zip(NAMES, got, gradient(*point), strict=True):
            # Exact but for the roundings of at most two terms, which may cancel in part.
            what = f"df/d{name} of gradf({write(point)})"
            assert_close(mine, right, rtol=1e-11, atol=1e-11, what=what)


def test_measured(submission: Any, seed: int) -> None:
    for point in [NOTEBOOK, *draw_points(seed, 12)]:
        right = gradient(*point)
        # With h = 1e-6: h/2 times a second derivative below 50, and 1e-14 of rounding divided by h.
        for name, atol in (("gradf_numerical", 1e-4), ("gradf_symmetric", 1e-7)):
            what = f"{name}({write(point)})"
            assert_close(getattr(submission, name)(*point), right, rtol=0.0, atol=atol, what=what)
            default = getattr(submission, name)(*point)
            assert_close(default, getattr(submission, name)(*point, 1e-6), rtol=0.0, atol=0.0, what=f"{what} without h")


def by_hand(point: tuple[float, ...], above: float, below: float) -> list[float]:
    """The difference quotients of f, per coordinate."""
    quotients = []
    for i in range(3):
        up, down = list(point), list(point)
        up[i] += above
        down[i] -= below
        quotients.append((value(*up) - value(*down)) / (above + below))
    return quotients


def test_error_order(submission: Any, seed: int) -> None:
    # A large h is not exact, but it is known what comes out.
    for point in draw_points(seed, 4):
        for name, below in (("gradf_numerical", 0.0), ("gradf_symmetric", 0.125)):
            got = getattr(submission, name)(*point, 0.125)
            what = f"{name}({write(point)}, h=0.125)"
            assert_close(got, by_hand(point, 0.125, below), rtol=1e-9, atol=1e-9, what=what)
    for point in (NOTEBOOK, (1.0, 2.0, 3.0)):
        right = gradient(*point)
        one_sided = submission.gradf_numerical(*point, 1e-3)
        symmetric = submission.gradf_symmetric(*point, 1e-3)
        for name, exact, one, both in zip(NAMES, right, one_sided, symmetric, strict=True):
            # By Taylor's series the ratio is some hundreds at these points, whatever the hardware.
            require(
                abs(one - exact) >= 20 * abs(both - exact),
                f"the symmetric df/d{name} at ({write(point)}) should be at least 20 times as close as the one-sided one",
                got=f"errors {abs(both - exact):.3g} and {abs(one - exact):.3g}",
            )
