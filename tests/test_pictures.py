"""A picture is bounded plain data whatever a learner's code returned, and only their own run is recorded."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from grader.core import pictures as limits
from grader.core.models import Check
from grader.core.pictures import HeatMap, Histogram, Histograms, Line, Lines, Picture
from grader.judge.handle import Handle
from grader.judge.recorder import Pictures
from tests.test_engine import make_exercise
from tests.warm_engine import WarmEngine

NAN, INF = math.nan, math.inf


def record(**pictures: tuple[Any, ...] | dict[str, Any]) -> Any:
    """Record one picture and return it as it comes out of the engine, which must be what went in."""
    recorder = Pictures()
    for kind, given in pictures.items():
        arguments, settings = (given, {}) if isinstance(given, tuple) else (given.pop("values"), given)
        getattr(recorder, kind)(
            "one", "One", *(arguments if isinstance(arguments, tuple) else (arguments,)), **settings
        )
    return carry_over(recorder.recorded)[-1]


def carry_over(recorded: tuple[Picture, ...]) -> tuple[Picture, ...]:
    line = json.dumps(msgspec.to_builtins(recorded), allow_nan=False)
    carried = msgspec.convert(json.loads(line), tuple[Picture, ...])
    assert carried == recorded
    return carried


# --- what is recorded ---


def test_a_heat_map_holds_values_and_labels() -> None:
    recorder = Pictures()
    recorder.heat_map(
        "counts", "Counts", torch.tensor([[1, 2, 3], [4, 5, 6]]), rows=".a", columns=[1, 2.5, None], x_label="next"
    )
    values = ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0))
    assert recorder.recorded == (HeatMap("counts", "Counts", values, (".", "a"), ("1", "2.5", "None"), "next"),)


def test_lines_take_x_and_y_or_y_alone() -> None:
    series = {
        "both": ([1, 2], torch.tensor([3.0, 4.0])),
        "y": np.array([5.0, 6.0]),
        "two": [7.0, 8.0],
        "pair": (7, 8.5),
        "scalars": [torch.tensor(1.0), np.float32(0.1)],
    }
    made = record(lines={"values": series, "x_label": "step", "log_y": True})
    assert made == Lines(
        "one",
        "One",
        (
            Line("both", (1.0, 2.0), (3.0, 4.0)),
            Line("y", (0.0, 1.0), (5.0, 6.0)),
            Line("two", (0.0, 1.0), (7.0, 8.0)),
            Line("pair", (0.0, 1.0), (7.0, 8.5)),
            Line("scalars", (0.0, 1.0), (1.0, 0.1)),
        ),
        "step",
        log_y=True,
    )


def test_histograms_are_binned_each_over_its_own_range() -> None:
    made = record(histograms={"values": {"even": torch.tensor([[0.0, 1.0], [2.0, 4.0]])}, "bins": 2, "x_label": "h"})
    assert made == Histograms("one", "One", (Histogram("even", (0.0, 2.0, 4.0), (0.25, 0.25)),), "h")


def test_values_that_are_all_the_same_fill_one_bin() -> None:
    """A layer that is all zero shows as a spike as wide as a bin of the layers beside it."""
    spread = torch.linspace(-1, 1, 50)
    made = record(histograms={"values": {"dead": torch.zeros(9), "alive": spread}, "bins": 20})
    assert made.series[0] == Histogram("dead", (-0.05, 0.05), (10.0,))
    alone = record(histograms=({"a": [3.0, 3.0]},))
    assert alone.series == (Histogram("a", (2.5, 3.5), (1.0,)),)


@pytest.mark.parametrize("value", [1e59, 1.0, -1e20, 1e-50])
def test_values_that_differ_by_rounding_only_are_binned(value: float) -> None:
    made = record(histograms=({"a": [value, value * (1 + 1e-15)]},))
    low, high = made.series[0].edges
    assert low < value < high


def test_the_same_name_again_replaces_the_picture_in_its_place() -> None:
    recorder = Pictures()
    for name, title in (("a", "old"), ("b", "other"), ("a", "new")):
        recorder.lines(name, title, {})
    assert [(p.name, p.title) for p in recorder.recorded] == [("a", "new"), ("b", "other")]


# --- bounds ---


def test_no_more_than_twelve_pictures_are_kept() -> None:
    recorder = Pictures()
    for i in range(20):
        recorder.lines(f"p{i}", "", {})
    recorder.lines("p3", "still replaced", {})
    assert [p.name for p in recorder.recorded] == [f"p{i}" for i in range(limits.MAX_PICTURES)]
    assert recorder.recorded[3].title == "still replaced"


def test_a_large_table_is_thinned_evenly_and_keeps_its_labels() -> None:
    values = torch.arange(200.0).repeat(100, 1)
    made = record(heat_map={"values": values, "columns": range(200)})
    assert (len(made.rows), len(made.columns)) == (64, 64)
    assert made.values[0] == tuple(float(label) for label in made.columns)
    assert (made.columns[0], made.columns[-1], made.rows[-1]) == ("0", "199", "99")
    assert made.notes == (
        "64 of 100 rows are shown, evenly spread",
        "64 of 200 columns are shown, evenly spread",
    )


def test_a_long_series_keeps_its_spikes() -> None:
    ys = torch.zeros(100_000)
    ys[77_777] = 5.0
    ys[88_888] = NAN
    made = record(lines=({"loss": ys},))
    line = made.series[0]
    assert len(line.xs) <= limits.MAX_POINTS
    assert line.xs[line.ys.index(5.0)] == 77_777
    assert list(line.xs) == sorted(line.xs)
    assert made.notes == (
        "“loss”: 1 of 100000 values are NaN, infinite or beyond 1e+60",
        "“loss”: of 100000 points the lowest and highest of each stretch are shown",
    )


def test_series_and_bins_have_a_bound() -> None:
    many = {f"s{i}": [1.0, 2.0] for i in range(30)}
    lines, histograms = record(lines=(many,)), record(histograms={"values": many, "bins": 1000})
    assert [s.label for s in lines.series] == [s.label for s in histograms.series] == [f"s{i}" for i in range(12)]
    assert lines.notes == histograms.notes == ("12 of 30 series are shown, the first",)
    assert len(histograms.series[0].densities) == limits.MAX_BINS
    assert len(record(histograms={"values": many, "bins": -1}).series[0].densities) == 1


def test_what_a_logarithmic_axis_cannot_show_is_a_gap_and_said() -> None:
    made = record(lines={"values": {"a": ([0, 1, 10], [1.0, 0.0, 5.0])}, "log_x": True, "log_y": True})
    assert made.series == (Line("a", (1.0, 10.0), (None, 5.0)),)
    assert made.notes == ("“a”: 2 of 3 points are not positive, as the axis needs",)
    assert record(lines={"values": {"a": [7.0]}, "log_x": True}).series == (Line("a", (1.0,), (7.0,)),)


def test_pictures_at_every_bound_come_over_and_are_of_bounded_size() -> None:
    recorder = Pictures()
    series = {f"{'x' * 99}{i}": (torch.rand(10_000), torch.rand(10_000)) for i in range(50)}
    for i in range(50):
        recorder.lines(f"{i}", "t" * 999, series, x_label="x" * 999, y_label="y" * 999)
    assert len(carry_over(recorder.recorded)) == limits.MAX_PICTURES
    assert len(msgspec.json.encode(recorder.recorded)) < 2_000_000


# --- hostile numbers ---


def stay_away() -> Handle:
    def refuse(*_: object) -> None:
        raise AssertionError("the learner was asked")

    return Handle(refuse, 1, "Value\x1b[31m", False)


class Loud(np.ndarray):  # type: ignore[type-arg]
    def __getitem__(self, key: object) -> Any:
        raise AssertionError("a subclass was sliced")


HOSTILE: dict[str, Callable[[], Any]] = {
    "NaN": lambda: NAN,
    "infinite": lambda: [INF, -INF, 1.0],
    "all NaN": lambda: torch.full((70, 70), NAN),
    "a text": lambda: "abc",
    "None": lambda: None,
    "an empty list": list,
    "no rows": lambda: torch.zeros(0, 3),
    "no columns": lambda: torch.zeros(3, 0),
    "0-d": lambda: torch.tensor(3.0),
    "0-d array": lambda: np.array(3),
    "4-d": lambda: torch.zeros(2, 2, 2, 2),
    "complex": lambda: torch.zeros(3, dtype=torch.complex64),
    "complex number": lambda: 1j,
    "sparse": lambda: torch.eye(3).to_sparse(),
    "meta": lambda: torch.zeros(3, 3, device="meta"),
    "bool": lambda: torch.ones(3, 3, dtype=torch.bool),
    "uint16": lambda: torch.ones(100, 100, dtype=torch.uint16),
    "bfloat16": lambda: torch.ones(300, 200, dtype=torch.bfloat16),
    "float8": lambda: torch.ones(3, 3).to(torch.float8_e4m3fn),
    "negated lazily": lambda: torch.ones(4, dtype=torch.complex128).conj().imag,
    "with a graph": lambda: torch.randn(3, requires_grad=True) * 2,
    "an int beyond floats": lambda: [10**400, -(10**400), 5],
    "a long int": lambda: 10**2000,
    "the largest and smallest": lambda: [1e308, -1e308, 1e59, -1e59, 5e-324],
    "ragged": lambda: [[1, 2], [3], "x", [[1, 2], 3]],
    "mixed": lambda: [1.0, "a", None, [2.0]],
    "deep": lambda: [[[[[1]]]]],
    "a dict": lambda: {"a": 1},
    "a set": lambda: {1, 2},
    "bytes": lambda: b"ab",
    "an array of objects": lambda: np.array([object()], object),
    "an array of texts": lambda: np.array(["a"]),
    "other bytes first": lambda: np.arange(9, dtype=">f4").reshape(3, 3),
    "backwards": lambda: np.arange(9.0)[::-1],
    "long double": lambda: np.array([np.longdouble(10) ** 400, 1]),
    "an object": stay_away,
    "a list of objects": lambda: [stay_away(), stay_away()],
    "a subclass": lambda: np.zeros((3, 3)).view(Loud),
    "expanded beyond memory": lambda: torch.zeros(1, 1).expand(10**6, 10**6),
    "a pair": lambda: ([1, 2, 3], [1, 2]),
    "a pair of nothing": lambda: (None, None),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_nothing_that_comes_back_makes_a_picture_raise(case: str) -> None:
    value = HOSTILE[case]()
    recorder = Pictures()
    recorder.heat_map("table", "T", value, rows=value, columns=value)
    recorder.lines("lines", "L", {"a": value, "xs": (value, value)})
    recorder.lines("log", "L", {"a": value, "xs": (value, value)}, log_x=True, log_y=True)
    recorder.histograms("spread", "H", {"a": value, "b": [1.0, 2.0]})
    assert [p.name for p in carry_over(recorder.recorded)] == ["table", "lines", "log", "spread"]


def test_what_cannot_be_drawn_is_said() -> None:
    table = record(heat_map=("abc",))
    assert (table.values, table.notes) == ((), ("the values are not a table of numbers: a str",))
    assert record(heat_map=(torch.zeros(2, 2, 2),)).notes == (
        "the values are not a table of numbers: a tensor (2, 2, 2) of float32",
    )
    assert record(heat_map=([[1.0, NAN], [INF]],)).notes == ("3 of 4 values are NaN, infinite or beyond 1e+60",)
    assert record(lines=({"a": None},)).notes == ("“a” holds no numbers: None",)
    assert record(lines=({"a": ([1, 2, 3], [1, 2])},)).notes == ("“a” has 3 x and 2 y: the longer is cut",)
    assert record(lines=({"a": [1.0, INF]},)).series == (Line("a", (0.0, 1.0), (1.0, None)),)
    spread = record(histograms=({"a": stay_away()},))
    assert (spread.series, spread.notes) == ((), ("“a” holds no numbers: a Value\\x1b[31m",))


def test_a_huge_tensor_takes_little_time_and_memory() -> None:
    huge = torch.zeros(2**20, 100, dtype=torch.uint8)
    started_s = time.process_time()
    recorder = Pictures()
    recorder.heat_map("a", "A", huge)
    recorder.heat_map("b", "B", huge.T)
    recorder.lines("c", "C", {"huge": huge})
    recorder.histograms("d", "D", {"huge": huge})
    assert time.process_time() - started_s < 5  # each value as a float64 took 15 s, and most of a GB


# --- hostile texts ---


def test_texts_are_short_single_lines_without_control_codes() -> None:
    evil = "\x1b[31m[bold]\u202e\nnext\tline\ud800"
    made = record(lines={"values": {evil: [1.0], 7: [2.0], ("a",): [3.0]}, "x_label": evil * 9})
    assert made.series[0].label == "\\x1b[31m[bold]\\u202e\\nnext\\tline?"
    assert [s.label for s in made.series[1:]] == ["7", "a tuple"]
    assert (len(made.x_label), made.x_label[-1]) == (limits.MAX_LABEL, "…")


def test_a_name_is_fit_for_a_file() -> None:
    recorder = Pictures()
    for name in ("../../etc/passwd", "Loss Curve", "", "\n", "x" * 999):
        recorder.lines(name, "", {})
    assert [p.name for p in recorder.recorded] == ["_etc_passwd", "loss_curve", "picture", "_", "x" * 40]


# --- what a file or an engine may say ---

GOOD = {"kind": "lines", "name": "a", "title": "", "series": [{"label": "", "xs": [1.0], "ys": [None]}]}
REFUSED: dict[str, dict[str, Any]] = {
    "a name with a slash": GOOD | {"name": "a/b"},
    "a name with an end of line": GOOD | {"name": "a\n"},
    "a long title": GOOD | {"title": "x" * 81},
    "many series": GOOD | {"series": GOOD["series"] * 13},  # type: ignore[operator]
    "many points": GOOD | {"series": [{"label": "", "xs": [1.0] * 401, "ys": [1.0] * 401}]},
    "unequal lengths": GOOD | {"series": [{"label": "", "xs": [1.0], "ys": []}]},
    "a number beyond the bound": GOOD | {"series": [{"label": "", "xs": [1e101], "ys": [1.0]}]},
    "0 on a logarithmic axis": GOOD | {"log_x": True, "series": [{"label": "", "xs": [0.0], "ys": [1.0]}]},
    "another kind": GOOD | {"kind": "movie"},
    "a ragged table": {
        **{"kind": "heat_map", "name": "a", "title": "", "rows": ["", ""], "columns": [""]},
        "values": [[1.0], [1.0, 2.0]],
    },
    "falling edges": {
        **{"kind": "histograms", "name": "a", "title": ""},
        "series": [{"label": "", "edges": [1.0, 1.0], "densities": [1.0]}],
    },
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_picture_beyond_its_bounds_is_refused_where_it_is_read(case: str) -> None:
    assert msgspec.convert(GOOD, Picture) == Lines("a", "", (Line("", (1.0,), (None,)),))
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(REFUSED[case], Picture)


# --- in a grade ---

CHECKS = """\
from grader.testing import assert_equal


