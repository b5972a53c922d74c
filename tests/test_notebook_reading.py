"""A notebook is read as data, and what is wrong with one is told with its place and the next step."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.core.errors import SubmissionUnreadable
from grader.notebook.reading import MAX_CELLS, Cell, parse_notebook, read_notebook

RESTORE = "open it in Jupyter and save it again, or begin again: study start ID --notebook --force"


def notebook(*cells: str | dict[str, Any], **changes: Any) -> str:
    """Write a notebook of code cells."""
    made = [
        cell
        if isinstance(cell, dict)
        else {
            "cell_type": "code",
            "execution_count": None,
            "id": f"c{n}",
            "metadata": {},
            "outputs": [],
            "source": cell,
        }
        for n, cell in enumerate(cells, 1)
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | changes)


def refusal(text: str) -> tuple[str, str | None]:
    with pytest.raises(SubmissionUnreadable) as caught:
        parse_notebook(text, "mine.ipynb")
    return caught.value.message, caught.value.hint


def test_code_cells_are_numbered_among_all_cells() -> None:
    words = {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "# Hi"}
    tagged = {"cell_type": "code", "metadata": {"tags": ["scratch", 3]}, "source": ["a = 1\r\n", "b = 2"]}
    assert parse_notebook(notebook(words, "x = 1", words, tagged), "mine.ipynb") == (
        Cell("cell 2", "x = 1"),
        Cell("cell 4", "a = 1\nb = 2", scratch=True),
    )


def test_a_number_that_is_none_may_stand_in_an_output() -> None:
    """Jupyter writes NaN there, although JSON has no such thing."""
    cell = {"cell_type": "code", "metadata": {}, "source": "x", "outputs": [{"data": float("nan")}]}
    assert parse_notebook(notebook(cell), "mine.ipynb") == (Cell("cell 1", "x"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "mine.ipynb is not a notebook: it is empty"),
        ("def f(): pass", "mine.ipynb:1:1: not a notebook, for it is not JSON: Expecting value"),
        ('{"cells": [}', "mine.ipynb:1:12: not a notebook, for it is not JSON: Expecting value"),
        ("[1]", "mine.ipynb is not a notebook: it holds a list, where an object with `cells` belongs"),
        ('{"cells": []}', "mine.ipynb is not a notebook: it does not say its `nbformat`"),
        ('{"nbformat": NaN}', "mine.ipynb is not a notebook: its `nbformat` is a number that is not whole, not 4"),
        ('{"nbformat": true}', "mine.ipynb is not a notebook: its `nbformat` is true or false, not 4"),
        ('{"nbformat": 4}', "mine.ipynb is not a notebook: its `cells` is missing, not a list"),
        ('{"nbformat": 4, "cells": {}}', "mine.ipynb is not a notebook: its `cells` is an object, not a list"),
        ('{"nbformat": 4, "cells": [1]}', "mine.ipynb is not a notebook: cell 1 is a number, not an object"),
        (
            '{"nbformat": 4, "cells": [{"cell_type": "code", "source": [1]}]}',
            "mine.ipynb is not a notebook: the `source` of cell 1 is neither text nor a list of texts",
        ),
        (
            '{"nbformat": 4, "cells": [], "cells": []}',
            "mine.ipynb is not a notebook: the key `cells` is there twice in one object",
        ),
        ("[" * 100_000, "mine.ipynb is not a notebook: its JSON is nested too deeply"),
        ('{"nbformat": ' + "9" * 5000 + "}", "mine.ipynb is not a notebook: it holds a number that is far too long"),
    ],
    ids=range(14),
)  # fmt: skip
def test_what_is_no_notebook_is_named(text: str, message: str) -> None:
    assert refusal(text) == (message, RESTORE)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (notebook("x = 1\ny = '\0'"), "mine.ipynb cell 1 line 2: a NUL character", "delete it, then save the notebook"),
        (
            notebook("x = '\ud800'"),
            "mine.ipynb cell 1 line 1: half a character (a lone surrogate)",
            "delete it, then save the notebook",
        ),
        (
            notebook({"cell_type": "markdown", "source": "def f(): pass"}),
            "mine.ipynb has no code cell",
            "write your functions into code cells, not into Markdown",
        ),
        (
            notebook("f <- 1", metadata={"kernelspec": {"name": "ir", "language": "R"}}),
            "mine.ipynb is a notebook of the language R; exercises are solved in Python",
            "choose a Python kernel (Jupyter: Kernel, Change Kernel), then save it",
        ),
        (
            notebook(nbformat=5),
            "mine.ipynb is a notebook of format 5; study reads format 4",
            "save it as nbformat 4, or grade a Python file: --submission FILE.py",
        ),
        (
            notebook(*["x"] * (MAX_CELLS + 1)),
            "mine.ipynb has 2,001 cells; at most 2,000 are looked at",
            "move what is not needed for this exercise into another notebook",
        ),
        (
            notebook("#" * 600_000, "#" * 600_000),
            "the code cells of mine.ipynb hold 1,200,000 characters; at most 1,048,576 are read",
            "keep data and weights out of it; an exercise is a few hundred lines",
        ),
    ],
    ids=["nul", "surrogate", "no code", "language", "format 5", "cells", "code"],
)
def test_a_notebook_that_cannot_be_graded_is_refused_with_the_next_step(text: str, message: str, hint: str) -> None:
    assert refusal(text) == (message, hint)


def test_an_old_notebook_is_converted_by_the_command_that_is_named(tmp_path: Path) -> None:
    """The command is run as it is shown, and what it writes can be read."""
    old = nbformat.v3.new_notebook(worksheets=[nbformat.v3.new_worksheet(cells=[nbformat.v3.new_code_cell("x = 1")])])
    path = tmp_path / "mine.ipynb"
    path.write_text(json.dumps(old))
    with pytest.raises(SubmissionUnreadable, match="of the old format 3; format 4 is read") as caught:
        read_notebook(path)
    assert caught.value.hint is not None
    command, _, promise = caught.value.hint.partition("   ")
    assert promise == "writes it again as mine-4.ipynb"
    python = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(command, shell=True, check=True, env=os.environ | {"PATH": python}, capture_output=True)
    assert read_notebook(tmp_path / "mine-4.ipynb") == (Cell("cell 1", "x = 1"),)


def test_a_huge_notebook_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "mine.ipynb"
    with path.open("wb") as file:
        file.truncate(50 * 2**20)
    with pytest.raises(SubmissionUnreadable) as caught:
        read_notebook(path)
    assert (caught.value.message, caught.value.hint) == (
        f"{path} is larger than 20 MiB (52428800 bytes)",
        "clear its outputs (Jupyter: Edit, Clear Outputs of All Cells), then save it",
    )


def test_a_link_to_a_notebook_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real.ipynb").write_text(notebook("x"))
    (tmp_path / "mine.ipynb").symlink_to("real.ipynb")
    with pytest.raises(SubmissionUnreadable, match="is a symbolic link, and links are not followed"):
        read_notebook(tmp_path / "mine.ipynb")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["code", "markdown", "x = 1", "scratch"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["cells", "cell_type", "source", "metadata", "tags", "language_info"]), inner)
    ),
    max_leaves=12,
)


@given(_JSON, _JSON)
@settings(max_examples=200, deadline=None)
def test_any_json_is_read_or_refused(cells: Any, metadata: Any) -> None:
    for found in (cells, {"nbformat": 4, "cells": cells, "metadata": metadata}, {"nbformat": 4, "cells": [cells]}):
        with contextlib.suppress(SubmissionUnreadable):  # anything else fails
            assert parse_notebook(json.dumps(found), "mine.ipynb")
