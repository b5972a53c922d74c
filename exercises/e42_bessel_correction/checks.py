"""Hidden checks of e42_bessel_correction: references in float64, computed before each call."""

import itertools
import math
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from grader.testing import assert_close, assert_equal, require

#: Every size differs from the others, so that no dimension can stand in for another; a size of 2 tells n from n - 1.
SHAPES = ((5,), (4, 3), (2, 7), (3, 2, 5))


def normal(rng: Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=rng, dtype=torch.float64)


def draw_chunks(rng: Generator, sizes: tuple[int, ...], offset: float = 0.0) -> list[Tensor]:
    """Draw chunks whose means differ, so that what lies between them counts."""
    return [offset + 2 * normal(rng, 1) + normal(rng, size) for size in sizes]


def two_pass(chunks: list[Tensor]) -> tuple[float, float, int]:
    """Mean, unbiased variance and count with all numbers at hand, in float64."""
    numbers = np.concatenate([np.zeros(0), *(chunk.double().numpy() for chunk in chunks)])
    count = len(numbers)
    # Less the first number, which is exact for numbers that lie close together: the mean then has small numbers to add.
    rest = numbers - numbers[0] if count else numbers
    mean = float(numbers[0] + rest.mean()) if count else math.nan
    return mean, float(np.var(rest, ddof=1)) if count > 1 else math.nan, count


def require_stream(submission: Any, chunks: list[Tensor], what: str, rtol: float = 1e-9) -> None:
    """Hand the chunks over as a stream, which can be gone through once, and require what two passes give."""
    wanted = two_pass(chunks)
    found = submission.welford(iter(chunks))
    assert_equal(found[2], wanted[2], what=f"the count of {what}")
    for name, number, expected in zip(("mean", "variance"), found[:2], wanted[:2], strict=True):
        assert_close(number, expected, rtol=rtol, atol=1e-12, what=f"the {name} of {what}")


def expect_biased(values: list[float], n: int) -> float:
    """Average the biased variance over all samples, one by one."""
    samples = np.array(list(itertools.product(values, repeat=n)), dtype=np.float64)  # (k ** n, n)
    return float(samples.var(axis=1).mean())


def test_equals_torch(submission: Any, rng: Generator) -> None:
    for shape in SHAPES:
        for dim in range(-len(shape), len(shape)):
            for unbiased in (True, False):
                x = 3 * normal(rng, *shape) + normal(rng, 1)
                expected = torch.var(x, dim, correction=int(unbiased))
                call = submission.call("variance", x, dim, unbiased)
                what = f"variance of x {shape} along dim {dim} with unbiased={unbiased}"
                assert_close(call.value, expected, what=what)
                assert_equal(call.args[0], x, what="x after the call")
    # float32 far from zero: the squares themselves would lose all digits.
    x = (1000 + normal(rng, 6, 4)).float()
    for unbiased in (True, False):
        expected = torch.var(x.double(), 0, correction=int(unbiased))
        # A mean of 1000 in float32 is off by some 1e-4, which enters squared.
        what = f"variance of float32 numbers around 1000 with unbiased={unbiased}"
        assert_close(
            submission.variance(x, 0, unbiased), expected, dtype=torch.float32, rtol=1e-3, atol=1e-4, what=what
        )


def test_bessel_factor(submission: Any, rng: Generator) -> None:
    for n in (2, 3, 10, 200):
        x = normal(rng, n, 4) * 5
        unbiased, biased = submission.variance(x, 0, True), submission.variance(x, 0, False)
        what = f"the unbiased variance, which is n / (n - 1) times the biased one (n = {n}),"
        assert_close(unbiased, biased * n / (n - 1), what=what)
        require(bool((biased > 0).all()), f"the variance of {n} different numbers is above 0", got=biased)


def test_single_number(submission: Any, rng: Generator) -> None:
    for shape, dim in (((1,), 0), ((3, 1), 1), ((1, 4), 0), ((2, 1, 3), -2)):
        x = normal(rng, *shape)
        left = x.sum(dim)
        for unbiased, value in ((False, 0.0), (True, math.nan)):
            what = f"variance of x {shape} along dim {dim} (n = 1) with unbiased={unbiased}"
            assert_equal(submission.variance(x, dim, unbiased), torch.full_like(left, value), what=what)


def test_gradient(submission: Any, rng: Generator) -> None:
    for shape, dim in (((5, 3), 0), ((2, 4), 1)):
        for unbiased in (True, False):
            x = normal(rng, *shape).requires_grad_()
            weights = normal(rng, shape[1 - dim])
            (expected,) = torch.autograd.grad((torch.var(x, dim, correction=int(unbiased)) * weights).sum(), x)
            call = submission.call("variance", x, dim, unbiased, want=("grads",), cotangent=weights)
            (found,) = call.grads or [None]
            what = f"the gradient of variance along dim {dim} of x {shape} with unbiased={unbiased}"
            require(found is not None, f"{what} is missing: the result has no graph")
            assert_close(found, expected, what=what)


