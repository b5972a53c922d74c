"""Draw pictures as SVG or PNG with matplotlib, the same bytes every time."""

import textwrap
import warnings
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from grader.core.pictures import HeatMap, Histogram, Histograms, Lines, Picture
from grader.text.printable import clean
from grader.view.scale import Shading, choose_shading, make_axis, write_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure

Format = Literal["svg", "png"]

#: Okabe and Ito's colours, which the colour-blind can tell apart; yellow, too pale on white, is left out.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_DASHES = ("-", "--")  # for the second round of colours
_NO_NUMBER = "#BDBDBD"
_GREY = "#555555"
#: Up to so many cells each has its number written into it.
_MAX_WRITTEN = 144
#: Where one histogram is so much higher than another, both in one frame would hide the lower one.
_MAX_PEAKS_APART = 8.0
_DPI = 150
_MAX_NOTE_LINES = 4
#: A table of more cells is put into an SVG as an image: each cell as a path takes 240 bytes.
_MAX_PATHS = 1024
#: What a file would say of when it was made, and by what.
_UNSAID: Mapping[Format, Sequence[str]] = {"svg": ("Date", "Creator", "Format", "Type"), "png": ("Software",)}
_STYLE: Mapping[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _GREY,
    "axes.labelcolor": "#222222",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlesize": 11.5,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.unicode_minus": True,
    "grid.color": "#E4E4E4",
    "xtick.color": _GREY,
    "ytick.color": _GREY,
    "xtick.labelcolor": "#222222",
    "ytick.labelcolor": "#222222",
    "legend.frameon": False,
    "figure.constrained_layout.h_pad": 0.1,
    "figure.constrained_layout.w_pad": 0.1,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.hashsalt": "study",  # else the names inside an SVG are random
    "svg.fonttype": "path",
    "text.parse_math": False,  # what a label has between two $ is no formula
}


def draw_figure(picture: Picture, form: Format) -> bytes:
    """Draw a picture as a file.

    Raises:
        ImportError: If matplotlib is not installed.
    """
    import matplotlib
    from matplotlib.figure import Figure

    style: Any = {name: value for name, value in matplotlib.rcParamsDefault.items() if not name.startswith("backend")}
    style |= _STYLE
    # Their matplotlibrc must not change our pictures, nor a character that no font has spoil them with a warning.
    with matplotlib.rc_context(style), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure = Figure(layout="constrained")
        match picture:
            case Lines():
                _draw_lines(figure, picture)
            case HeatMap():
                _draw_heat_map(figure, picture)
            case Histograms():
                _draw_histograms(figure, picture)
        if picture.notes:
            figure.supxlabel(_fit_notes(picture, figure), fontsize=7.5, color=_GREY, x=0.01, ha="left")
        file = BytesIO()
        figure.savefig(file, format=form, dpi=_DPI, metadata=dict.fromkeys(_UNSAID[form]))
    return file.getvalue()


def _fit_notes(picture: Picture, figure: "Figure") -> str:
    lines = [part for note in picture.notes for part in textwrap.wrap(clean(note), int(figure.get_figwidth() * 15))]
    return "\n".join(lines if len(lines) <= _MAX_NOTE_LINES else [*lines[:_MAX_NOTE_LINES], "…"])


def _begin(axes: "Axes", title: str, x_label: str, y_label: str = "") -> None:
    axes.set_title(clean(title))
    axes.set_xlabel(clean(x_label))
    axes.set_ylabel(clean(y_label))


def _say_empty(figure: "Figure", title: str) -> None:
    figure.set_size_inches(5, 1.6)
    axes = figure.add_subplot()
    _begin(axes, title, "")
    axes.set_axis_off()
    axes.text(0.5, 0.5, "nothing to draw", ha="center", va="center", color=_GREY)


def _style(number: int) -> dict[str, Any]:
    return {
        "color": _COLOURS[number % len(_COLOURS)],
        "linestyle": _DASHES[number // len(_COLOURS) % len(_DASHES)],
    }


# --- lines ---


def _draw_lines(figure: "Figure", picture: Lines) -> None:
    ys = [y for one in picture.series for y in one.ys if y is not None]
    if not ys:
        return _say_empty(figure, picture.title)
    figure.set_size_inches(7.5, 4.4)
    axes = figure.add_subplot()
    _begin(axes, picture.title, picture.x_label, picture.y_label)
    for number, one in enumerate(picture.series):
        points = [float("nan") if y is None else y for y in one.ys]
        few = len(points) <= 40
        axes.plot(
            one.xs, points, linewidth=1.5 if few else 1.0, marker="o" if few else None, markersize=4, **_style(number)
        )
    if picture.log_x:
        axes.set_xscale("log")
        _set_log_ticks(axes.xaxis, [x for one in picture.series for x in one.xs])
    if picture.log_y:
        axes.set_yscale("log")
        _set_log_ticks(axes.yaxis, ys)
    _add_legend(axes, [one.label for one in picture.series])


def _set_log_ticks(axis: "Axis", values: Sequence[float]) -> None:
    ticks = make_axis(values, log=True).choose_ticks(8)
    axis.set_ticks(ticks, labels=write_numbers(ticks))
    axis.set_ticks([], minor=True)


def _add_legend(axes: "Axes", labels: Sequence[str]) -> None:
    if len(labels) == 1 and not labels[0]:
        return
    beside = len(labels) > 4
    place = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)} if beside else {"loc": "best"}
    # A label that begins with _ would be left out of a legend, so they are put in afterwards.
    legend = axes.legend(axes.get_lines(), [str(number) for number in range(len(labels))], **place)
    for text, label in zip(legend.get_texts(), labels, strict=True):
        text.set_text(clean(label))


