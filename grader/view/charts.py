"""Draw pictures in the terminal: compact, and readable without colours and in plain ASCII."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from grader.core.pictures import HeatMap, Histogram, Histograms, Line, Lines, Picture
from grader.text.console import line
from grader.view.scale import Axis, Shading, choose_shading, make_axis, write_numbers

MAX_WIDTH = 80
_LINES_HEIGHT = 14
_HISTOGRAM_HEIGHT = 12  # of all series together
_MAX_TABLE_HEIGHT = 32
_MAX_ROW_LABEL = 12
#: In the order of the series; each is told from the others by its mark too.
_STYLES = ("cyan", "yellow", "magenta", "green", "red", "blue")


class _Glyphs(NamedTuple):
    marks: str
    between: str
    shades: str
    blocks: str
    gap: str
    frame: str  # vertical, tick at the left, corner, horizontal, tick below


_UNICODE = _Glyphs("●○◆◇▲△■□+×*~", "·", " ░▒▓█", " ▁▂▃▄▅▆▇█", "×", "│┤└─┬")
_ASCII = _Glyphs("o+x*#@%&=~^$", ".", " .:-=+*#%@", " .:-=+*%#", "?", "||+-+")
_TO_ASCII = str.maketrans({"“": '"', "”": '"', "…": "~", "–": "-", "×": "x", "’": "'"})

#: One line of cells: a character and its style each.
_Cells = list[tuple[str, str]]


def draw_picture(picture: Picture, *, width: int, unicode: bool = True) -> list[Text]:
    """Draw a picture in at most so many columns, 40 at least.

    Args:
        picture: What to draw.
        width: How wide the terminal is; 80 columns are used at most.
        unicode: Whether block characters can be shown; else plain ASCII is used.
    """
    width = max(40, min(MAX_WIDTH, width))
    glyphs = _UNICODE if unicode else _ASCII
    match picture:
        case Lines():
            drawn = _draw_lines(picture, width, glyphs)
        case HeatMap():
            drawn = _draw_heat_map(picture, width, glyphs)
        case Histograms():
            drawn = _draw_histograms(picture, width, glyphs)
    body = list(drawn) or [[("  nothing to draw", "dim")]]
    notes = [f"  {part}" for note in picture.notes for part in textwrap.wrap(note, width - 2)]
    rows: list[_Cells] = [[(picture.title, "bold")], *body, *([(note, "dim")] for note in notes)]
    return [_finish(row, width, unicode=unicode) for row in rows]


def _finish(cells: _Cells, width: int, *, unicode: bool) -> Text:
    """Join cells of one style, make them safe, and cut what does not fit."""
    parts = [("".join(text for text, _ in group), style) for style, group in groupby(cells, key=lambda cell: cell[1])]
    if not unicode:
        parts = [(text.translate(_TO_ASCII).encode("ascii", "replace").decode(), style) for text, style in parts]
    text = line(*((part.replace("\n", " ").replace("\t", " "), style) for part, style in parts))
    text.truncate(width, overflow="ellipsis" if unicode else "crop")
    text.rstrip()
    return text


# --- lines ---


def _draw_lines(picture: Lines, width: int, glyphs: _Glyphs) -> Iterator[_Cells]:
    ys = [y for one in picture.series for y in one.ys if y is not None]
    if not ys:
        return
    x_axis = make_axis((x for one in picture.series for x in one.xs), log=picture.log_x)
    y_axis = make_axis(ys, log=picture.log_y)
    ticks = _label_rows(y_axis, _LINES_HEIGHT)
    margin = max(map(len, ticks.values())) + 1
    columns = width - margin - 2
    if len(picture.series) > 1 or glyphs is _ASCII:
        cells = _plot_marks(picture.series, x_axis, y_axis, columns, glyphs)
        yield from _name_series(picture.series, width, glyphs)
    else:
        cells = _plot_dots(picture.series[0], x_axis, y_axis, columns)
    if picture.y_label:
        yield [(picture.y_label + (" (log scale)" if picture.log_y else ""), "dim")]
    for row in range(_LINES_HEIGHT):
        edge = glyphs.frame[1] if row in ticks else glyphs.frame[0]
        yield [(f"{ticks.get(row, ''):>{margin}} ", "dim"), (edge, "dim")] + [
            cells.get((column, row), (" ", "")) for column in range(columns)
        ]
    yield from _draw_x_axis(x_axis, margin + 1, columns, picture.x_label, glyphs)


def _label_rows(axis: Axis, height: int) -> dict[int, str]:
    """Return row, from the top -> the label of its tick."""
    values = axis.choose_ticks(5)
    rows = [_cell(1 - axis.place(value), height) for value in values]
    return dict(zip(rows, write_numbers(values), strict=True))


def _cell(place: float, cells: int) -> int:
    return max(0, min(cells - 1, round(place * (cells - 1))))


def _plot_dots(one: Line, x_axis: Axis, y_axis: Axis, columns: int) -> dict[tuple[int, int], tuple[str, str]]:
    """Draw one line with the eight dots of a braille character."""
    dots: dict[tuple[int, int], int] = {}
    bits = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # by row and column in the character
    spots = [
        None if y is None else (x_axis.place(x) * (2 * columns - 1), (1 - y_axis.place(y)) * (4 * _LINES_HEIGHT - 1))
        for x, y in zip(one.xs, one.ys, strict=True)
    ]
    for before, end in pairwise([None, *spots]):
        if end is None:
            continue
        start = before or end
        steps = max(1, round(abs(end[0] - start[0])), round(abs(end[1] - start[1])))
        for i in range(steps + 1):
            x = round(start[0] + (end[0] - start[0]) * i / steps)
            y = round(start[1] + (end[1] - start[1]) * i / steps)
            dots[x // 2, y // 4] = dots.get((x // 2, y // 4), 0) | bits[y % 4][x % 2]
    return {place: (chr(0x2800 + pattern), _STYLES[0]) for place, pattern in dots.items()}


def _plot_marks(
    series: Sequence[Line], x_axis: Axis, y_axis: Axis, columns: int, glyphs: _Glyphs
) -> dict[tuple[int, int], tuple[str, str]]:
    """Draw each line with its mark, once a column; lines that meet take turns, so that none hides another."""
    met: dict[tuple[int, int], list[int]] = {}
    between: dict[tuple[int, int], tuple[str, str]] = {}
    for number, one in enumerate(series):
        style = _STYLES[number % len(_STYLES)]
        points = [
            None if y is None else (_cell(x_axis.place(x), columns), 1 - y_axis.place(y))
            for x, y in zip(one.xs, one.ys, strict=True)
        ]
        between_mark = glyphs.between if len(points) * 3 < columns else glyphs.marks[number]
        by_column: dict[int, list[float]] = {}
        for point in points:
            if point is not None:
                by_column.setdefault(point[0], []).append(point[1])
        for column, places in by_column.items():
            met.setdefault((column, _cell(sum(places) / len(places), _LINES_HEIGHT)), []).append(number)
        for start, end in pairwise(points):
            if start is not None and end is not None:
                for column in range(start[0] + 1, end[0]):
                    place = start[1] + (end[1] - start[1]) * (column - start[0]) / (end[0] - start[0])
                    between[column, _cell(place, _LINES_HEIGHT)] = (between_mark, style)
    for (column, row), numbers in met.items():
        number = numbers[column % len(numbers)]
        between[column, row] = (glyphs.marks[number], _STYLES[number % len(_STYLES)])
    return between


def _name_series(series: Sequence[Line], width: int, glyphs: _Glyphs) -> Iterator[_Cells]:
    names = [
        [(f"  {glyphs.marks[number]} ", _STYLES[number % len(_STYLES)]), (one.label + " ", "")]
        for number, one in enumerate(series)
    ]
    return _fill_lines(names, width)


def _fill_lines(parts: Sequence[_Cells], width: int) -> Iterator[_Cells]:
    """Put as many parts on a line as fit."""
    row: _Cells = []
    used = 0
    for part in parts:
        needed = sum(cell_len(text) for text, _ in part)
        if row and used + needed > width:
            yield row
            row, used = [], 0
        row = row + part
        used += needed
    yield row


def _draw_x_axis(axis: Axis, margin: int, columns: int, label: str, glyphs: _Glyphs) -> Iterator[_Cells]:
    values = axis.choose_ticks(max(2, columns // 12))
    ruler, labels, free_from = [glyphs.frame[3]] * columns, "", 0
    for value, text in zip(values, write_numbers(values), strict=True):
        column = _cell(axis.place(value), columns)
        start = max(0, min(margin + 1 + columns - len(text), margin + 1 + column - len(text) // 2))
        if start >= free_from:
            ruler[column] = glyphs.frame[4]
            labels = labels.ljust(start) + text
            free_from = len(labels) + 2
    yield [(" " * margin + glyphs.frame[2] + "".join(ruler), "dim")]
    yield [(labels, "dim")]
    words = label + (" (log scale)" if axis.log else "")
    if words:
        yield [(" " * max(0, margin + 1 + (columns - cell_len(words)) // 2) + words, "dim")]


# --- histograms ---


def _draw_histograms(picture: Histograms, width: int, glyphs: _Glyphs) -> Iterator[_Cells]:
    if not picture.series:
        return
    axis = make_axis(edge for one in picture.series for edge in one.edges)
    margin = min(width // 3, max(cell_len(one.label) for one in picture.series)) + 1
    columns = width - margin - 2
    height = max(1, min(8, _HISTOGRAM_HEIGHT // len(picture.series)))
    top = len(glyphs.blocks) - 1
    for number, one in enumerate(picture.series):
        levels = _spread_over(one, axis, columns)
        peak = max(levels) or 1.0
        # What is there is seen, however little it is.
        filled = [max(round(level / peak * height * top), 1 if level > 0 else 0) for level in levels]
        style = _STYLES[number % len(_STYLES)]
        for row in range(height):
            name = one.label if row == height - 1 else ""
            below = (height - 1 - row) * top
            bars = "".join(glyphs.blocks[max(0, min(top, level - below))] for level in filled)
            yield [(set_cell_size(name, margin) + " ", ""), (glyphs.frame[0], "dim"), (bars, style)]
    yield from _draw_x_axis(axis, margin + 1, columns, picture.x_label, glyphs)
    if len(picture.series) > 1:
        yield [("  each is drawn to its own height", "dim")]


def _spread_over(one: Histogram, axis: Axis, columns: int) -> list[float]:
    """Return the share of a histogram in each of so many columns of an axis."""
    shares = [0.0] * columns
    width = (axis.high - axis.low) / columns
    for (left, right), density in zip(pairwise(one.edges), one.densities, strict=True):
        first, last = (max(0, min(columns - 1, int((edge - axis.low) / width))) for edge in (left, right))
        for column in range(first, last + 1):
            start, end = axis.low + column * width, axis.low + (column + 1) * width
            shares[column] += max(0.0, min(right, end) - max(left, start)) * density
    return shares


# --- heat maps ---


def _draw_heat_map(picture: HeatMap, width: int, glyphs: _Glyphs) -> Iterator[_Cells]:
    shading = choose_shading(picture)
    if shading is None:
        return
    if picture.x_label or picture.y_label:
        yield [(f"  rows: {picture.y_label or '-'}, columns: {picture.x_label or '-'}", "dim")]
    together = -(-len(picture.values) // _MAX_TABLE_HEIGHT)
    margin = min(_MAX_ROW_LABEL, max(map(cell_len, picture.rows)))
    size = 2 if margin + 2 + 2 * len(picture.columns) <= width else 1
    yield [(" " * (margin + 2) + _label_columns(picture.columns, size), "dim")]
    for start in range(0, len(picture.values), together):
        rows = picture.values[start : start + together]
        label = set_cell_size(picture.rows[start], margin)
        cells = [_shade(column, shading, glyphs) * size for column in zip(*rows, strict=True)]
        yield [(f" {label} ", "dim"), ("".join(cells), "")]
    yield from _explain_shades(picture, shading, width, glyphs)
    if any(value is None for row in picture.values for value in row):
        yield [(f"  {glyphs.gap} no finite number", "dim")]
    if together > 1:
        yield [(f"  each line is the mean of {together} rows", "dim")]


def _explain_shades(picture: HeatMap, shading: Shading, width: int, glyphs: _Glyphs) -> Iterator[_Cells]:
    steps = len(glyphs.shades)
    distinct = {value for row in picture.values for value in row if value is not None}
    if len(distinct) <= 2:
        texts = write_numbers(sorted(distinct))
        words = [
            f"{glyphs.shades[shading.step(v, steps)]} is {t}" for v, t in zip(sorted(distinct), texts, strict=True)
        ]
        yield [("  " + ", ".join(words).replace("  is", "blank is"), "dim")]
    else:
        bounds = write_numbers([*(shading.bound(step, steps) for step in range(1, steps)), shading.high])
        keys = [f"{glyphs.shades[i]} {bound}" for i, bound in enumerate(bounds[:-1], 1)]
        words = ["log scale, from" if shading.log else "from", *keys, f"to {bounds[-1]}"]
        yield from _fill_lines([[("  " + word, "dim")] for word in words], width)


def _label_columns(labels: Sequence[str], size: int) -> str:
    """Write the labels above their columns, those that would run into the one before left out."""
    text = ""
    crowded = any(cell_len(label) > size for label in labels)
    for number, label in enumerate(labels):
        start = number * size
        if not text or not crowded or start > cell_len(text):
            text = set_cell_size(text, start) + label
    return text


def _shade(values: Sequence[float | None], shading: Shading, glyphs: _Glyphs) -> str:
    """Return the shade of the mean of some cells."""
    numbers = [value for value in values if value is not None]
    if not numbers:
        return glyphs.gap
    return glyphs.shades[shading.step(sum(numbers) / len(numbers), len(glyphs.shades))]
