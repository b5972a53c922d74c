"""The console blocks of the README and of the guides are run in an empty home, in order, and must print what they show."""

from pathlib import Path

import pytest
from click import Context

from grader.cli.main import COMMANDS
from grader.cli.main import study as group
from tests.support.console_blocks import Reader
from tests.support.study import REPOSITORY, Study


@pytest.mark.parametrize(
    ("document", "commands"), [("README.md", 5), ("docs/getting-started.md", 11)], ids=["README", "getting started"]
)
def test_a_document_shows_what_the_commands_print(
    study: Study, home: Path, monkeypatch: pytest.MonkeyPatch, document: str, commands: int
) -> None:
    reader = Reader(study, home, monkeypatch)
    reader.follow((REPOSITORY / document).read_text(encoding="utf-8"))
    assert len(reader.commands) == commands


def test_the_two_commands_come_first() -> None:
    lines = (REPOSITORY / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line.split("#")[0].strip() for line in lines[4:6]] == ["make demo", "make test"]


def test_every_command_says_in_one_line_what_it_does() -> None:
    """The page of commands is made of these texts."""
    context = Context(group, info_name="study")
    first = {name: (group.get_command(context, name).help or "").strip().split("\n")[0] for name in COMMANDS}
    assert {name: line for name, line in first.items() if not line.endswith((".", ":"))} == {}
