"""Fixtures for all tests: an empty home, a warm grading process, and `study` as a user runs it."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.costs import Guard, begin_with_the_slow, mark
from tests.support.postgres_server import describe_postgres
from tests.support.programs import count_missing
from tests.support.study import REPOSITORY, TOY_COURSE, Study
from tests.support.warm_engine import WarmEngine

#: Before any test, so that it sees all that they start.
GUARD = Guard()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with what it costs, and run the slow ones first."""
    for item in items:
        mark(item)
    begin_with_the_slow(items)


def pytest_report_header() -> list[str]:
    names = os.environ.get("STUDY_NAMES_FILE")
    return [
        f"names corpus: {names or 'not given (STUDY_NAMES_FILE), tests on the real names are skipped'}",
        f"progress log on PostgreSQL: {describe_postgres()}",
    ]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count what was not tested, for want of a program."""
    for line in count_missing(str(report.longrepr) for report in terminalreporter.getreports("skipped")):
        terminalreporter.write_line(line)


@pytest.fixture(autouse=True)
def guard_of_quick_tests(request: pytest.FixtureRequest) -> Iterator[None]:
    """A quick test that starts an engine, a process of study, a shell or a browser fails."""
    with GUARD.refuse() if request.node.get_closest_marker("quick") else contextlib.nullcontext():
        yield


@pytest.fixture(autouse=True)
def terminal_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever terminal the tests were started from, they look the same: its width and kind are not theirs."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, without a network, in which no setting of the developer's is left."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith(("STUDY_", "XDG_", "NO_COLOR", "FORCE_COLOR"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("STUDY_OFFLINE", "1")
    monkeypatch.setenv("STUDY_SERVER", "off")  # the developer's own would answer; tests about servers say so
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def study(home: Path) -> Study:
    """Run the command in the empty home; `toy=True` (the default) uses the toy course."""

    def run(
        *arguments: str, toy: bool = True, timeout_s: float = 120, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        course = {"STUDY_COURSE": str(TOY_COURSE)} if toy else {}
        return subprocess.run(
            [sys.executable, "-m", "grader", *arguments],
            env=os.environ | course | {"PYTHONPATH": str(REPOSITORY)} | environ,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def warm_engine() -> Iterator[WarmEngine]:
    """A process that has torch loaded and forks an engine for every grade."""
    engine = WarmEngine()
    yield engine
    engine.close()
