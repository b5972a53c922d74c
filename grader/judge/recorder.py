"""Record what a check wants to show: any numbers a learner's code returned, made into bounded pictures."""

import re
from collections.abc import Iterator, KeysView, Mapping, Sequence, ValuesView
from itertools import islice, pairwise
from typing import Any

import numpy as np
from torch import Tensor

from grader.core.pictures import (
    MAX_BINS,
    MAX_LABEL,
    MAX_NOTES,
    MAX_PICTURES,
    MAX_POINTS,
    MAX_SERIES,
    MAX_TITLE,
    HeatMap,
    Histogram,
    Histograms,
    Line,
    Lines,
    Picture,
)
from grader.judge.drawable import LARGEST, Floats, Ints, ShownTable, is_number, read_numbers, read_table
from grader.text.printable import clean
from grader.text.wording import name_dtype, name_kind, write_shape

#: Values that differ by less, relative to their size, cannot be told apart by bins.
_SAME_RTOL = 1e-9


class Pictures:
    """The pictures of one grade. Nothing a learner's code returned makes a method raise; what cannot be drawn is said."""

    def __init__(self) -> None:
        self._pictures: dict[str, Picture] = {}

    @property
    def recorded(self) -> tuple[Picture, ...]:
        """What was recorded so far, in order."""
        return tuple(self._pictures.values())

    def heat_map(
        self,
        name: str,
        title: str,
        values: Any,
        *,
        rows: Any = None,
        columns: Any = None,
        x_label: str = "",
        y_label: str = "",
    ) -> None:
        """Record a table of numbers.

        Args:
            name: What its file is called; recording the same name again replaces it.
            title: What it shows.
            values: (R, C); one row may be given as it is. At most 64 of each are shown, evenly spread.
            rows, columns: A label for each, such as the characters of a vocabulary; by default their numbers.
            x_label, y_label: What the columns and the rows are.
        """
        notes: list[str] = []
        found = read_table(values)
        if found is None:
            notes.append(f"the values are not a table of numbers: {_describe(values)}")
            found = ShownTable(np.zeros((0, 0)), np.zeros(0, np.int64), np.zeros(0, np.int64), (0, 0))
        for picks, size, what in zip((found.rows, found.columns), found.size, ("rows", "columns"), strict=True):
            if len(picks) < size:
                notes.append(f"{len(picks)} of {size} {what} are shown, evenly spread")
        notes += _count_gaps(found.values, "")
        self._keep(
            HeatMap(
                name=_slug(name),
                title=_text(title, MAX_TITLE),
                values=tuple(tuple(map(_round, row)) for row in found.values.tolist()),
                rows=_label_places(rows, found.rows),
                columns=_label_places(columns, found.columns),
                x_label=_text(x_label),
                y_label=_text(y_label),
                notes=tuple(notes),
            )
        )

    def lines(
        self,
        name: str,
        title: str,
        series: Mapping[Any, Any],
        *,
        x_label: str = "",
        y_label: str = "",
        log_x: bool = False,
        log_y: bool = False,
    ) -> None:
        """Record series of points.

        Args:
            name: What its file is called; recording the same name again replaces it.
            title: What it shows.
            series: Label -> (xs, ys), or ys alone, numbered from 0, or from 1 on a logarithmic axis. At most 12 series are shown, and of
                a long one 400 points, the highest and the lowest of each span.
            x_label, y_label: What the axes are.
            log_x, log_y: Whether an axis is logarithmic; what is not positive becomes a gap.
        """
        notes: list[str] = []
        made = []
        for label, given in _first(series, notes):
            points = _read_points(given, first_x=int(log_x))
            if points is None:
                notes.append(f"“{label}” holds no numbers: {_describe(given)}")
                continue
            xs, ys = points
            if len(xs) != len(ys):
                notes.append(f"“{label}” has {len(xs)} x and {len(ys)} y: the longer is cut")
                xs, ys = xs[: len(ys)], ys[: len(xs)]
            notes += _count_gaps(xs + ys, label)
            off_axis = (ys <= 0 if log_y else np.zeros(len(ys), bool)) | (xs <= 0 if log_x else False)
            if off_axis.any():
                notes.append(f"“{label}”: {off_axis.sum()} of {len(ys)} points are not positive, as the axis needs")
            places = np.flatnonzero(np.isfinite(xs) & ~(xs <= 0 if log_x else np.isnan(xs)))
            ys = np.where(off_axis, np.nan, ys)
            if len(places) > MAX_POINTS:
                notes.append(f"“{label}”: of {len(ys)} points the lowest and highest of each stretch are shown")
            places = places[_thin(ys[places])]
            made.append(Line(label, tuple(xs[places].tolist()), tuple(map(_round, ys[places].tolist()))))
        self._keep(
            Lines(
                name=_slug(name),
                title=_text(title, MAX_TITLE),
                series=tuple(made),
                x_label=_text(x_label),
                y_label=_text(y_label),
                log_x=bool(log_x),
                log_y=bool(log_y),
                notes=tuple(notes[:MAX_NOTES]),
            )
        )

    def histograms(
        self, name: str, title: str, series: Mapping[Any, Any], *, x_label: str = "", bins: int = 50
    ) -> None:
        """Record how sets of values are spread.

        Args:
            name: What its file is called; recording the same name again replaces it.
            title: What it shows.
            series: Label -> values of any shape. At most 12 are shown.
            x_label: What the values are.
            bins: How many bins each set gets over its own range, 60 at most.
        """
        notes: list[str] = []
        found: list[tuple[str, Floats]] = []
        for label, given in _first(series, notes):
            values = read_numbers(given)
            if values is None:
                notes.append(f"“{label}” holds no numbers: {_describe(given)}")
                continue
            notes += _count_gaps(values, label)
            found.append((label, values[np.isfinite(values)]))
        together = np.concatenate([values for _, values in found] or [np.zeros(0)])
        width = float(np.ptp(together)) if together.size else 0.0
        bins = max(1, min(MAX_BINS, bins))
        self._keep(
            Histograms(
                name=_slug(name),
                title=_text(title, MAX_TITLE),
                series=tuple(_bin(label, values, bins, width) for label, values in found if values.size),
                x_label=_text(x_label),
                notes=tuple(notes[:MAX_NOTES]),
            )
        )

    def _keep(self, picture: Picture) -> None:
        if picture.name in self._pictures or len(self._pictures) < MAX_PICTURES:
            self._pictures[picture.name] = picture


