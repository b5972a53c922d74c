"""A gradient by hand, and the same gradient measured in two ways.

Source: the micrograd exercises notebook that belongs to lecture 1 of Zero to Hero, section 1.
"""


def f(a: float, b: float, c: float) -> float:
    """Compute -a³ + sin(3b) - 1/c + b^2.5 - a^0.5.

    Args:
        a, b: Above 0.
        c: Not 0.

    Returns:
        The value of f.
    """
    raise NotImplementedError


def gradf(a: float, b: float, c: float) -> list[float]:
    """Compute the gradient of f by the rules of calculus.

    Args:
        a, b, c: As for f.

    Returns:
        [df/da, df/db, df/dc], exact but for rounding.
    """
    raise NotImplementedError


def gradf_numerical(a: float, b: float, c: float, h: float = 1e-6) -> list[float]:
    """Measure the gradient of f with a step upwards in each direction.

    Args:
        a, b, c: As for f.
        h: The size of the step, above 0.

    Returns:
        [(f(a + h, b, c) - f(a, b, c)) / h, ...], one entry for each of a, b and c.
    """
    raise NotImplementedError


def gradf_symmetric(a: float, b: float, c: float, h: float = 1e-6) -> list[float]:
    """Measure the gradient of f with a step either way in each direction.

    Args:
        a, b, c: As for f.
        h: The size of each step, above 0.

    Returns:
        One entry for each of a, b and c: the difference of f above and below, divided by their distance.
    """
    raise NotImplementedError
