"""Small functions of every kind."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor


def differentiate(x: Tensor, weights: Tensor) -> Tensor:
    """Return the gradient of the sum of weights * cube(x) with respect to x."""
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(cube(x), x, weights)
    return gradient


def cube(x: Tensor) -> Tensor:
    """Return x to the power of three, element by element; differentiable."""
    raise NotImplementedError


def softmax(x: Tensor) -> Tensor:
    """Return the softmax of x over its last dimension.

    Args:
        x: (..., C), floating point, any strides; it is left as it is.

    Returns:
        (..., C) in the dtype of x; differentiable.
    """
    raise NotImplementedError


def scale(x: Tensor, k: float) -> Tensor:
    """Return k times x, in the shape and dtype of x; x is left as it is."""
    raise NotImplementedError


def scale_all(xs: list[Tensor], k: float) -> list[Tensor]:
    """Return k times each of the tensors."""
    raise NotImplementedError


def total(xs: list[float]) -> float:
    """Return the sum of the numbers, 0.0 of none; xs is left as it is."""
    raise NotImplementedError


def tally(text: str) -> dict[str, int]:
    """Return how often each character stands in the text."""
    raise NotImplementedError


def running_total(a: np.ndarray) -> np.ndarray:
    """Return the sums of a[:1], a[:2] and so on; a (n,) is float64, and so is the result."""
    raise NotImplementedError


def make_counter(start: int):
    """Return an object with an attribute `count`, and a method `add(n)` that returns the new count."""
    raise NotImplementedError


def twice(f: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Return f(f(x))."""
    raise NotImplementedError


def fit(x: Tensor, y: Tensor) -> Callable[[Tensor], Tensor]:
    """Fit y = x @ w by least squares and return the prediction as a function of x.

    Args:
        x: (n, d), float64.
        y: (n,), float64; there is a w that fits exactly.
    """
    raise NotImplementedError


def learn(texts: list[list[int]], V: int) -> Callable[[Tensor], Tensor]:
    """Learn what follows what, and return a model: the last two tokens (N, 2), int64, to logits (N, V).

    Where a text has not so many yet, 0 is in front.
    """
    raise NotImplementedError
