"""The guard of quick tests: what it refuses, however it is started, and what it lets through."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.engine.server import client


def ask_a_server() -> None:
    with socket.socket(socket.AF_UNIX) as link:
        link.connect("/nowhere/a.sock")


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(lambda: subprocess.run([sys.executable, "-m", "grader", "list"], check=True), id="command"),
        pytest.param(lambda: subprocess.run(["/usr/bin/study", "list"], check=True), id="installed command"),
        pytest.param(lambda: subprocess.run("true", shell=True, check=True), id="shell of subprocess"),
        pytest.param(lambda: os.system("true"), id="os.system"),
        pytest.param(lambda: subprocess.Popen(["chromium", "--headless"]), id="browser"),
        pytest.param(lambda: subprocess.Popen([sys.executable, "-P", "-m", "grader.engine"]), id="engine"),
        pytest.param(client.start_in_background, id="server"),
        pytest.param(ask_a_server, id="asking a server"),
    ],
)
def test_a_quick_test_cannot_start_what_is_costly(
    start: Callable[[], object], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDY_SERVER", "on")
    with pytest.raises(AssertionError, match="a quick test starts"):
        start()


def test_a_quick_test_may_run_python() -> None:
    done = subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


def test_tests_of_this_folder_are_quick_unless_they_ask_for_more(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("quick") is not None
    whole = [item for item in request.session.items if "tests/unit" in str(item.path)]
    for item in whole:
        asks = {"study", "warm_engine", "postgres_url"} & set(item.fixturenames)
        assert not (asks and item.get_closest_marker("quick")), item.nodeid
