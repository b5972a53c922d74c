"""A gradient by hand, and measured from one side and from both."""

import math


def f(a: float, b: float, c: float) -> float:
    """Compute -a³ + sin(3b) - 1/c + b^2.5 - a^0.5."""
    return -(a**3) + math.sin(3 * b) - 1.0 / c + b**2.5 - a**0.5


def gradf(a: float, b: float, c: float) -> list[float]:
    """Compute the gradient of f by the rules of calculus."""
    return [-3 * a**2 - 0.5 * a**-0.5, 3 * math.cos(3 * b) + 2.5 * b**1.5, 1 / c**2]


def moved(a: float, b: float, c: float, i: int, by: float) -> float:
    """Compute f with number i moved."""
    point = [a, b, c]
    point[i] += by
    return f(*point)


def gradf_numerical(a: float, b: float, c: float, h: float = 1e-6) -> list[float]:
    """Measure the gradient of f with a step upwards in each direction."""
    return [(moved(a, b, c, i, h) - f(a, b, c)) / h for i in range(3)]


def gradf_symmetric(a: float, b: float, c: float, h: float = 1e-6) -> list[float]:
    """Measure the gradient of f with a step either way in each direction."""
    return [(moved(a, b, c, i, h) - moved(a, b, c, i, -h)) / (2 * h) for i in range(3)]
