"""Pictures as bounded plain data: what a check shows of the numbers it saw. No torch, no I/O.

A picture may hold what a learner's code returned, so every list, text and number in it has a bound, which holds
where one is made, where it comes over from the engine, and where it is read from the workspace.
"""

from typing import Annotated

from msgspec import Meta, Struct

MAX_PICTURES = 12
MAX_SIDE = 64  # cells of a heat map, each way
MAX_SERIES = 12
MAX_POINTS = 400
MAX_BINS = 60
MAX_TITLE = 80
MAX_LABEL = 40
MAX_NOTES = 16
#: Beyond this a sum or a scale of a drawing could overflow.
MAX_NUMBER = 1e100

Number = Annotated[float, Meta(ge=-MAX_NUMBER, le=MAX_NUMBER)]
#: None is a gap: a value that was not a finite number, or that the axis cannot show.
Value = Number | None
Name = Annotated[str, Meta(pattern=r"^[a-z0-9_-]{1,40}\Z")]
Title = Annotated[str, Meta(max_length=MAX_TITLE)]
Label = Annotated[str, Meta(max_length=MAX_LABEL)]
#: What was left out of the picture, one sentence each.
Notes = Annotated[tuple[Annotated[str, Meta(max_length=200)], ...], Meta(max_length=MAX_NOTES)]
_Row = Annotated[tuple[Value, ...], Meta(max_length=MAX_SIDE)]
_Labels = Annotated[tuple[Label, ...], Meta(max_length=MAX_SIDE)]


class HeatMap(Struct, frozen=True, tag="heat_map", tag_field="kind"):
    """A table of values, row by row from the top; each row and column has its label."""

    name: Name
    title: Title
    values: Annotated[tuple[_Row, ...], Meta(max_length=MAX_SIDE)]
    rows: _Labels
    columns: _Labels
    x_label: Label = ""
    y_label: Label = ""
    notes: Notes = ()

    def __post_init__(self) -> None:
        if len(self.rows) != len(self.values) or any(len(row) != len(self.columns) for row in self.values):
            raise ValueError("each row and column of a heat map has one label")


class Line(Struct, frozen=True):
    """One named series of points, in its order."""

    label: Label
    xs: Annotated[tuple[Number, ...], Meta(max_length=MAX_POINTS)]
    ys: Annotated[tuple[Value, ...], Meta(max_length=MAX_POINTS)]

    def __post_init__(self) -> None:
        if len(self.xs) != len(self.ys):
            raise ValueError("a line has as many x as y")


class Lines(Struct, frozen=True, tag="lines", tag_field="kind"):
    """Several series over one x axis."""

    name: Name
    title: Title
    series: Annotated[tuple[Line, ...], Meta(max_length=MAX_SERIES)]
    x_label: Label = ""
    y_label: Label = ""
    log_x: bool = False
    log_y: bool = False
    notes: Notes = ()

    def __post_init__(self) -> None:
        xs = [x for line in self.series for x in line.xs] if self.log_x else []
        ys = [y for line in self.series for y in line.ys if y is not None] if self.log_y else []
        if any(number <= 0 for number in (*xs, *ys)):
            raise ValueError("what a logarithmic axis shows is positive")


class Histogram(Struct, frozen=True):
    """How one named set of values is spread: the density of each bin, and the edges around them."""

    label: Label
    edges: Annotated[tuple[Number, ...], Meta(max_length=MAX_BINS + 1)]
    densities: Annotated[tuple[Number, ...], Meta(max_length=MAX_BINS)]

    def __post_init__(self) -> None:
        if len(self.edges) != len(self.densities) + 1 or list(self.edges) != sorted(set(self.edges)):
            raise ValueError("a histogram has rising edges, one more than it has bins")
        if min(self.densities, default=-1.0) < 0:
            raise ValueError("a histogram has a bin, and no density is negative")


class Histograms(Struct, frozen=True, tag="histograms", tag_field="kind"):
    """Several sets of values, each binned over its own range."""

    name: Name
    title: Title
    series: Annotated[tuple[Histogram, ...], Meta(max_length=MAX_SERIES)]
    x_label: Label = ""
    notes: Notes = ()


Picture = HeatMap | Lines | Histograms
