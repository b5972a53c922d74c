"""The command that a message gives for a notebook of an old format converts it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from grader.core.errors import SubmissionUnreadable
from grader.notebook.reading import Cell, read_notebook


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
