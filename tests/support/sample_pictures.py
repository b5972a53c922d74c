"""Pictures to draw, one of each kind."""

import math
from typing import Any

import torch

from grader.core.pictures import HeatMap, Histogram, Histograms, Line, Lines
from grader.judge.recorder import Pictures

NAN, INF = math.nan, math.inf


def numbered(label: str, *ys: float | None) -> Line:
    return Line(label, tuple(float(x) for x in range(len(ys))), ys)


FALLING = Lines("loss", "Loss", (numbered("train", 4.0, 2.0, 1.0), numbered("dev", 4.0, 3.0, 2.5)), "epoch", "nats")
COUNTS = HeatMap("n", "Counts", ((0.0, 1.0), (2.0, 900.0), (3.0, None)), (".", "a", "b"), (".", "a"), "second", "first")
SPREAD = Histograms(
    "h", "Spread", (Histogram("wide", (0.0, 1.0, 2.0), (0.25, 0.75)), Histogram("b", (1.0, 1.5), (2.0,))), "x"
)


VALUES: dict[str, Any] = {
    "one": [1.0],
    "zero": [0.0, 0.0],
    "negative": [-1.0, -2.0],
    "equal and large": [1e59, 1e59],
    "far apart": [-1e59, 1e59],
    "hardly apart": [1.0, 1.0 + 1e-12],
    "tiny": [1e-59, 2e-59],
    "NaN": [NAN, NAN],
    "infinite": [1.0, INF, 2.0],
    "nothing": [],
    "a table": torch.arange(4000.0).reshape(40, 100) - 50,
    "counts": (torch.arange(4000.0).reshape(40, 100) / 300).exp().int(),
    "a text": "abc",
}
LABELS = ["a", "", "木" * 40, "e\u0301" * 20, "x" * 300, "a\nb", "_", "\u200b"]


def record_all(values: Any, label: str) -> Pictures:
    made = Pictures()
    series = {f"{label}{i}" if i else label: values for i in range(3)}
    made.heat_map("a", label, values, rows=[label] * 64, columns=[label] * 64, x_label=label, y_label=label)
    made.lines("b", label, series, x_label=label, y_label=label)
    made.lines("c", label, {label: (values, values)}, log_x=True, log_y=True)
    made.histograms("d", label, series, x_label=label)
    made.histograms("e", label, {label: values})
    return made
