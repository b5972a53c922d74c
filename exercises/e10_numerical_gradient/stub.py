"""Numerical derivatives: nudge an input and see how the output responds.

Source: "The spelled-out intro to neural networks and backpropagation: building micrograd", 8:08 to 19:09.
"""

from collections.abc import Callable, Sequence


def forward_difference(f: Callable[..., float], args: Sequence[float], i: int, h: float = 1e-6) -> float:
    """Measure the slope of f along argument i with one step upwards.

    Args:
        f: A function of len(args) numbers; it is called as f(*args), exactly twice.
        args: The point, a list or a tuple of at least one number. It stays unchanged.
        i: Which argument to nudge, 0 <= i < len(args).
        h: The size of the nudge, above 0.

    Returns:
        (f(x + h) - f(x)) / h, where x is argument i and all others stay as they are.
    """
    raise NotImplementedError


def central_difference(f: Callable[..., float], args: Sequence[float], i: int, h: float = 1e-5) -> float:
    """Measure the slope of f along argument i with a step to either side.

    Args:
        f: A function of len(args) numbers; it is called as f(*args), exactly twice.
        args: The point, a list or a tuple of at least one number. It stays unchanged.
        i: Which argument to nudge, 0 <= i < len(args).
        h: The size of each of the two nudges, above 0.

    Returns:
        The difference of f at x + h and at x - h, divided by the distance of these two points.
    """
    raise NotImplementedError


def numerical_grad(f: Callable[..., float], args: Sequence[float], h: float = 1e-5) -> list[float]:
    """Measure the slope along every argument, symmetrically.

    Args:
        f: A function of len(args) numbers; it is called as f(*args), exactly 2 * len(args) times.
        args: The point, a list or a tuple of at least one number. It stays unchanged.
        h: The size of each nudge, above 0.

    Returns:
        One partial derivative per argument, in their order: the central differences.
    """
    raise NotImplementedError
