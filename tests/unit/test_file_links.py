"""Places in a verdict are links on a terminal, and nowhere else."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from grader.text.console import link
from grader.text.file_links import link_places
from grader.view.verdict import render_verdict
from tests.support.verdicts import make_check, make_verdict

FILE = Path("/home/me/my study/a.py")
NAME = "my study/a.py"
LINK = re.compile(r"\x1b\]8;[^;]*;([^\x1b]+)\x1b\\(.*?)\x1b\]8;;\x1b\\")


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STUDY_LINKS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def links_of(*messages: str, terminal: bool = True) -> list[tuple[str, str]]:
    """Return (address, text) of every link in a verdict as it is shown."""
    verdict = make_verdict(*(make_check("errored", message) for message in messages))
    console = Console(file=io.StringIO(), force_terminal=terminal, color_system="standard" if terminal else None)
    console.print(link_places(render_verdict(verdict, "A title"), FILE, NAME), soft_wrap=True)
    file = console.file
    assert isinstance(file, io.StringIO)
    return [(found[1], re.sub(r"\x1b\[[\d;]*m", "", found[2])) for found in LINK.finditer(file.getvalue())]


FRAME = f"`double` raised E\nat        {NAME}:4 in double"


def test_a_place_leads_to_the_file() -> None:
    uri = "file:///home/me/my%20study/a.py"
    assert links_of(FRAME, f"SyntaxError: no ({NAME}:4:7)") == [(uri, f"{NAME}:4"), (uri, f"{NAME}:4:7")]


def test_a_place_in_a_notebook_leads_to_the_notebook() -> None:
    told = "SyntaxError: no (my study/a.py cell 4 line 2 column 7)"
    assert links_of(told) == [("file:///home/me/my%20study/a.py", "my study/a.py cell 4 line 2 column 7")]


def test_what_the_learner_wrote_does_not_become_a_link() -> None:
    assert links_of(f"`double` raised E: x\n          at        {NAME}:4 in double") == []
    assert links_of("at        other.py:4 in double") == []


def test_links_are_not_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert len(links_of(FRAME)) == 1


@pytest.mark.parametrize(("name", "value"), [("STUDY_LINKS", "off"), ("STUDY_LINKS", "OFF"), ("TERM", "dumb")])
def test_links_can_be_switched_off(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    assert link("https://a.example").style != ""
    monkeypatch.setenv(name, value)
    assert links_of(FRAME) == []
    shown = link("https://a.example")
    assert shown.plain == "https://a.example"
    assert "link" not in str(shown.style)


def test_a_file_gets_no_links() -> None:
    assert links_of(FRAME, terminal=False) == []
