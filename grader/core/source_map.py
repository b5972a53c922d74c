"""Where a line of what was graded stands for the learner: in a file, or in a cell of a notebook."""

import re
from bisect import bisect_right
from collections.abc import Sequence

from msgspec import Struct

_LINE_END = re.compile(r"\r\n|\r|\n")
#: How Python itself names another line of the file in the text of a syntax error.
_ON_LINE = re.compile(r"\bon line ([0-9]{1,7})\b")


class Span(Struct, frozen=True, array_like=True):
    """Lines that were taken from one cell: from line `start` on (from 1) they are its lines from `row` on."""

    start: int
    cell: str
    row: int


class SourceMap:
    """The learner's text as it was graded, and the names of its lines: the one place where a line is named.

    Args:
        path: The file's name as the learner knows it; may be empty if cells are name enough.
        source: What was graded.
        spans: Where it was gathered from, in order; empty for a plain file, whose lines are its own.
    """

    def __init__(self, path: str, source: str, spans: Sequence[Span] = ()) -> None:
        self._path = path
        self._name = path.rpartition("/")[2]
        self._lines = _LINE_END.split(source)
        self._spans = spans
        self._starts = [span.start for span in spans]

    def place(self, line: int, column: int | None = None) -> str:
        """Name a place: `e01_add.py:3:5`, or `e01_add.ipynb cell 4 line 2 column 5`."""
        if not self._spans:
            return f"{self._path}:{line}" + (f":{column}" if column else "")
        where = f"{self._cell(line)} line {self._row(line)}" + (f" column {column}" if column else "")
        return f"{self._path} {where}" if self._path else where

    def quote(self, line: int | None) -> list[str]:
        """Show a line as a line of a message, or nothing if there is no such line."""
        if line is None or not 1 <= line <= len(self._lines):
            return []
        return [f"          {self._row(line)} | {self._lines[line - 1].strip()[:120]}"]

    def rename_in_error(self, text: str) -> str:
        """Name the lines that a syntax error's text speaks of ("... on line 3")."""
        if not self._spans:
            return text
        return _ON_LINE.sub(lambda match: f"in {self._cell(int(match[1]))} line {self._row(int(match[1]))}", text)

    def rename_in_traceback(self, text: str) -> str:
        """Name the lines of a traceback that the learner's code has printed."""
        if not self._spans or not self._name:
            return text
        frame = re.compile(rf'File "{re.escape(self._name)}", line ([0-9]{{1,7}})\b')
        return frame.sub(lambda match: self.place(int(match[1])), text)

    def _span(self, line: int) -> Span:
        return self._spans[max(bisect_right(self._starts, line) - 1, 0)]

    def _cell(self, line: int) -> str:
        return self._span(line).cell

    def _row(self, line: int) -> int:
        if not self._spans:
            return line
        span = self._span(line)
        return max(span.row + line - span.start, 1)
