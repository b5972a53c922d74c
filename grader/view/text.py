"""The console, and text that cannot do harm: learners' words reach it without markup or control codes."""

import os
import sys
from typing import TextIO

from rich.console import Console
from rich.style import Style
from rich.text import Text

from grader.printable import clean


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Let the command's entry point decide; rich itself would exit with 1, which means "not solved"."""
        raise BrokenPipeError


def make_console(file: TextIO | None = None) -> Console:
    """Return a console that reads no markup, colours only a terminal, and respects NO_COLOR."""
    return _Console(file=file or sys.stdout, markup=False, highlight=False, emoji=False, soft_wrap=True)


def line(*parts: str | tuple[str, str]) -> Text:
    """Build one line from texts and (text, style) pairs; every text is cleaned."""
    text = Text()
    for part in parts:
        body, style = part if isinstance(part, tuple) else (part, "")
        text.append(clean(body), style)
    return text


def link(url: str) -> Text:
    """Return an address as itself, clickable where the terminal can."""
    safe = clean(url).replace("\n", "\\n").replace("\t", "\\t")  # inside a link no line may end
    return Text(safe, Style(underline=True, link=safe if links_wanted() else None))


def links_wanted() -> bool:
    """Tell whether links may be printed; whether they are, the console decides, which prints none into files."""
    return os.environ.get("STUDY_LINKS", "").lower() != "off" and os.environ.get("TERM") != "dumb"
