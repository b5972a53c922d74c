"""Checks of the numerical derivatives: the functions that are differentiated run here, so each call of them is seen."""

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

from grader.testing import CheckFailure, assert_close, assert_equal, require

#: Values of size 30 are exact to 4e-15; divided by a step of 1e-5 (central) or 1e-6 that is 1e-9 or less, and a
#: forward difference has an error of h/2 times the second derivative on top, 3e-6 here.
CENTRAL_ATOL = 1e-6
FORWARD_ATOL = 2e-5

Function = Callable[..., float]


class Recorder:
    """Wraps a function and keeps the points at which it was called."""

    def __init__(self, f: Function) -> None:
        self.points: list[list[float]] = []

        def recorded(*args: float) -> float:
            if not all(isinstance(a, int | float) for a in args):
                raise CheckFailure("f was called with something that is no number", got=str([type(a) for a in args]))
            self.points.append([float(a) for a in args])
            return f(*args)

        self.f = recorded


def parabola(x: float) -> float:
    return 3 * x**2 - 4 * x + 5


def product_plus(a: float, b: float, c: float) -> float:
    return a * b + c


def test_one_argument(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for x in (3.0, 2 / 3, draw.uniform(-4, 4)):
        slope = 6 * x - 4
        at = f"of 3x² - 4x + 5 at x = {x:.4g}"
        forward = submission.forward_difference(parabola, [x], 0)
        assert_close(forward, slope, rtol=0.0, atol=FORWARD_ATOL, what=f"the forward difference {at}")
        central = submission.central_difference(parabola, [x], 0)
        assert_close(central, slope, rtol=0.0, atol=CENTRAL_ATOL, what=f"the central difference {at}")
        gradient = submission.numerical_grad(parabola, [x])
        assert_close(gradient, [slope], rtol=0.0, atol=CENTRAL_ATOL, what=f"the gradient {at}")


def test_several_arguments(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    v, w, x, y, z = (draw.uniform(0.5, 2.0) for _ in range(5))

    def five(v: float, w: float, x: float, y: float, z: float) -> float:
        return v * w * x + x**2 * y + 7 * v - y * z

    cases: list[tuple[str, Function, Sequence[float], list[float]]] = [
        ("of d = ab + c at (2, -3, 10)", product_plus, [2.0, -3.0, 10.0], [-3.0, 2.0, 1.0]),
        (
            "of a function of five arguments",
            five,
            [v, w, x, y, z],
            [w * x + 7, v * x, v * w + 2 * x * y, x**2 - z, -y],
        ),
    ]
    for of, f, args, partials in cases:
        for i, partial in enumerate(partials):
            along = f"along argument {i} {of}"
            forward = submission.forward_difference(f, list(args), i)
            assert_close(forward, partial, rtol=0.0, atol=FORWARD_ATOL, what=f"the forward difference {along}")
            central = submission.central_difference(f, list(args), i)
            assert_close(central, partial, rtol=0.0, atol=CENTRAL_ATOL, what=f"the central difference {along}")
        gradient = submission.numerical_grad(f, list(args))
        assert_close(gradient, partials, rtol=0.0, atol=CENTRAL_ATOL, what=f"the gradient {of}")


def test_error_order(submission: Any, seed: int, pictures: Any) -> None:
    steps = [10.0**-k for k in range(1, 13)]
    for_picture = {}
    for label, name in (("one-sided", "forward_difference"), ("symmetric", "central_difference")):
        slopes = [getattr(submission, name)(math.exp, [1.0], 0, h) for h in steps]
        for_picture[label] = (steps, [abs(slope - math.e) for slope in slopes])
    pictures.lines(
        "error",
        "Error of the slope of exp at 1",
        for_picture,
        x_label="h",
        y_label="absolute error",
        log_x=True,
        log_y=True,
    )
    # The derivative of exp is exp. At 1, and at a random place where no number is round.
    for x in (1.0, random.Random(seed).uniform(-1.0, 1.5)):
        for name, factor, kind in (("forward_difference", 2, "one-sided"), ("central_difference", 4, "symmetric")):
            coarse, fine = (getattr(submission, name)(math.exp, [x], 0, h) - math.exp(x) for h in (1e-2, 5e-3))
            require(
                fine != 0 and coarse / fine > 0,
                f"the {kind} errors for exp at {x:.4g} should not vanish at h = 0.01 and 0.005",
                got=(coarse, fine),
            )
            # The next term of the Taylor series makes the ratio 2 + h/3 for one side, and 4 to 1e-5 for both.
            require(
                abs(coarse / fine - factor) <= 0.01,
                f"half the h should leave 1/{factor} of the {kind} error for exp at {x:.4g}; it leaves 1/{coarse / fine:.3g}",
                got=f"{coarse:.3e} with h = 0.01, {fine:.3e} with h = 0.005",
            )


def require_points(actual: list[list[float]], expected: list[list[float]], what: str) -> None:
    """Require the calls of f at these points, in any order; a step of 1e-5 is recognised to a thousandth."""
    count = f"{len(actual)} time{'' if len(actual) == 1 else 's'}"
    require(len(actual) == len(expected), f"{what} called f {count} instead of {len(expected)}")
    for got, wanted in zip(sorted(actual), sorted(expected), strict=True):
        near = len(got) == len(wanted) and all(abs(g - w) <= 1e-9 for g, w in zip(got, wanted, strict=True))
        require(near, f"{what} called f at another point than it should", got=got, expected=wanted)


def test_two_calls(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for n in (1, 3, 5):
        args = [draw.uniform(-1, 1) for _ in range(n)]
        i = n // 2
        for h in (None, 0.125):
            given = () if h is None else (h,)
            told = "" if h is None else f" with h = {h:g}"

            def moved(k: int, by: float, args: list[float] = args) -> list[float]:
                return [a + by if j == k else a for j, a in enumerate(args)]

            recorder = Recorder(lambda *a: sum(math.sin(x) for x in a))
            submission.forward_difference(recorder.f, list(args), i, *given)
            forward = [args, moved(i, 1e-6 if h is None else h)]
            require_points(recorder.points, forward, f"forward_difference along argument {i} of {n}{told}")

            step = 1e-5 if h is None else h
            recorder = Recorder(lambda *a: sum(math.sin(x) for x in a))
            submission.central_difference(recorder.f, list(args), i, *given)
            central = [moved(i, -step), moved(i, step)]
            require_points(recorder.points, central, f"central_difference along argument {i} of {n}{told}")

            recorder = Recorder(lambda *a: sum(math.sin(x) for x in a))
            submission.numerical_grad(recorder.f, list(args), *given)
            both = [moved(k, s) for k in range(n) for s in (-step, step)]
            require_points(recorder.points, both, f"numerical_grad of {n} argument{'s' * (n > 1)}{told}")


def test_arguments_untouched(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    # Many steps and many numbers: at least one of them is not the same after h was added and subtracted.
    for _ in range(6):
        args = [draw.uniform(0.01, 0.99), draw.uniform(1.0, 9.0), draw.uniform(-5e-4, 5e-4)]
        calls: dict[str, tuple[int, ...]] = {
            "forward_difference": (1,),
            "central_difference": (2,),
            "numerical_grad": (),
        }
        for name, i in calls.items():
            call = submission.call(name, product_plus, list(args), *i)
            assert_equal(call.args[1], args, what=f"the list of arguments after {name}")
            from_tuple = getattr(submission, name)(product_plus, tuple(args), *i)
            assert_equal(from_tuple, call.value, what=f"what {name} returns for a tuple instead of a list")
