"""Axes, their ticks, and the steps of a shading: what a chart in the terminal and one in a file have in common."""

import math
from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from grader.core.pictures import HeatMap

#: A table of counts in which most are this much smaller than the largest would be shown all white on a linear scale.
_SKEWED = 50


class Axis(NamedTuple):
    """One axis, linear or logarithmic; `low` < `high` are in its own measure, so of a logarithmic one the exponents."""

    low: float
    high: float
    log: bool

    def place(self, value: float) -> float:
        """Return where a value lies: 0 at the low end, 1 at the high one."""
        return ((math.log10(value) if self.log else value) - self.low) / (self.high - self.low)

    def choose_ticks(self, most: int) -> list[float]:
        """Return some round values on the axis, at least two, and more than `most` of them never."""
        if self.log and self.high - self.low >= 1:
            first, last = math.ceil(self.low - 1e-9), math.floor(self.high + 1e-9)
            step = max(1, -(-(last - first + 1) // most))
            decades = [10.0**exponent for exponent in range(first, last + 1, step)]
            if len(decades) > 1:
                return decades
        low, high = (10**self.low, 10**self.high) if self.log else (self.low, self.high)
        rough = (high - low) / most
        unit = 10.0 ** math.floor(math.log10(rough))
        for step_size in (unit, 2 * unit, 5 * unit, 10 * unit):
            numbers = range(math.ceil(low / step_size - 1e-9), math.floor(high / step_size + 1e-9) + 1)
            if len(numbers) <= most:
                break
        return [number * step_size for number in numbers] if len(numbers) > 1 else [low, high]


def make_axis(values: Iterable[float], *, log: bool = False) -> Axis:
    """Return the axis that shows all of these values, at least one; the axis of one value has it in the middle."""
    numbers = [math.log10(value) for value in values] if log else list(values)
    low, high = min(numbers), max(numbers)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        middle = max(0.5, abs(low) * 0.01)
        low, high = low - middle, high + middle
    return Axis(low, high, log)


def write_numbers(values: Sequence[float]) -> list[str]:
    """Write numbers with as many digits as it takes to tell them apart, three at least."""
    texts = [_write_number(value, 3) for value in values]
    for digits in range(4, 12):
        if len(set(texts)) == len(set(values)):
            break
        texts = [_write_number(value, digits) for value in values]
    return texts


def _write_number(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    if -4 <= magnitude < 7:
        text = f"{value:.{max(0, digits - 1 - magnitude)}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


class Shading(NamedTuple):
    """How the values of a heat map become steps of grey: linear, or logarithmic where most are small counts."""

    low: float
    high: float
    log: bool

    def step(self, value: float, steps: int) -> int:
        """Return the step of a value, 0 to steps - 1; on a logarithmic scale 0 is for what is 0."""
        if self.log:
            return next((i for i in range(steps - 1, 0, -1) if value >= self.bound(i, steps)), 0)
        return min(steps - 1, int((value - self.low) / ((self.high - self.low) or 1) * steps))

    def bound(self, step: int, steps: int) -> float:
        """Return the least value of a step."""
        if self.log:
            return self.low if step == 1 else self.low * (self.high / self.low) ** ((step - 1) / (steps - 1))
        return self.low + (self.high - self.low) * step / steps


def choose_shading(picture: HeatMap) -> Shading | None:
    """Choose the scale that shows most of a heat map; None if there is no number in it."""
    values = [value for row in picture.values for value in row if value is not None]
    if not values:
        return None
    low, high = min(values), max(values)
    positive = [value for value in values if value > 0]
    if low >= 0 and positive and median(positive) * _SKEWED < high:
        return Shading(min(positive), high, True)
    return Shading(low, high, False)