def _first(series: Mapping[Any, Any], notes: list[str]) -> Iterator[tuple[str, Any]]:
    """Yield the first series of many, their labels made safe."""
    if len(series) > MAX_SERIES:
        notes.append(f"{MAX_SERIES} of {len(series)} series are shown, the first")
    for label, given in islice(series.items(), MAX_SERIES):
        yield _text(label), given


def _read_points(given: Any, first_x: int) -> tuple[Floats, Floats] | None:
    """Return (xs, ys) of a series that may be ys alone."""
    if type(given) is tuple and len(given) == 2 and not any(map(is_number, given)):
        xs, ys = map(read_numbers, given)
    else:
        ys = read_numbers(given)
        xs = None if ys is None else np.arange(first_x, first_x + len(ys), dtype=np.float64)
    return None if xs is None or ys is None else (xs, ys)


def _thin(ys: Floats) -> Ints:
    """Choose the places of at most 400 values: of each stretch the lowest and the highest, so that no spike is lost."""
    if len(ys) <= MAX_POINTS:
        return np.arange(len(ys))
    picks: list[int] = []
    edges = np.linspace(0, len(ys), MAX_POINTS // 2 + 1).astype(int).tolist()
    for start, end in pairwise(edges):
        part = ys[start:end]
        there = np.flatnonzero(np.isfinite(part))
        ends = {int(there[part[there].argmin()]), int(there[part[there].argmax()])} if len(there) else {0}
        picks += [start + place for place in sorted(ends)]
    return np.array(picks)


def _bin(label: str, values: Floats, bins: int, width: float) -> Histogram:
    """Bin a set over its own range; values that are all the same fill one bin of the common scale."""
    low, high = float(values.min()), float(values.max())
    size = max(abs(low), abs(high))
    if high - low <= _SAME_RTOL * size or high == low:
        half = max(width / bins / 2 or 0.5, _SAME_RTOL * size)
        return Histogram(label, (low - half, high + half), (1 / (high - low + 2 * half),))
    densities, edges = np.histogram(values, bins, (low, high), density=True)
    return Histogram(label, tuple(edges.tolist()), tuple(map(_shorten, densities.tolist())))


def _count_gaps(values: Floats, label: str) -> list[str]:
    missing = int(np.isnan(values).sum())
    of = f"“{label}”: " if label else ""
    return [f"{of}{missing} of {values.size} values are NaN, infinite or beyond {LARGEST:.0e}"] if missing else []


def _round(number: float) -> float | None:
    return _shorten(number) if number == number else None


def _shorten(number: float) -> float:
    return float(f"{number:.7g}")  # as exact as float32


# --- texts ---


def _label_places(labels: Any, places: Ints) -> tuple[str, ...]:
    """Return the label of each place, its number where none was given."""
    if not isinstance(labels, Sequence | KeysView | ValuesView):
        return tuple(str(place) for place in places)
    given = list(labels)
    return tuple(_text(given[place]) if place < len(given) else "" for place in places.tolist())


def _text(value: Any, most: int = MAX_LABEL) -> str:
    """Make a text safe as one short line, also where a learner wrote it."""
    if type(value) in (bool, int, float):
        value = f"{value:.12g}" if type(value) is float else str(value) if abs(value) < 10**most else "a huge number"
    elif not isinstance(value, str):
        value = _describe(value)
    text = clean(value[:most]).replace("\n", "\\n").replace("\t", "\\t")
    return text if len(text) <= most and len(value) <= most else text[: most - 1] + "…"


def _describe(value: Any) -> str:
    """Say what it is that cannot be drawn: the shape of an array, else only its kind."""
    shape = (
        f" {write_shape(value.shape)} of {name_dtype(value.dtype)}" if isinstance(value, Tensor | np.ndarray) else ""
    )
    return _text(name_kind(value) + shape, 60)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "_", str(name).lower()[:40]) or "picture"
