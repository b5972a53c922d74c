"""Bessel's correction, Welford's stream of chunks, and an expectation by enumeration."""

import itertools
import math
import statistics
from collections.abc import Iterable

from torch import Tensor


def variance(x: Tensor, dim: int, unbiased: bool) -> Tensor:
    """Compute the variance along one dimension."""
    deviations = x - x.mean(dim, keepdim=True)  # (..., n, ...)
    return (deviations**2).sum(dim) / (x.shape[dim] - unbiased)  # (..., ...)


def welford(chunks: Iterable[Tensor]) -> tuple[float, float, int]:
    """Compute mean and variance of a stream in one pass."""
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


def expected_biased_variance(values: list[float], n: int) -> float:
    """Compute what the biased variance of a sample is on average."""
    return statistics.mean(statistics.pvariance(sample) for sample in itertools.product(values, repeat=n))
