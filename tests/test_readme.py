"""The console blocks of the README are run in an empty home, in order, and must print what they show."""

import re
from pathlib import Path

from tests.conftest import REPOSITORY, Study

BLOCKS = re.findall(r"```console\n(.*?)```", (REPOSITORY / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def test_readme_shows_what_the_commands_print(study: Study, home: Path) -> None:
    commands = [part for block in BLOCKS for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    assert len(commands) == 5
    for part in commands:
        command, _, shown = part.partition("\n")
        program, *arguments = command.split()
        assert program == "study"
        printed = study(*arguments, toy=False).stdout.replace(str(home), "~").replace(" study/", " ~/study/")
        # "…" alone in a line stands for any number of lines.
        pattern = re.escape(shown).replace(re.escape("…\n"), "(?s:.*\n)?")
        assert re.fullmatch(pattern, printed), f"$ {command}\n{printed}"


def test_readme_names_every_command() -> None:
    from grader.cli.main import study as group

    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert [name for name in group.commands if f"study {name}" not in text] == []


def test_the_two_commands_come_first() -> None:
    lines = (REPOSITORY / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line.split("#")[0].strip() for line in lines[4:6]] == ["make demo", "make test"]
