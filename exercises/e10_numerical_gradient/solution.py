"""Numerical derivatives, one-sided and symmetric."""

from collections.abc import Callable, Sequence


def nudge(args: Sequence[float], i: int, h: float) -> list[float]:
    """Return a copy of the arguments in which argument i is moved by h."""
    moved = list(args)
    moved[i] += h
    return moved


def forward_difference(f: Callable[..., float], args: Sequence[float], i: int, h: float = 1e-6) -> float:
    """Measure the slope of f along argument i with one step upwards."""
    return (f(*nudge(args, i, h)) - f(*args)) / h


def central_difference(f: Callable[..., float], args: Sequence[float], i: int, h: float = 1e-5) -> float:
    """Measure the slope of f along argument i with a step to either side."""
    return (f(*nudge(args, i, h)) - f(*nudge(args, i, -h))) / (2 * h)


def numerical_grad(f: Callable[..., float], args: Sequence[float], h: float = 1e-5) -> list[float]:
    """Measure the slope along every argument, symmetrically."""
    return [central_difference(f, args, i, h) for i in range(len(args))]
