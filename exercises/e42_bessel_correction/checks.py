"""Hidden checks of e42_bessel_correction: torch's variance in float64, and the theorem the exercise is about."""

import math
import random
from typing import Any

import torch
from torch import Generator, Tensor

from grader.testing import assert_close, assert_equal, require


def draw(rng: Generator, *shape: int) -> Tensor:
    return 3 * torch.randn(*shape, generator=rng, dtype=torch.float64) + 1


def test_both_kinds(submission: Any, rng: Generator) -> None:
    for shape in ((2,), (4, 5), (3, 2, 6)):
        for dim in range(-len(shape), len(shape)):
            for dtype in (torch.float64, torch.float32):
                x = draw(rng, *shape).to(dtype)
                for unbiased in (False, True):
                    expected = torch.var(x.double(), dim, correction=int(unbiased))
                    call = submission.call("variance", x, dim, unbiased)
                    # float32 to 1e-5: squares of differences of numbers of about 3.
                    tolerance = 1e-10 if dtype is torch.float64 else 1e-5
                    kind = "unbiased" if unbiased else "biased"
                    what = f"the {kind} variance of {shape} along dim {dim} in {dtype}"
                    assert_close(call.value, expected, dtype=dtype, rtol=tolerance, atol=tolerance, what=what)
                    assert_equal(call.args[0], x, what="x after the call")

    x, weights = draw(rng, 4, 3), draw(rng, 3)
    for unbiased in (False, True):
        leaf = x.clone().requires_grad_()
        (expected,) = torch.autograd.grad(torch.var(leaf, 0, correction=int(unbiased)), leaf, weights)
        call = submission.call("variance", leaf, 0, unbiased, want=("grads",), cotangent=weights)
        require(call.grads[0] is not None, "no gradient reaches x: BatchNorm is differentiated through its variance")
        assert_close(call.grads[0], expected, what="the gradient of the variance by x")


def test_single_value(submission: Any, rng: Generator) -> None:
    x = draw(rng, 3, 1)
    zeros = torch.zeros(3, dtype=torch.float64)
    assert_equal(submission.variance(x, 1, False), zeros, what="the biased variance of single numbers")
    assert_equal(submission.variance(x, 1, True), zeros * math.nan, what="the unbiased variance of single numbers")


def test_all_samples(submission: Any, seed: int) -> None:
    random_values = random.Random(seed)
    for size, n in ((3, 2), (2, 5), (4, 3), (5, 1), (1, 3), (6, 4), (2, 3)):
        values = [random_values.uniform(-5, 5) for _ in range(size)]
        if size == 4:
            values[3] = values[0]  # equal ones count separately
        mean = sum(values) / size
        population = sum((x - mean) ** 2 for x in values) / size
        call = submission.call("expected_biased_variance", list(values), n)
        what = f"the mean biased variance of samples of {n} out of {size} values"
        assert_close(call.value, (n - 1) / n * population, rtol=1e-10, atol=1e-12, what=what)
        assert_equal(call.args[0], values, what="values after the call")


def require_stream(submission: Any, chunks: list[Tensor], what: str, tolerance: float) -> None:
    x = torch.cat(chunks)
    exact = x - x[0]  # exact, so that the mean of large numbers is known to all digits
    call = submission.call("welford", [chunk.clone() for chunk in chunks])
    got = call.value
    require(type(got) is tuple and len(got) == 3, "welford should return (mean, variance, count)", got=got)
    mean = float(exact.mean()) + float(x[0])
    assert_close(got[0], mean, rtol=1e-12, atol=1e-9, what=f"the mean {what}")
    assert_close(got[1], float(exact.var()), rtol=tolerance, atol=0.0, what=f"the variance {what}")
    assert_equal(got[2], len(x), what=f"the count {what}")
    for before, now in zip(chunks, call.args[0], strict=True):
        assert_equal(now, before, what="a chunk after the call")


def test_stream(submission: Any, rng: Generator) -> None:
    for sizes in ((5,), (1, 1, 1), (7, 1, 3), (1, 7), (40, 2, 9)):
        # Means that differ from chunk to chunk, else the distance between them would not show.
        chunks = [draw(rng, n) + 4 * k for k, n in enumerate(sizes)]
        require_stream(submission, chunks, f"of chunks of {sizes}", 1e-9)
        require_stream(submission, chunks[::-1], f"of chunks of {sizes[::-1]}, backwards,", 1e-9)


def test_large_offset(submission: Any, rng: Generator) -> None:
    for sizes in ((50,), (7, 1, 20), (3, 3, 3)):
        chunks = [1e9 + draw(rng, n) for n in sizes]
        # The numbers themselves are rounded to 1e-7, so deviations of 3 are known to some 1e-7 of their size.
        require_stream(submission, chunks, f"of 1,000,000,000 plus a little, in chunks of {sizes},", 1e-6)


def test_short_streams(submission: Any, rng: Generator) -> None:
    empty = torch.zeros(0, dtype=torch.float64)
    for chunks in ([], [empty], [empty, empty]):
        got = submission.welford(chunks)
        assert_equal(got, (math.nan, math.nan, 0), what=f"welford of {len(chunks)} chunks without a number")
    one = draw(rng, 1)
    for chunks in ([one], [empty, one], [one, empty]):
        got = submission.welford(chunks)
        assert_equal(got, (one.item(), math.nan, 1), what="welford of a single number")
    require_stream(submission, [draw(rng, 1), draw(rng, 1) + 2], "of two chunks of one number", 1e-9)
    a, b = draw(rng, 7), draw(rng, 1) + 5
    require_stream(submission, [a, empty, b, empty], "of chunks of (7, 0, 1, 0)", 1e-9)
    require_stream(submission, [empty, a, b], "of chunks of (0, 7, 1)", 1e-9)
