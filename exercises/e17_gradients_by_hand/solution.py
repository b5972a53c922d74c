"""A gradient by hand, and the same gradient measured in two ways.

Source: the micrograd exercises notebook that belongs to lecture 1 of Zero to Hero, section 1.
"""

# solution: begin
import math
# solution: end


def f(a: float, b: float, c: float) -> float:
    """Compute -a³ + sin(3b) - 1/c + b^2.5 - a^0.5.

    Args:
        a, b: Above 0.
        c: Not 0.

    Returns:
        The value of f.
    """
    # solution: begin
    return -(a**3) + math.sin(3 * b) - 1.0 / c + b**2.5 - a**0.5
    # solution: end


def gradf(a: float, b: float, c: float) -> list[float]:
    """Compute the gradient of f by the rules of calculus.

    Args:
        a, b, c: As for f.

    Returns:
        [df/da, df/db, df/dc], exact but for rounding.
    """
    # solution: begin
    return [-3 * a**2 - 0.5 * a**-0.5, 3 * math.cos(3 * b) + 2.5 * b**1.5, 1 / c**2]
    # solution: end


# solution: begin
def moved(a: float, b: float, c: float, i: int, by: float) -> float:
    """Compute f with number i moved."""
    point = [a, b, c]
    point[i] += by
    return f(*point)


# solution: end


def gradf_numerical(a: float, b: float, c: float, h: float = 1e-6) -> list[float]:
    """Measure the gradient of f with a step upwards in each direction.

    Args:
        a, b, c: As for f.
        h: The size of the step, above 0.

    Returns:
        [(f(a + h, b, c) - f(a, b, c)) / h, ...], one entry for each of a, b and c.
    """
    # solution: begin
    return [(moved(a, b, c, i, h) - f(a, b, c)) / h for i in range(3)]
    # solution: end


def gradf_symmetric(a: float, b: float, c: float, h: float = 1e-6) -> list[float]:
    """Measure the gradient of f with a step either way in each direction.

    Args:
        a, b, c: As for f.
        h: The size of each step, above 0.

    Returns:
        One entry for each of a, b and c: the difference of f above and below, divided by their distance.
    """
    # solution: begin
    return [(moved(a, b, c, i, h) - moved(a, b, c, i, -h)) / (2 * h) for i in range(3)]
    # solution: end
