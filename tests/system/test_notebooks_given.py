"""Notebooks that somebody hands over: nothing in one runs outside the sandbox, and no markup of theirs is passed on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.printing import UNFIT_TO_PRINT
from tests.support.processes import Place
from tests.support.study import RIGHT
from tests.support.warm_engine import WarmEngine

MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def place(tmp_path: Path, warm_engine: WarmEngine) -> Iterator[Place]:
    place = Place(tmp_path, **warm_engine.environ).begin("")
    place.own_file.unlink()
    yield place
    place.close()


def write_notebook(place: Place, *cells: dict[str, Any]) -> None:
    empty = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    made = [{**empty, "id": f"c{number}", **cell} for number, cell in enumerate(cells)]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}
    place.own_file.with_suffix(".ipynb").write_text(json.dumps(notebook))


@pytest.mark.parametrize(
    ("cell", "left_out"),
    [
        ("!touch MARK", "!touch"),
        ("!!touch MARK", "!!touch"),
        ("found = !touch MARK", "!touch"),
        ("%system touch MARK", "%system"),
        ("%sx touch MARK", "%sx"),
        ("%run MARK.py", "%run"),
        ("%load_ext evil", "%load_ext"),
        ("%%bash\ntouch MARK", "%%bash"),
        ("%%script sh\ntouch MARK", "%%script"),
        ("%%writefile MARK\nx", "%%writefile"),
        ("%%html\n" + MARKUP, "%%html"),
        ("%%javascript\nalert(1)", "%%javascript"),
        ("%%\x1b[2J\x1b]0;title\x07\nx", "%%"),
        ("%%" + "a" * 100_000, "%%" + "a" * 40),
        ("get_ipython().system('touch MARK')", "an experiment"),
        ("__import__('os').system('touch MARK')", "an experiment"),
        ("open('MARK', 'w')", "an experiment"),
    ],
)
def test_what_is_no_definition_is_left_out_and_named(place: Place, cell: str, left_out: str) -> None:
    mark = place.home / "mark"
    (place.home / "mark.py").write_text(f"open({str(mark)!r}, 'w')\n")
    write_notebook(place, {"source": cell.replace("MARK", str(mark))}, {"source": RIGHT})
    done = place.study("grade")
    assert (done.returncode, done.stderr) == (0, f"study/t01_double.ipynb: left out: cell 1 ({left_out})\n")
    assert UNFIT_TO_PRINT.findall(done.stdout) == []
    assert not mark.exists()


@pytest.mark.parametrize("report", ["json", "junit", "github"])
def test_markup_outside_the_code_reaches_no_report(place: Place, report: str) -> None:
    output = {"output_type": "display_data", "metadata": {}, "data": {"text/html": MARKUP * 30_000}}
    mine = {
        "source": "def double(x):\n    return x\n",
        "outputs": [output],
        "metadata": {"tags": [MARKUP]},
        "id": MARKUP,
    }
    write_notebook(place, {"cell_type": "markdown", "source": MARKUP}, mine)
    done = place.study("grade", "--format", report)
    assert done.returncode == 1
    assert MARKUP not in done.stdout + done.stderr


@pytest.mark.parametrize("text", ["x = " + "-" * 100_000 + "1", "lambda: " * 3_000 + "1"], ids=["minus", "lambda"])
def test_cell_that_the_parser_gives_up_on_is_told_as_such(place: Place, text: str) -> None:
    write_notebook(place, {"source": text}, {"source": RIGHT})
    done = place.study("grade")
    assert done.returncode == 1
    told = "SyntaxError: too large, or nested too deeply for Python to read (study/t01_double.ipynb cell 1 line 1 column 1)"
    assert told in done.stdout.replace("\n          ", " ")