def test_first(submission, pictures):
    ys = [submission.f(x) for x in range(3)]
    pictures.lines("f", "What f gives", {"f": ys}, x_label="x")
    assert_equal(ys[0], 1)
    pictures.heat_map("later", "After the assertion", [[1.0]])


def test_second(submission, pictures):
    pictures.histograms("second", "Of the second check", {"f": [submission.f(x) for x in range(9)]})
"""


def test_a_grade_carries_the_pictures_of_its_checks(warm_engine: WarmEngine, tmp_path: Path) -> None:
    exercise = make_exercise(tmp_path / "e", CHECKS, Check("first", "first"), Check("second", "second"))
    verdict = warm_engine.grade(exercise, tmp_path / "e", "def f(x):\n    return x + 1\n")
    assert verdict.verdict == "passed"
    assert [p.name for p in verdict.pictures] == ["f", "later", "second"]
    assert verdict.pictures[0] == Lines("f", "What f gives", (Line("f", (0.0, 1.0, 2.0), (1.0, 2.0, 3.0)),), "x")


def test_the_replay_of_a_check_on_a_mutant_records_nothing(warm_engine: WarmEngine, tmp_path: Path) -> None:
    """The mutant is named, so the check ran on it; and each run of the check records how many there were."""
    checks = (
        "from grader.testing import assert_equal\n\nRUNS = []\n\n\n"
        "def test_first(submission, pictures):\n"
        "    RUNS.append(0)\n"
        "    pictures.lines('runs', 'Runs', {'runs': [len(RUNS)]})\n"
        "    assert_equal(submission.f(3), 4)\n"
    )
    doubles = "def f(x):\n    return 2 * x\n"
    mutants = {"doubles": ("first", doubles)}
    exercise = make_exercise(tmp_path / "e", checks, Check("first", "first"), mutants=mutants)
    verdict = warm_engine.grade(exercise, tmp_path / "e", doubles)
    assert verdict.checks[0].cause == "The mistake doubles."
    assert verdict.pictures == (Lines("runs", "Runs", (Line("runs", (0.0,), (1.0,)),)),)


def test_a_check_that_fails_keeps_what_it_recorded_before(warm_engine: WarmEngine, tmp_path: Path) -> None:
    exercise = make_exercise(tmp_path / "e", CHECKS, Check("first", "first"), Check("second", "second"))
    verdict = warm_engine.grade(exercise, tmp_path / "e", "def f(x):\n    return x\n")
    assert [(c.id, c.status) for c in verdict.checks] == [("first", "failed"), ("second", "passed")]
    assert [p.name for p in verdict.pictures] == ["f", "second"]


def test_a_grade_without_pictures_carries_none(warm_engine: WarmEngine, tmp_path: Path) -> None:
    checks = "def test_a(submission):\n    submission.f(1)\n"
    exercise = make_exercise(tmp_path / "e", checks, Check("a", "a"))
    assert warm_engine.grade(exercise, tmp_path / "e", "def f(x):\n    return x + 1\n").pictures == ()
