"""Where in the learner's file a check points to."""

import re
from collections.abc import Iterator

from msgspec import Struct

from grader.core.verdict import CheckResult
from grader.text.printable import clean


class GradedFile(Struct, frozen=True):
    """The file that was graded.

    Args:
        shown: Its name as it is in the messages of the verdict.
        path: Its name as the reader of the report has to find it.
        source: Its text; of a notebook what was gathered from its cells.
    """

    shown: str
    path: str
    source: str


class Place(Struct, frozen=True):
    """A line and a column of a file, both counted from 1; in a notebook, those of the cell number `cell`."""

    path: str
    line: int = 1
    column: int = 1
    cell: int | None = None


def find_place(check: CheckResult, submission: GradedFile) -> Place:
    """Return where a check points to: the innermost line that raised, else the function it called, else the top."""
    for pattern, entry in _candidates(check.message, clean(submission.shown)):
        if found := pattern.search(entry):
            return _place(found, submission)
    if submission.path.endswith(".ipynb"):  # its lines are not those of the text that was gathered
        return Place(submission.path)
    lines = submission.source.splitlines()
    number = next((line for name in _named(check.message) if (line := _find_definition(name, lines))), 1)
    return Place(submission.path, number, _indentation(lines, number))


def describe_cell(place: Place) -> str:
    """Say where in a notebook a place is, to stand before a message; nothing for other files."""
    return f"cell {place.cell} line {place.line}: " if place.cell is not None else ""


def _candidates(message: str, shown: str) -> Iterator[tuple[re.Pattern[str], str]]:
    """Yield (pattern, text to search it in), the most telling first."""
    where = rf"{re.escape(shown)}(?::(?P<line>\d+)(?::(?P<column>\d+))?| cell (?P<cell>\d+) line (?P<in_cell>\d+)(?: column (?P<in_column>\d+))?)"
    frame = re.compile(rf"at {{8}}{where}(?= in )")
    # What the learner's code says never begins a line of a message: its further lines are indented.
    yield from ((frame, line) for line in reversed(message.splitlines()) if line.startswith("at  "))
    headline = re.split(r"\n(?! )", message, maxsplit=1)[0]
    yield re.compile(rf"\({where}\)$", re.MULTILINE), headline


def _place(found: re.Match[str], submission: GradedFile) -> Place:
    if found["cell"] is not None:
        column = max(1, _number(found["in_column"])) if found["in_column"] else 1
        return Place(submission.path, _number(found["in_cell"]), column, _number(found["cell"]))
    lines = submission.source.splitlines()
    number = max(1, min(_number(found["line"]), len(lines)))
    column = _number(found["column"]) if found["column"] else _indentation(lines, number)
    return Place(submission.path, number, max(1, column))


def _number(digits: str) -> int:
    return int(digits[:9])  # Python refuses to read thousands of digits


def _named(message: str) -> Iterator[str]:
    """Yield what a message says was called, as it names it."""
    if called := re.search(r"^called {4}([^(]+)\(", message, re.MULTILINE):
        yield called[1]
    if quoted := re.match(r"`([^`]+)`", message):
        yield quoted[1]


def _find_definition(name: str, lines: list[str]) -> int | None:
    """Return the line that defines a function, a class, or `Class.method`; of several the last, which holds."""
    owner, _, last = name.removeprefix("the ").rpartition(".")
    begin, indent = 0, ""
    if owner:
        begin, indent = _find_last(rf"class {re.escape(owner)}\b", lines) or 0, r"\s+"
    if not re.fullmatch(r"\w+", last):
        return None
    # By the look of the line and not by parsing: the text may be anything, of any depth.
    found = _find_last(rf"{indent}(async def|def|class) {last}\b", lines[begin:], first=bool(owner))
    return begin + found if found else begin or None


def _find_last(pattern: str, lines: list[str], *, first: bool = False) -> int | None:
    numbers = (number for number, line in enumerate(lines, 1) if re.match(pattern, line))
    return next(numbers, None) if first else max(numbers, default=None)


def _indentation(lines: list[str], number: int) -> int:
    line = lines[number - 1] if number <= len(lines) else ""
    return len(line) - len(line.lstrip()) + 1
