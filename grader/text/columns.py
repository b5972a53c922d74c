"""Break lines at words, so that they fit a terminal; addresses, paths and ids stay in one piece. Pure but for sizes."""

import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import IO

#: Narrower than this a hanging indent leaves no room for words.
_NARROWEST = 20
DEFAULT = 80
#: A number stays with its unit.
_WORD = re.compile(r"\(?\d+ (?:min|points?|s)\b\S*|\S+")
#: What an editor looks for, `path:line:column: message`, is of use on one line only.
_PROBLEM = re.compile(r"[^\s\d:]:\d+:\d+: ")
#: What the following lines of a broken one are indented by: the mark in front, and a label with two spaces behind it.
_MARK = re.compile(r" *(?:[✓✗–!·•-] +|\d+\. +)?")
_LABEL = re.compile(r"(?:(?:next|study|course|pictures|still stuck): |\S+(?: \S+){0,3}? {2,})?")


def columns_of(stream: IO[str], environ: Mapping[str, str] = os.environ) -> int | None:
    """Return how wide lines may be: COLUMNS, else the terminal's width; None where it is neither set nor a terminal.

    What is read by another program keeps its lines whole.
    """
    chosen = environ.get("COLUMNS", "")
    if chosen.isascii() and chosen.isdigit() and int(chosen) > 0:
        return max(int(chosen), _NARROWEST)
    try:
        if not stream.isatty():
            return None
        return max(os.get_terminal_size(stream.fileno()).columns or DEFAULT, _NARROWEST)
    except (OSError, ValueError):  # closed, or no file of the system's
        return None


def measure(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def break_line(text: str, width: int, measure: Callable[[str], int] = measure) -> tuple[int, list[tuple[int, int]]]:
    """Find where one line has to be broken.

    Args:
        text: One line, without line ends.
        width: How many cells it may take. A word that is longer stays whole.
        measure: How many cells a text takes.

    Returns:
        The indent of all lines but the first, and (start, end) of each line in the text.
    """
    if measure(text) <= width or _PROBLEM.search(text):
        return 0, [(0, len(text))]
    lead = _find_lead(text, width, measure)
    hang = measure(text[:lead])
    pieces: list[tuple[int, int]] = []
    start, end, used = 0, 0, 0
    for word in _WORD.finditer(text):
        gap = measure(text[end : word.start()])
        size = measure(word[0])
        # Behind a label alone nothing is broken: `wrote  PATH` is one thing, however long the path.
        if word.start() > lead and text[start:end].strip() and used + gap + size > width:
            pieces.append((start, end))
            start, used, gap = word.start(), hang, 0
        used += gap + size
        end = word.end()
    return hang, [*pieces, (start, end)]


def _find_lead(text: str, width: int, measure: Callable[[str], int]) -> int:
    """Return where the text behind the mark or label begins."""
    mark = _MARK.match(text)
    assert mark is not None
    label = _LABEL.match(text, mark.end())
    assert label is not None
    for end in (label.end(), mark.end()):
        if measure(text[:end]) <= width // 2:
            return end
    return 0


def fold(text: str, width: int | None, measure: Callable[[str], int] = measure) -> str:
    """Break every line of a text; with None for a width it stays as it is."""
    return text if width is None else "\n".join(part for row in text.split("\n") for part in _fold(row, width, measure))


def _fold(row: str, width: int, measure: Callable[[str], int]) -> Iterator[str]:
    hang, pieces = break_line(row, width, measure)
    for number, (start, end) in enumerate(pieces):
        yield (" " * hang if number else "") + row[start:end]
