"""The console, and text that cannot do harm: learners' words reach it without markup or control codes."""

import os
import re
import sys
from collections.abc import Iterator
from typing import Any, TextIO

from rich.console import Console, Group
from rich.style import Style
from rich.text import Text

from grader.text import columns, glyphs
from grader.text.printable import clean

#: Lines of a statement that begin so do not go on with the line before: lists, code, and nothing at all.
_BEGINS_ANEW = re.compile(r"- |\d+\. | {4}|$")


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Let the command's entry point decide; rich itself would exit with 1, which means "not solved"."""
        raise BrokenPipeError

    def print(self, *objects: Any, **options: Any) -> None:
        """Print; on a terminal, or where COLUMNS says so, lines are broken at words."""
        width = columns.columns_of(self.file)
        if width is not None:
            objects = tuple(self._fold(part, width) for part in objects)
        super().print(*objects, **options)

    def _fold(self, part: Any, width: int) -> Any:
        if isinstance(part, Group):
            return Group(*(self._fold(inner, width) for inner in part.renderables))
        if not isinstance(part, Text) or part.no_wrap:
            return part
        if isinstance(part, Prose):
            part = part.join_lines()
        rows = (piece for row in part.split("\n", allow_blank=True) for piece in self._break(row, width))
        return Text("\n").join(rows)

    def _break(self, row: Text, width: int) -> Iterator[Text]:
        ascii_only = glyphs.is_ascii(self.encoding)
        cells = (lambda text: len(glyphs.to_ascii(text))) if ascii_only else columns.measure
        hang, pieces = columns.break_line(row.plain, width, cells)
        for number, (start, end) in enumerate(pieces):
            piece = row[start:end]
            yield Text(" " * hang).append_text(piece) if number and hang else piece


class Prose(Text):
    """A paragraph, whose lines may be joined where they are broken again."""

    def join_lines(self) -> Text:
        """Return it as one line."""
        return Text(" ").join(Text(row.plain.strip()) if number else row for number, row in enumerate(self.split("\n")))


def make_console(file: TextIO | None = None) -> Console:
    """Return a console that reads no markup, colours only a terminal, and respects NO_COLOR."""
    file = file or sys.stdout
    # rich would take any number from COLUMNS, 0 too, and then show nothing.
    width = (columns.columns_of(file) or columns.DEFAULT) if "COLUMNS" in os.environ else None
    return _Console(file=file, width=width, markup=False, highlight=False, emoji=False, soft_wrap=True)


def can_redraw(console: Console) -> bool:
    """Tell whether lines may be drawn over: on a terminal that can, and that no screen reader reads line by line."""
    return console.is_terminal and not console.is_dumb_terminal


def line(*parts: str | tuple[str, str]) -> Text:
    """Build one line from texts and (text, style) pairs; every text is cleaned."""
    text = Text()
    for part in parts:
        body, style = part if isinstance(part, tuple) else (part, "")
        text.append(clean(body), style)
    return text


def prose(text: str) -> list[Text]:
    """Build the paragraphs, lists and pieces of code of a longer text; every text is cleaned."""
    parts: list[str] = []
    in_code = False
    for row in text.rstrip().splitlines():
        again = _BEGINS_ANEW.match(row) is not None
        if parts and not again and not in_code and parts[-1]:
            parts[-1] += f"\n{row}"
        else:
            parts.append(row)
        in_code = row.startswith("    ")
    return [Text(clean(part), no_wrap=True) if part.startswith("    ") else Prose(clean(part)) for part in parts]


def link(url: str) -> Text:
    """Return an address as itself, clickable where the terminal can."""
    safe = clean(url).replace("\n", "\\n").replace("\t", "\\t")  # inside a link no line may end
    return Text(safe, Style(underline=True, link=safe if links_wanted() else None))


def links_wanted() -> bool:
    """Tell whether links may be printed; whether they are, the console decides, which prints none into files."""
    return os.environ.get("STUDY_LINKS", "").lower() != "off" and os.environ.get("TERM") != "dumb"