def test_expectation(submission: Any, rng: Generator) -> None:
    drawn = (4 * normal(rng, 4) + 2).tolist()
    for values, n in (
        ([1.0, 2.0, 6.0], 2),
        ([1.0, 2.0, 6.0], 3),
        ([5.0, 5.0, -1.0], 2),  # an equal pair: two ways to draw a 5
        ([3.0, 1.0], 7),  # more draws than values
        (drawn, 4),
        (drawn, 1),
        ([2.5], 3),
    ):
        expected = expect_biased(values, n)
        shown = [round(v, 3) for v in values]
        what = f"the mean of the biased variance over all {len(values) ** n} samples of {n} from {shown}"
        given = list(values)
        call = submission.call("expected_biased_variance", values, n)
        assert_close(call.value, expected, rtol=1e-9, atol=1e-12, what=what)
        assert_equal(call.args[0], given, what="values after the call")


def test_formula(submission: Any, rng: Generator) -> None:
    for k, n in ((2, 2), (5, 3), (3, 6), (9, 2)):
        values = (3 * normal(rng, k)).tolist()
        population = float(np.var(values))
        found = submission.expected_biased_variance(values, n)
        what = f"the expected biased variance of {n} draws from {k} values, which is (n - 1)/n = {n - 1}/{n} of the population's,"
        assert_close(found, population * (n - 1) / n, rtol=1e-9, atol=1e-12, what=what)
        # All samples at once, by the learner's own variance: on average the unbiased one is right.
        samples = torch.tensor(list(itertools.product(values, repeat=n)), dtype=torch.float64)  # (k ** n, n)
        average = float(submission.variance(samples, 1, True).mean())
        what = f"the unbiased variance, averaged over all {k**n} samples of {n} from {k} values,"
        assert_close(average, population, rtol=1e-9, atol=1e-12, what=what)


def test_stream(submission: Any, rng: Generator) -> None:
    for sizes in ((7, 7, 7), (1, 7, 0, 3), (0, 5, 2), (1, 1, 1, 1), (30, 1), (1, 30), (4, 0, 0), (12,)):
        require_stream(submission, draw_chunks(rng, sizes), f"chunks of the sizes {', '.join(map(str, sizes))}")
    chunks = [chunk.float() for chunk in draw_chunks(rng, (6, 1, 9), 50.0)]
    require_stream(submission, chunks, "float32 chunks around 50 (computed in float64)")


def test_few_numbers(submission: Any, rng: Generator) -> None:
    for sizes in ((), (0,), (0, 0), (1,), (0, 1, 0), (1, 1), (2,)):
        require_stream(
            submission, draw_chunks(rng, sizes), f"chunks of the sizes {', '.join(map(str, sizes)) or 'none'}"
        )


def test_large_offset(submission: Any, rng: Generator) -> None:
    for sizes in ((40, 40, 40), (7, 1, 0, 50, 2), (1,) * 25):
        for offset in (1e9, -1e9):
            # Numbers around 1e9 have steps of 1e-7, so deviations of about 1 are good to 1e-7; the squares would be
            # rounded to hundreds.
            what = f"chunks of the sizes {', '.join(map(str, sizes[:6]))} around {offset:g}"
            require_stream(submission, draw_chunks(rng, sizes, offset), what, rtol=3e-6)


def test_any_order(submission: Any, rng: Generator) -> None:
    chunks = draw_chunks(rng, (9, 1, 4, 0, 20))
    first = submission.welford(iter(chunks))
    for order in ((4, 3, 2, 1, 0), (2, 0, 4, 1, 3), (1, 4, 0, 3, 2)):
        found = submission.welford(iter([chunks[i] for i in order]))
        what = f"(mean, variance, count) with the chunks in the order {', '.join(map(str, order))}"
        assert_close(found, first, rtol=1e-9, atol=1e-9, what=what)


def test_one_pass(submission: Any, rng: Generator) -> None:
    chunks = draw_chunks(rng, (2000,) * 60)
    wanted = two_pass(chunks)
    call = submission.call("welford", iter(chunks), want=("bytes",))
    assert_close(call.value, wanted, rtol=1e-9, atol=1e-12, what="(mean, variance, count) of 60 chunks of 2000")
    # A chunk takes 16 kB, and a handful of tensors of its size are made of it; all chunks together take 960 kB.
    made = call.made_bytes or 0
    require(
        made < 240_000,
        f"the tensors made at one time take {made / 1000:.0f} kB, and one chunk takes 16 kB: keep no more than one chunk, "
        "the numbers of a stream may not fit into memory",
    )
