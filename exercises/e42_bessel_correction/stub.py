"""Biased and unbiased variance, of tensors, of streams, and on average over all samples.

Source: "Building makemore Part 4: Becoming a Backprop Ninja", from 1:05:17; Welford 1962, Technometrics 4(3);
Chan, Golub & LeVeque 1983, The American Statistician 37(3).
"""

from collections.abc import Iterable

from torch import Tensor


def variance(x: Tensor, dim: int, unbiased: bool) -> Tensor:
    """Compute the variance along one dimension.

    Args:
        x: (..., n, ...), floating point, with n at least 1 along dim.
        dim: The dimension to go along; negative ones count from the end.
        unbiased: Whether the sum of squared deviations is divided by n - 1 instead of n.

    Returns:
        x's shape (...) without dim, in its dtype; gradients flow to x. The unbiased variance of a single number is nan.
        x stays unchanged.
    """
    raise NotImplementedError


def welford(chunks: Iterable[Tensor]) -> tuple[float, float, int]:
    """Compute mean and variance of a stream, seeing each chunk once.

    Args:
        chunks: Tensors (n,), float64, one after the other; n may differ and be 0. They can be gone through once only.

    Returns:
        (mean, unbiased variance, count) of all numbers together. With no number the mean is nan, with fewer than two
        the variance is.
    """
    raise NotImplementedError


def expected_biased_variance(values: list[float], n: int) -> float:
    """Average the biased variance over all samples.

    Args:
        values: At least one number; equal ones count separately.
        n: The size of a sample, at least 1; there are len(values)**n of them, a few thousand at most.

    Returns:
        The mean of the biased variance over all samples of n values, drawn with replacement, order counting.
    """
    raise NotImplementedError
