"""A picture becomes the same file every time, whatever is in it, and its texts stay texts."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from grader.core.pictures import HeatMap, Histogram, Histograms, Lines, Picture
from grader.view.figures import Format, draw_figure
from tests.support.sample_pictures import COUNTS, FALLING, LABELS, SPREAD, VALUES, numbered, record_all
from tests.support.study import REPOSITORY

WEIGHTS = HeatMap("w", "Weights", ((-1.0, 0.5), (None, 2.0)), ("0", "1"), ("0", "1"))
LARGE = HeatMap("t", "", ((1.0, 2.0) * 32,) * 64, ("a",) * 64, ("b",) * 64)
APART = Histograms("h", "", (Histogram("dead", (-0.1, 0.1), (5.0,)), Histogram("b", (-10.0, 10.0), (0.05,))), "x")
PICTURES = {
    "lines": FALLING,
    "counts": COUNTS,
    "histograms": SPREAD,
    "weights": WEIGHTS,
    "large table": LARGE,
    "peaks apart": APART,
    "nothing": Lines("l", "Nothing", (), notes=("Why.",)),
}


def texts_of(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the texts of an SVG, which are drawn as outlines otherwise."""
    from grader.view import figures

    monkeypatch.setattr(figures, "_STYLE", dict(figures._STYLE) | {"svg.fonttype": "none"})
    root = ET.fromstring(draw_figure(picture, "svg"))
    return [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["svg", "png"])
@pytest.mark.parametrize("case", PICTURES)
def test_the_same_picture_gives_the_same_bytes(case: str, form: Format) -> None:
    first, again = (draw_figure(PICTURES[case], form) for _ in range(2))
    assert first == again
    assert first.startswith(b"<?xml" if form == "svg" else b"\x89PNG")
    assert len(first) < 300_000


@pytest.mark.slow
def test_the_bytes_are_the_same_in_another_process_and_under_another_matplotlibrc(tmp_path: Path) -> None:
    """No date, no random names, and no setting of the learner's own."""
    (tmp_path / "matplotlibrc").write_text("figure.facecolor: black\nsvg.hashsalt: other\naxes.linewidth: 9\n")
    code = (
        "import sys; from tests.support.sample_pictures import FALLING; from grader.view.figures import draw_figure;"
        "sys.stdout.buffer.write(draw_figure(FALLING, 'svg'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            "MATPLOTLIBRC": str(tmp_path),
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONHASHSEED": "7",
            "HOME": str(tmp_path),
        },
        capture_output=True,
        check=True,
        timeout=120,
    )
    assert done.stdout == draw_figure(FALLING, "svg")
    assert b"Date" not in done.stdout


def test_drawing_leaves_the_settings_of_matplotlib_alone() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    draw_figure(FALLING, "png")
    assert dict(matplotlib.rcParams) == before


def colours_of(picture: Picture) -> Iterator[tuple[int, tuple[int, int, int]]]:
    image = Image.open(BytesIO(draw_figure(picture, "png"))).convert("RGB")
    assert max(image.size) < 2000
    yield from sorted(image.getcolors(image.width * image.height) or [], reverse=True)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize("case", PICTURES)
def test_a_picture_has_a_light_background(case: str) -> None:
    _, commonest = next(iter(colours_of(PICTURES[case] if case != "large table" else FALLING)))
    assert commonest == (255, 255, 255)


def test_a_value_that_is_missing_is_grey() -> None:
    def grey(picture: Picture) -> int:
        return {colour: pixels for pixels, colour in colours_of(picture)}.get((0xBD, 0xBD, 0xBD), 0)

    assert grey(WEIGHTS) > 10_000  # a quarter of the table
    assert grey(LARGE) < 1000  # edges of letters


def test_labels_are_no_formulas_and_none_is_left_out_of_a_legend(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = Lines("l", "$x^2$", (numbered("_private", 1.0, 2.0), numbered("$\\frac{1$", 2.0)), "a_b", notes=("$n$",))
    texts = texts_of(picture, monkeypatch)
    assert {"$x^2$", "_private", "$\\frac{1$", "a_b", "$n$"} <= set(texts)


def test_a_small_table_has_its_numbers_written_in(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = texts_of(WEIGHTS, monkeypatch)
    assert {"-1", "0.5", "2"} <= set(texts)


def test_a_heat_map_on_a_logarithmic_scale_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "log scale, 0 is white" in texts_of(COUNTS, monkeypatch)
    assert "log scale, 0 is white" not in texts_of(WEIGHTS, monkeypatch)


def test_long_notes_are_wrapped_and_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = Lines("l", "", (numbered("a", 1.0),), notes=("word " * 40,) * 16)
    texts = [text for text in texts_of(picture, monkeypatch) if text.startswith("word") or text == "…"]
    assert len(texts) == 5
    assert texts[-1] == "…"


@pytest.mark.slow
@pytest.mark.parametrize(("case", "label"), list(zip(VALUES, LABELS * 2, strict=False)))
def test_whatever_was_recorded_can_be_drawn(case: str, label: str) -> None:
    for picture in record_all(VALUES[case], label).recorded:
        assert draw_figure(picture, "svg").startswith(b"<?xml")
