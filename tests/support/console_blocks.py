"""Documents whose console blocks are run, in order and in an empty home, and must print what they show.

In a block, `$ ` starts a command: `study ...`, `cd FOLDER`, `export NAME=VALUE` or `unset NAME`. A line that holds only …
stands for any number of lines, and a number with a decimal point for any such number. Outside, a line `` `PATH`: `` above a fenced block says that the block is written to that file, and
`` `PATH`, its `KEY`: `` that it takes the place of one top-level key of a YAML file.
"""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.study import Study

_FENCED = re.compile(
    r"(?:^`(?P<path>[^`\n]+)`(?:, its `(?P<key>\w+)`)?:\n\n)?^```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.M | re.S
)

#: In a pattern: a time, or what a computation gave, which may differ in its last digit.
_DECIMAL = re.compile(r"(?:\\-)?\d+\\\.\d+(?:e(?:\\-)?\d+)?")


class Reader:
    """Somebody who does what a document says, from an empty home."""

    def __init__(self, study: Study, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._study = study
        self._home = home
        self._monkeypatch = monkeypatch
        self._folder = home
        self.commands: list[str] = []

    def follow(self, text: str) -> None:
        """Write every file and run every command of a document."""
        for block in _FENCED.finditer(text):
            if block["kind"] == "console":
                for part in re.split(r"^\$ ", block["body"], flags=re.MULTILINE)[1:]:
                    command, _, shown = part.partition("\n")
                    self._type(command, shown)
            elif block["path"]:
                self._write(self._folder / self._expand(block["path"]), block["key"], block["body"])

    def _type(self, command: str, shown: str) -> None:
        self.commands.append(command)
        program, *arguments = (self._expand(word) for word in shlex.split(command, comments=True))
        printed = _BUILT_IN[program](self, *arguments) if program in _BUILT_IN else self._run(program, arguments)
        pattern = re.escape(shown).replace(re.escape("…\n"), "(?s:.*\n)?")
        pattern = _DECIMAL.sub(lambda _: r"-?\d+\.\d+(?:e-?\d+)?", pattern)
        assert re.fullmatch(pattern, printed), f"$ {command}\n{printed}"

    def _run(self, program: str, arguments: list[str]) -> str:
        assert program == "study", f"{program} is not run here"
        printed = self._study(*arguments, toy=False).stdout.replace(str(self._home), "~")
        # In the home itself paths are shown from there; a document shows them as they are from anywhere.
        return printed.replace(" study/", " ~/study/") if self._folder == self._home else printed

    def _cd(self, folder: str) -> str:
        self._folder = (self._folder / self._expand(folder)).resolve()
        self._monkeypatch.chdir(self._folder)
        return ""

    def _export(self, assignment: str) -> str:
        name, _, value = assignment.partition("=")
        self._monkeypatch.setenv(name, self._expand(value))
        return ""

    def _unset(self, name: str) -> str:
        self._monkeypatch.delenv(name)
        return ""

    def _expand(self, word: str) -> str:
        return str(self._home) + word[1:] if word == "~" or word.startswith("~/") else word

    def _write(self, file: Path, key: str | None, body: str) -> None:
        if key is None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(body, encoding="utf-8")
            return
        # The key's line, and what follows it up to the next one.
        changed, found = re.subn(rf"^{key}:.*\n(?:[ #-].*\n|\n)*", lambda _: body, file.read_text("utf-8"), flags=re.M)
        assert found == 1, f"{file} has {found} keys {key}"
        file.write_text(changed, encoding="utf-8")


_BUILT_IN: dict[str, Callable[..., str]] = {"cd": Reader._cd, "export": Reader._export, "unset": Reader._unset}
