"""The console blocks of the README are run in an empty home, in order, and must print what they show."""

from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, Study
from tests.console_blocks import Reader


def test_readme_shows_what_the_commands_print(study: Study, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(study, home, monkeypatch)
    reader.follow((REPOSITORY / "README.md").read_text(encoding="utf-8"))
    assert len(reader.commands) == 12


def test_readme_names_every_command() -> None:
    from grader.cli.main import COMMANDS

    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"study {name}" not in text] == []


def test_the_two_commands_come_first() -> None:
    lines = (REPOSITORY / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line.split("#")[0].strip() for line in lines[4:6]] == ["make demo", "make test"]