# --- histograms ---


def _draw_histograms(figure: "Figure", picture: Histograms) -> None:
    if not picture.series:
        return _say_empty(figure, picture.title)
    peaks = [max(one.densities) or 1.0 for one in picture.series]
    if len(peaks) == 1 or max(peaks) <= _MAX_PEAKS_APART * min(peaks):
        figure.set_size_inches(7.5, 4.0)
        axes = figure.add_subplot()
        _begin(axes, picture.title, picture.x_label, "density")
        for number, one in enumerate(picture.series):
            _draw_outline(axes, one, number)
        axes.set_ylim(bottom=0)
        return _add_legend(axes, [one.label for one in picture.series])
    figure.set_size_inches(7.5, 1.0 + 0.75 * len(peaks))
    panels = figure.subplots(len(peaks), 1, sharex=True)
    for number, (axes, one) in enumerate(zip(panels, picture.series, strict=True)):
        _begin(axes, picture.title if number == 0 else "", picture.x_label if number == len(peaks) - 1 else "")
        _draw_outline(axes, one, number)
        axes.set_ylim(0, 1.15 * peaks[number])
        axes.set_yticks([peaks[number]], write_numbers([peaks[number]]))
        axes.text(0.008, 0.9, clean(one.label), transform=axes.transAxes, va="top", color=_style(number)["color"])
    figure.supylabel("density, each to its own height", fontsize=9.5)


def _draw_outline(axes: "Axes", one: Histogram, number: int) -> None:
    """Draw a histogram as a line around its bins, filled lightly."""
    xs = [edge for edge in one.edges for _ in range(2)]
    ys = [0.0, *(density for density in one.densities for _ in range(2)), 0.0]
    axes.plot(xs, ys, linewidth=1.3, **_style(number))
    axes.fill_between(xs, ys, color=_style(number)["color"], alpha=0.15, linewidth=0)


# --- heat maps ---


def _draw_heat_map(figure: "Figure", picture: HeatMap) -> None:
    import matplotlib

    shading = choose_shading(picture)
    if shading is None:
        return _say_empty(figure, picture.title)
    height, width = len(picture.rows), len(picture.columns)
    figure.set_size_inches(_size(width) + 1.9, _size(height) + 1.3)
    axes = figure.add_subplot()
    _begin(axes, picture.title, picture.x_label, picture.y_label)
    axes.grid(visible=False)
    both_signs = shading.low < 0 < shading.high
    colours = matplotlib.colormaps["RdBu_r" if both_signs else "Blues"].with_extremes(bad=_NO_NUMBER, under="white")
    norm = _choose_norm(shading)
    values = [[_to_shade(value, shading) for value in row] for row in picture.values]
    few = height * width <= _MAX_PATHS
    mesh = axes.pcolormesh(values, cmap=colours, norm=norm, edgecolors="white" if few else "face", linewidth=0.4)
    mesh.set_rasterized(not few)
    axes.invert_yaxis()
    axes.tick_params(length=0)
    _label_cells(axes.xaxis, picture.columns, upright=max(map(len, picture.columns)) > 3)
    _label_cells(axes.yaxis, picture.rows)
    for spine in axes.spines.values():
        spine.set_visible(False)
    bar = figure.colorbar(mesh, ax=axes, shrink=0.8, extend="neither")
    bar.outline.set_visible(False)
    if shading.log:
        ticks = make_axis([shading.low, shading.high], log=True).choose_ticks(6)
        bar.set_ticks(ticks, labels=write_numbers(ticks))
        bar.minorticks_off()
        bar.set_label("log scale, 0 is white")
    if height * width <= _MAX_WRITTEN:
        _write_values(axes, picture, norm)


def _choose_norm(shading: Shading) -> "Normalize":
    from matplotlib.colors import LogNorm, Normalize

    low, high = shading.low, shading.high
    if shading.log:
        return LogNorm(low, high)
    if low < 0 < high:  # both signs: 0 is white
        return Normalize(-max(-low, high), max(-low, high))
    return Normalize(low, high if high > low else low + 1)


def _to_shade(value: float | None, shading: Shading) -> float:
    """Return what is coloured for a value: 0 has no place on a logarithmic scale, but below it."""
    if value is None:
        return float("nan")
    return shading.low / 2 if shading.log and value < shading.low else value


def _size(cells: int) -> float:
    """Return inches for so many cells."""
    return min(8.0, max(1.2, 0.42 * cells if cells <= 12 else 2.0 + 0.21 * cells))


def _label_cells(axis: "Axis", labels: Sequence[str], *, upright: bool = False) -> None:
    step = -(-len(labels) // 40)
    size = 9 if len(labels) <= 20 else 7.5
    axis.set_ticks([place + 0.5 for place in range(0, len(labels), step)], labels=[clean(x) for x in labels[::step]])
    axis.set_tick_params(labelsize=size, rotation=90 if upright else 0)


def _write_values(axes: "Axes", picture: HeatMap, norm: "Normalize") -> None:
    dark_ends = norm.vmin is not None and norm.vmin < 0 < (norm.vmax or 0)
    for i, row in enumerate(picture.values):
        for j, value in enumerate(row):
            if value is not None:
                shade = float(norm(value))
                dark = abs(shade - 0.5) > 0.3 if dark_ends else shade > 0.6
                colour = "white" if dark else "#222222"
                axes.text(j + 0.5, i + 0.5, _write_shortly(value), ha="center", va="center", fontsize=7, color=colour)


def _write_shortly(value: float) -> str:
    return f"{value:.0f}" if value == int(value) and abs(value) < 1e5 else f"{value:.2g}"
