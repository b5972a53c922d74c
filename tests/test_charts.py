"""A chart in the terminal is exactly this text: readable without colour, narrow, and harmless whatever is in it."""

import io
import math
from typing import Any

import pytest
import torch
from rich.cells import cell_len

from grader.core.pictures import HeatMap, Histogram, Histograms, Line, Lines, Picture
from grader.judge.recorder import Pictures
from grader.text.console import make_console
from grader.view.charts import draw_picture
from grader.view.scale import Shading, choose_shading, make_axis, write_numbers

NAN, INF = math.nan, math.inf


def draw(picture: Picture, *, width: int = 40, unicode: bool = True) -> list[str]:
    """Print as into a pipe, where colours are left out."""
    file = io.StringIO()
    console = make_console(file)
    for text in draw_picture(picture, width=width, unicode=unicode):
        console.print(text)
    return file.getvalue().splitlines()


def numbered(label: str, *ys: float | None) -> Line:
    return Line(label, tuple(float(x) for x in range(len(ys))), ys)


FALLING = Lines("loss", "Loss", (numbered("train", 4.0, 2.0, 1.0), numbered("dev", 4.0, 3.0, 2.5)), "epoch", "nats")
COUNTS = HeatMap("n", "Counts", ((0.0, 1.0), (2.0, 900.0), (3.0, None)), (".", "a", "b"), (".", "a"), "second", "first")
SPREAD = Histograms(
    "h", "Spread", (Histogram("wide", (0.0, 1.0, 2.0), (0.25, 0.75)), Histogram("b", (1.0, 1.5), (2.0,))), "x"
)


def test_two_lines_are_told_apart_by_their_marks() -> None:
    """Marks stand where points are, and dots lead from one to the next."""
    assert draw(FALLING) == [
        "Loss",
        "  ● train   ○ dev",
        "nats",
        " 4 ┤●··",
        "   │  ·····",
        "   │    ·· ····",
        "   │      ··   ····",
        " 3 ┤        ··     ···○·",
        "   │          ··        ········",
        "   │            ··              ·······○",
        "   │              ··",
        "   │                ··",
        " 2 ┤                  ●···",
        "   │                      ····",
        "   │                          ····",
        "   │                              ····",
        " 1 ┤                                  ·●",
        "   └┬─────────────────┬────────────────┬",
        "    0                 1                2",
        "                   epoch",
    ]


def test_lines_that_meet_take_turns() -> None:
    """Two equal lines are both seen; drawn one over the other, the first would be hidden."""
    same = tuple(numbered(label, *[1.0] * 50) for label in "ab")
    row = next(row for row in draw(Lines("l", "", same)) if "●" in row and "┤" in row)
    assert row.rpartition("┤")[2][:6] == "●○●○●○"


def test_one_line_is_drawn_with_braille_dots_and_its_gap_is_left_open() -> None:
    assert draw(Lines("l", "One", (numbered("y", 0.0, 1.0, None, 3.0),))) == [
        "One",
        " 3 ┤                                   ⠈",
        "   │",
        "   │",
        "   │",
        " 2 ┤",
        "   │",
        "   │",
        "   │",
        "   │",
        " 1 ┤          ⢀⠔⠂",
        "   │        ⡠⠊⠁",
        "   │     ⣀⠔⠉",
        "   │  ⢀⠤⠊",
        " 0 ┤⡠⠒⠁",
        "   └┬──────────────────────┬────────────",
        "    0                      2",
    ]


def test_logarithmic_axes_have_decades_and_say_what_they_are() -> None:
    line = Line("a", (0.001, 1.0, 1000.0), (1.0, 10.0, 100.0))
    drawn = draw(Lines("l", "", (line,), "alpha", "loss", log_x=True, log_y=True), width=60)
    assert drawn[1] == "loss (log scale)"
    assert [row.split("┤")[0].strip() for row in drawn if "┤" in row] == ["100", "10", "1"]
    assert drawn[-2].split() == ["0.001", "0.1", "10", "1000"]
    assert drawn[-1].strip() == "alpha (log scale)"


def test_a_table_of_counts_is_shaded_on_a_logarithmic_scale_that_stands_below() -> None:
    assert draw(COUNTS) == [
        "Counts",
        "  rows: first, columns: second",
        "   . a",
        " .   ░░",
        " a ░░██",
        " b ░░××",
        "  log scale, from  ░ 1  ▒ 5.48  ▓ 30",
        "  █ 164  to 900",
        "  × no finite number",
    ]


def test_a_table_of_two_values_says_which_is_which() -> None:
    made = HeatMap("b", "Saturated", ((0.0, 1.0, 1.0),), ("0",), ("0", "1", "2"))
    assert draw(made) == ["Saturated", "   0 1 2", " 0   ████", "  blank is 0, █ is 1"]


def test_a_tall_table_is_shown_in_half_its_rows() -> None:
    values = tuple((float(i),) for i in range(64))
    drawn = draw(HeatMap("t", "", values, tuple(map(str, range(64))), ("0",)))
    assert [row.split()[0] for row in drawn[2:34]] == [str(i) for i in range(0, 64, 2)]
    assert drawn[-1] == "  each line is the mean of 2 rows"


