"""Numerical derivatives: nudge an input and see how the output responds.

Source: "The spelled-out intro to neural networks and backpropagation: building micrograd", 8:08 to 19:09.
"""

from collections.abc import Callable, Sequence


# solution: begin
def nudge(args: Sequence[float], i: int, h: float) -> list[float]:
    """Return a copy of the arguments in which argument i is moved by h."""
    moved = list(args)
    moved[i] += h
    return moved


# solution: end


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
    # solution: begin
    return (f(*nudge(args, i, h)) - f(*args)) / h
    # solution: end


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
    # solution: begin
    return (f(*nudge(args, i, h)) - f(*nudge(args, i, -h))) / (2 * h)
    # solution: end


def numerical_grad(f: Callable[..., float], args: Sequence[float], h: float = 1e-5) -> list[float]:
    """Measure the slope along every argument, symmetrically.

    Args:
        f: A function of len(args) numbers; it is called as f(*args), exactly 2 * len(args) times.
        args: The point, a list or a tuple of at least one number. It stays unchanged.
        h: The size of each nudge, above 0.

    Returns:
        One partial derivative per argument, in their order: the central differences.
    """
    # solution: begin
    return [central_difference(f, args, i, h) for i in range(len(args))]
    # solution: end
