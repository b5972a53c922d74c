"""Draw the pictures of a grade as SVG for the page: lines, heat maps, histograms, in the page's own colours.

`grader.view.figures` makes files with matplotlib, which takes a second to load and paints on white; a page that is
made in less, and is dark at night, needs drawings that take their colours from its style sheet.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from grader.core.pictures import HeatMap, Histograms, Line, Lines, Picture
from grader.view.page.markup import number, text
from grader.view.scale import Axis, Shading, choose_shading, make_axis, write_numbers

_WIDTH, _HEIGHT = 420, 232
_MAX_HEIGHT = 340  # of the cells of a heat map
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 8, 8, 34
_COLOURS = 6  # of the style sheet; the second round of them is dashed
_SHADES = 9
#: More points than this on a line are less than a pixel apart.
_MAX_POINTS = 200
#: Where one histogram is so much higher than another, both in one frame would hide the lower one.
_MAX_PEAKS_APART = 8.0


def draw(picture: Picture) -> str:
    """Return a picture as a figure, with what it shows in words for who cannot see it."""
    height = _HEIGHT
    match picture:
        case Lines():
            svg, said, names = _draw_lines(picture)
        case HeatMap():
            svg, said, names, height = _draw_heat_map(picture)
        case Histograms():
            svg, said, names = _draw_histograms(picture)
    label = f"{picture.title}: {said}" if said else f"{picture.title}: nothing to draw"
    body = (
        f'<svg role="img" aria-label="{text(label, 2000)}" viewBox="0 0 {_WIDTH} {height}">{svg}</svg>'
        if svg
        else "<p>nothing to draw</p>"
    )
    key = f'<ul class="key">{"".join(_name_series(names))}</ul>' if any(names) else ""
    notes = f'<p class="note">{"<br>".join(map(text, picture.notes))}</p>' if picture.notes else ""
    return f"<figure><figcaption>{text(picture.title)}</figcaption>{body}{key}{notes}</figure>"


def _name_series(names: Sequence[str]) -> Iterator[str]:
    for place, name in enumerate(names):
        yield f'<li><svg viewBox="0 0 22 8" aria-hidden="true"><path class="{_series(place)}" d="M1 4h20"/></svg>{text(name)}</li>'


def _series(place: int) -> str:
    return f"a{place % _COLOURS}" + (" dash" if place >= _COLOURS else "")


def _frame(x_axis: Axis, y_axis: Axis, x_label: str, y_label: str) -> str:
    """Draw the grid, its numbers and the names of the axes."""
    parts = []
    y_ticks, x_ticks = y_axis.choose_ticks(5), x_axis.choose_ticks(5)
    for value, words in zip(y_ticks, write_numbers(y_ticks), strict=True):
        y = _y(y_axis, value)
        parts.append(f'<path class="grid" d="M{_LEFT} {number(y)}H{_WIDTH - _RIGHT}"/>')
        parts.append(f'<text class="t" x="{_LEFT - 6}" y="{number(y + 4)}" text-anchor="end">{text(words)}</text>')
    for value, words in zip(x_ticks, write_numbers(x_ticks), strict=True):
        place = x_axis.place(value)
        anchor = "start" if place < 0.04 else "end" if place > 0.96 else "middle"
        parts.append(
            f'<text class="t" x="{number(_x(x_axis, value))}" y="{_HEIGHT - _BOTTOM + 14}" text-anchor="{anchor}">{text(words)}</text>'
        )
    x_name = x_label + (" (log scale)" if x_axis.log else "")
    y_name = y_label + (" (log scale)" if y_axis.log else "")
    names = " · ".join(part for part in (f"↑ {y_name}" if y_name else "", f"→ {x_name}" if x_name else "") if part)
    parts.append(f'<text class="t" x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 4}" text-anchor="end">{text(names)}</text>')
    return "".join(parts)


def _x(axis: Axis, value: float) -> float:
    return _LEFT + axis.place(value) * (_WIDTH - _LEFT - _RIGHT)


def _y(axis: Axis, value: float) -> float:
    return _HEIGHT - _BOTTOM - axis.place(value) * (_HEIGHT - _TOP - _BOTTOM)


# --- lines ---


def _draw_lines(picture: Lines) -> tuple[str, str, Sequence[str]]:
    ys = [y for one in picture.series for y in one.ys if y is not None]
    if not ys:
        return "", "", ()
    x_axis = make_axis((x for one in picture.series for x in one.xs), log=picture.log_x)
    y_axis = make_axis(ys, log=picture.log_y)
    drawn = "".join(_draw_line(one, place, x_axis, y_axis) for place, one in enumerate(picture.series))
    said = "; ".join(_say_line(one) for one in picture.series)
    labels = [one.label for one in picture.series]
    return _frame(x_axis, y_axis, picture.x_label, picture.y_label) + drawn, said, labels


def _draw_line(one: Line, place: int, x_axis: Axis, y_axis: Axis) -> str:
    step = -(-len(one.xs) // _MAX_POINTS)
    points = list(zip(one.xs, one.ys, strict=True))
    if step > 1:  # what is drawn is the mean of a few points, so that no bump is hidden by which ones were taken
        points = [_mean(points[i : i + step]) for i in range(0, len(points), step)]
    path, pen = [], "M"
    dots = []
    for x, y in points:
        if y is None:
            pen = "M"
            continue
        spot = f"{number(_x(x_axis, x))} {number(_y(y_axis, y))}"
        path.append(pen + spot)
        dots.append(f"M{spot}h0")
        pen = "L"
    few = f'<path class="dots {_series(place)}" d="{"".join(dots)}"/>' if len(points) <= 40 else ""
    return f'<path class="{_series(place)}" d="{"".join(path)}"/>{few}' if path else ""


def _mean(points: Sequence[tuple[float, float | None]]) -> tuple[float, float | None]:
    ys = [y for _, y in points if y is not None]
    return points[len(points) // 2][0], sum(ys) / len(ys) if ys else None


def _say_line(one: Line) -> str:
    ys = [y for y in one.ys if y is not None]
    if not ys:
        return f"{one.label or 'the line'} has no finite value"
    first, last, lowest, highest = write_numbers([ys[0], ys[-1], min(ys), max(ys)])
    return f"{one.label or 'the line'} goes from {first} to {last}, lowest {lowest}, highest {highest}"


# --- histograms ---


def _draw_histograms(picture: Histograms) -> tuple[str, str, Sequence[str]]:
    if not picture.series:
        return "", "", ()
    peaks = [max(one.densities) or 1.0 for one in picture.series]
    together = max(peaks) <= _MAX_PEAKS_APART * min(peaks)
    x_axis = make_axis(edge for one in picture.series for edge in one.edges)
    y_axis = Axis(0.0, max(peaks) if together else 1.0, False)
    parts = []
    for place, (one, peak) in enumerate(zip(picture.series, peaks, strict=True)):
        heights = [density / (1.0 if together else peak) for density in one.densities]
        path = f"M{number(_x(x_axis, one.edges[0]))} {number(_y(y_axis, 0))}"
        for (_, right), height in zip(pairwise(one.edges), heights, strict=True):
            path += f"V{number(_y(y_axis, height))}H{number(_x(x_axis, right))}"
        parts.append(f'<path class="area {_series(place)}" d="{path}V{number(_y(y_axis, 0))}"/>')
    said = "; ".join(
        f"{one.label or 'the values'} lie between {' and '.join(write_numbers([one.edges[0], one.edges[-1]]))}"
        for one in picture.series
    )
    frame = _frame(x_axis, y_axis, picture.x_label, "density" if together else "density, each to its own height")
    return frame + "".join(parts), said, [one.label for one in picture.series]


# --- heat maps ---


def _draw_heat_map(picture: HeatMap) -> tuple[str, str, Sequence[str], int]:
    shading = choose_shading(picture)
    if shading is None:
        return "", "", (), _HEIGHT
    height, width = len(picture.rows), len(picture.columns)
    margin = min(90, 10 + 6 * max(map(len, picture.rows)))
    cell = min(26.0, (_WIDTH - margin - 4) / width, _MAX_HEIGHT / height)
    bottom = round(22 + cell * height + 40)
    shades: dict[str, list[str]] = {}
    choose = _choose_shade(shading)
    for row, values in enumerate(picture.values):
        start = 0
        for column in range(1, width + 1):
            if column == width or choose(values[column]) != choose(values[start]):
                run = f"M{start} {row}h{column - start}v1h{start - column}z"
                shades.setdefault(choose(values[start]), []).append(run)
                start = column
    cells = "".join(f'<path class="h {shade}" d="{"".join(runs)}"/>' for shade, runs in sorted(shades.items()))
    rows = _label(
        picture.rows, cell, lambda i: f'x="{margin - 6}" y="{number(22 + (i + 0.5) * cell + 4)}" text-anchor="end"'
    )
    columns = _label(
        picture.columns, cell, lambda i: f'x="{number(margin + (i + 0.5) * cell)}" y="16" text-anchor="middle"'
    )
    numbers = [value for row in picture.values for value in row if value is not None]
    low, high = write_numbers([min(numbers), max(numbers)])
    colour = "negative and positive in two colours" if shading.low < 0 < shading.high else "stronger for more"
    said = f"{height} rows ({picture.y_label or 'unnamed'}) by {width} columns ({picture.x_label or 'unnamed'}), from {low} to {high}"
    axes = " · ".join(
        part
        for part in (
            f"↓ {picture.y_label}" if picture.y_label else "",
            f"→ {picture.x_label}" if picture.x_label else "",
        )
        if part
    )
    scale = "log scale, " if shading.log else ""
    foot = f'<text class="t" x="{_WIDTH - 4}" y="{bottom - 20}" text-anchor="end">{text(axes)}</text>' + (
        f'<text class="t" x="{_WIDTH - 4}" y="{bottom - 5}" text-anchor="end">{text(f"{scale}from {low} to {high}, {colour}")}</text>'
    )
    grid = f'<g transform="translate({number(margin)} 22) scale({cell:.4g})">{cells}</g>'
    return grid + rows + columns + foot, said, (), bottom


def _choose_shade(shading: Shading) -> Callable[[float | None], str]:
    both = shading.low < 0 < shading.high
    most = max(abs(shading.low), abs(shading.high)) or 1.0

    def choose(value: float | None) -> str:
        if value is None:
            return "gap"
        if both:
            return ("n" if value < 0 else "p") + str(min(_SHADES - 1, int(abs(value) / most * _SHADES)))
        return f"p{shading.step(value, _SHADES)}"

    return choose


def _label(labels: Sequence[str], cell: float, place: Callable[[int], str]) -> str:
    step = max(1, -(-11 // max(1, int(cell)))) if cell < 11 else 1
    longest = max(map(len, labels))
    if longest > 3 and place(0).endswith('"middle"'):
        step = max(step, -(-6 * longest // max(1, int(cell))))
    return "".join(
        f'<text class="t" {place(i)}>{text(label, 14)}</text>' for i, label in enumerate(labels) if i % step == 0
    )
