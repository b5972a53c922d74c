"""A command loads only what it needs."""

import pytest

from tests.support.imports import HEAVY, imported_by
from tests.support.study import Study


@pytest.mark.parametrize("command", ["--help", "next", "list", "progress"])
@pytest.mark.parametrize("begun", [False, True], ids=["in an empty home", "with progress"])
def test_a_command_that_only_looks_loads_nothing_heavy(study: Study, command: str, begun: bool) -> None:
    if begun:
        study("start", "double")
    done = study(command, PYTHONPROFILEIMPORTTIME="1")
    imported = imported_by(done.stderr)
    assert done.returncode == 0
    assert "click" in imported
    assert imported & HEAVY == set()


#: What a command loads only if there are pictures.
PICTURES = {
    "grader.files.picture_store",
    "grader.view.gallery",
    "grader.view.charts",
    "grader.view.figures",
    "grader.cli.exercise.plot",
}


@pytest.mark.parametrize("command", [["next"], ["list"], ["show", "t01"], ["grade", "t01"]], ids=" ".join)
def test_a_command_without_pictures_loads_nothing_that_draws_them(study: Study, command: list[str]) -> None:
    study("start", "t01")
    done = study(*command, PYTHONPROFILEIMPORTTIME="1")
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "grader.core.verdict" in imported
    assert imported & PICTURES == set()