def test_column_labels_do_not_run_into_one_another() -> None:
    labels = tuple(f"neuron {i}" for i in range(10))
    drawn = draw(HeatMap("t", "", ((1.0, 2.0) * 5,), ("0",), labels))
    assert drawn[1] == "   neuron 0  neuron 5"


def test_histograms_stand_below_one_another_over_one_axis() -> None:
    assert draw(SPREAD) == [
        "Spread",
        "      │                 ████████████████",
        "      │                 ████████████████",
        "      │                █████████████████",
        "      │                █████████████████",
        "      │█████████████████████████████████",
        "wide  │█████████████████████████████████",
        "      │                 ███████",
        "      │                 ███████▄",
        "      │                 ████████",
        "      │                █████████",
        "      │                █████████",
        "b     │                █████████",
        "      └┬───────────────────────────────┬",
        "       0                               2",
        "                       x",
        "  each is drawn to its own height",
    ]


def test_a_rare_value_is_seen_beside_a_common_one() -> None:
    rare = Histogram("h", (0.0, 1.0, 2.0, 3.0), (0.9999, 0.0, 0.0001))
    assert draw(Histograms("h", "", (rare,)))[8].rstrip().endswith("▁" * 12)


@pytest.mark.parametrize("picture", [FALLING, COUNTS, SPREAD], ids=["lines", "heat map", "histograms"])
def test_in_plain_ascii_the_same_is_shown(picture: Picture) -> None:
    plain, full = (draw(picture, unicode=unicode) for unicode in (False, True))
    assert "\n".join(plain).isascii()
    assert [row.split() for row in plain[:1]] == [row.split() for row in full[:1]]
    assert abs(len(plain) - len(full)) <= 1  # nine shades instead of four take more room to explain


def test_texts_of_a_learner_are_shown_as_they_are_without_control_codes() -> None:
    evil = "\x1b[31m[bold]\u202e\nx"
    drawn = draw(Lines("l", evil, (numbered(evil, 1.0, 2.0), numbered("b", 1.0)), evil, evil, notes=(evil,)), width=80)
    assert drawn[0] == r"\x1b[31m[bold]\u202e x"
    assert not any(character < " " or character == "\u202e" for row in drawn for character in row)


# --- whatever it is, it fits ---

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


@pytest.mark.parametrize("unicode", [True, False], ids=["unicode", "ascii"])
@pytest.mark.parametrize("label", LABELS, ids=range(len(LABELS)))
@pytest.mark.parametrize("case", VALUES)
def test_every_picture_fits_into_the_width_and_a_screen_or_two(case: str, label: str, unicode: bool) -> None:
    for picture in record_all(VALUES[case], label).recorded:
        for width in (10, 40, 72, 200):
            drawn = draw(picture, width=width, unicode=unicode)
            assert max(map(cell_len, drawn)) <= max(40, min(80, width))
            assert len(drawn) <= 60
            assert unicode or "\n".join(drawn).isascii()


def test_what_has_no_numbers_says_so() -> None:
    made = record_all("abc", "a").recorded
    assert draw(made[0], width=80)[1:] == ["  nothing to draw", "  the values are not a table of numbers: a str"]
    assert [draw(picture)[1] for picture in made] == ["  nothing to draw"] * 5


# --- axes ---


@pytest.mark.parametrize(
    ("values", "log", "texts"),
    [
        ([0, 10], False, ["0", "2", "4", "6", "8", "10"]),
        ([2.453, 2.458], False, ["2.453", "2.454", "2.455", "2.456", "2.457", "2.458"]),
        ([-1e-7, 3e-7], False, ["-1e-7", "0", "1e-7", "2e-7", "3e-7"]),
        ([0, 12_345_678], False, ["0", "5000000", "1e7"]),
        ([5, 5], False, ["4.6", "4.8", "5", "5.2", "5.4"]),
        ([0.001, 1000], True, ["0.001", "0.1", "10", "1000"]),
        ([1, 10], True, ["1", "10"]),
        ([2, 5], True, ["2", "3", "4", "5"]),
        ([1e-50, 1e50], True, ["1e-50", "1e-33", "1e-16", "10", "1e18", "1e35"]),
    ],
)
def test_ticks_are_round_numbers_told_apart(values: list[float], log: bool, texts: list[str]) -> None:
    assert write_numbers(make_axis(values, log=log).choose_ticks(6)) == texts


def test_a_scale_is_logarithmic_only_for_skewed_counts() -> None:
    def of(*values: float | None) -> Shading | None:
        return choose_shading(HeatMap("t", "", (values,), ("",), ("",) * len(values)))

    assert of(0, 1, 2, 3, 900) == Shading(1, 900, True)
    assert of(0, 1, 2, 3, 90) == Shading(0, 90, False)
    assert of(-1, 1, 2, 3, 900) == Shading(-1, 900, False)
    assert of(None, 2) == Shading(2, 2, False)
    assert of(None) is None


def test_the_steps_of_a_shading_begin_at_their_bounds() -> None:
    for shading in (Shading(0.0, 8.0, False), Shading(1.0, 10_000.0, True)):
        bounds = [shading.bound(step, 5) for step in range(1, 5)]
        assert [shading.step(bound * 1.000001, 5) for bound in bounds] == [1, 2, 3, 4]
        assert [shading.step(bound * 0.99, 5) for bound in bounds] == [0, 1, 2, 3]
        assert shading.step(shading.high, 5) == 4
