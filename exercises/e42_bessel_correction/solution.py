"""Biased and unbiased variance, of tensors, of streams, and on average over all samples."""

import itertools
import math
from collections.abc import Iterable, Sequence

from torch import Tensor


def variance(x: Tensor, dim: int, unbiased: bool) -> Tensor:
    """Compute the variance along one dimension."""
    deviations = x - x.mean(dim, keepdim=True)  # (..., n, ...)
    return (deviations**2).sum(dim) / (x.shape[dim] - unbiased)  # 0 / 0 is nan


def welford(chunks: Iterable[Tensor]) -> tuple[float, float, int]:
    """Compute mean and variance of a stream, seeing each chunk once."""
    count, mean, squares = 0, 0.0, 0.0  # squares: the sum of squared deviations from the mean so far
    for x in chunks:
        n = len(x)
        if n == 0:
            continue
        delta = x.mean().item() - mean
        squares += ((x - x.mean()) ** 2).sum().item() + delta**2 * count * n / (count + n)
        count += n
        mean += delta * n / count
    return (mean if count else math.nan), (squares / (count - 1) if count > 1 else math.nan), count


def biased(sample: Sequence[float]) -> float:
    """Compute the biased variance of a few numbers."""
    mean = sum(sample) / len(sample)
    return sum((x - mean) ** 2 for x in sample) / len(sample)


def expected_biased_variance(values: list[float], n: int) -> float:
    """Average the biased variance over all samples."""
    samples = list(itertools.product(values, repeat=n))  # len(values)**n of them
    return sum(biased(sample) for sample in samples) / len(samples)
