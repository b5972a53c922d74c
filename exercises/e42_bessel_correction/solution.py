"""Bessel's correction: why a sample's variance is divided by n - 1 (lecture 5).

Source: "Building makemore Part 4: Becoming a Backprop Ninja", from 1:05:17; the Emory notes on Bessel's correction;
the merging of two parts: Chan, Golub & LeVeque 1979, "Updating formulae and a pairwise algorithm for computing
sample variances".
"""

# solution: begin
import itertools
import math
import statistics

# solution: end
from collections.abc import Iterable

from torch import Tensor


def variance(x: Tensor, dim: int, unbiased: bool) -> Tensor:
    """Compute the variance along one dimension.

    Args:
        x: Numbers (..., n, ...), float32 or float64; n is at least 1.
        dim: The dimension of size n; negative ones count from the end.
        unbiased: Divide the sum of squared deviations by n - 1 (True) or by n (False).

    Returns:
        x's shape without that dimension (..., ...), in the dtype of x. For n = 1 the biased variance is 0 and the
        unbiased one nan. Gradients flow to x, which stays unchanged.
    """
    # solution: begin
    deviations = x - x.mean(dim, keepdim=True)  # (..., n, ...)
    return (deviations**2).sum(dim) / (x.shape[dim] - unbiased)  # (..., ...)
    # solution: end


def welford(chunks: Iterable[Tensor]) -> tuple[float, float, int]:
    """Compute mean and variance of a long stream of numbers in one pass, with one chunk in memory at a time.

    Args:
        chunks: Tensors (n,) of any length, 0 included, float32 or float64. They can be gone through only once, and
            all together may be too large to keep.

    Returns:
        The mean, the unbiased variance (divided by the count less 1), and how many numbers there were. All is
        computed in float64. Without numbers mean and variance are nan; of a single number the variance is nan.
    """
    # solution: begin
    mean, squares, count = 0.0, 0.0, 0
    for chunk in chunks:
        n = len(chunk)
        if n == 0:
            continue
        chunk = chunk.double()
        m = chunk.mean().item()
        delta = m - mean
        total = count + n
        # The deviations inside the chunk, and what both parts lack because their means differ.
        squares += ((chunk - m) ** 2).sum().item() + delta**2 * count * n / total
        mean += delta * n / total
        count = total
    return mean if count > 0 else math.nan, squares / (count - 1) if count > 1 else math.nan, count
    # solution: end


def expected_biased_variance(values: list[float], n: int) -> float:
    """Compute what the biased variance of a sample is on average, exactly.

    Args:
        values: A small population; all are drawn with the same chance, equal ones count one by one.
        n: How many are drawn, with replacement; len(values) ** n stays below 100,000.

    Returns:
        The mean, over all len(values) ** n equally likely samples in order, of the variance divided by n.
    """
    # solution: begin
    return statistics.mean(statistics.pvariance(sample) for sample in itertools.product(values, repeat=n))
    # solution: end
