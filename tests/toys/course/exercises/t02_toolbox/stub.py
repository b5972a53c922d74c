"""Tools of every kind."""

from collections.abc import Callable

from torch import Tensor

LIMIT = 7


def mean_of(values: list[float]) -> float:
    """Average; ValueError for an empty list."""
    raise NotImplementedError


def make_adder(n: float) -> Callable[[float], float]:
    """Return a function that adds n."""
    raise NotImplementedError


class Counter:
    """Counts from a start."""

    def __init__(self, start: int) -> None:
        raise NotImplementedError

    def add(self, n: int) -> int:
        """Add n and return the new count."""
        raise NotImplementedError


def apply_twice(f: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Return f(f(x))."""
    raise NotImplementedError


def cube(x: Tensor) -> Tensor:
    """Return x to the third."""
    raise NotImplementedError


def project(x: Tensor, W: Tensor) -> Tensor:
    """Return x @ W."""
    raise NotImplementedError


def shout(text: str) -> None:
    """Print the text in capitals."""
    raise NotImplementedError


def train(steps: int) -> tuple[Callable[[Tensor], Tensor], int]:
    """Return a model and how many steps it took."""
    raise NotImplementedError


def seen() -> int:
    """Return how often anything was called in this process."""
    raise NotImplementedError
