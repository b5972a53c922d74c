"""A log in a file waits for no driver of another database."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

_CODE = """\
import sys
from grader.progress.drivers import only_needed_drivers
with only_needed_drivers(sys.argv[1]):
    from grader.progress import ProgressStore
if "://" not in sys.argv[1]:
    with ProgressStore.open(sys.argv[1]) as store:
        store.record_start("e01")
print("psycopg" in sys.modules)
import psycopg
"""


@pytest.mark.parametrize(("place", "loaded"), [("study.db", "False"), ("postgresql://localhost/study", "True")])
def test_psycopg_is_loaded_only_for_a_log_in_postgresql(tmp_path: Path, place: str, loaded: str) -> None:
    """And whoever imports it afterwards finds it."""
    done = subprocess.run(
        [sys.executable, "-c", _CODE, place],
        cwd=tmp_path,
        env={"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == (f"{loaded}\n", "")


@pytest.mark.parametrize("command", ["next", "list", "progress"])
def test_a_command_that_looks_loads_no_driver(study, command: str) -> None:  # type: ignore[no-untyped-def]
    study("start", "double")
    done = study(command, PYTHONPROFILEIMPORTTIME="1")
    assert "peewee" in done.stderr
    assert "psycopg.pq" not in done.stderr  # it is looked for, and not found
