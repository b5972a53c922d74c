"""Find what IPython adds to Python in a cell: magics, shell lines, questions. They are taken out, never run."""

import re
from collections.abc import Iterator

from msgspec import Struct

_CELL_MAGIC = re.compile(r"%%([A-Za-z_][\w.]*)?[^\n]*")
_MAGIC = re.compile(
    r"""\s*(?:
        (?P<magic>%[A-Za-z_][\w.]*) | (?P<shell>!) | (?P<help>\?{1,2}\s*%{0,2}[\w.*]+\s*$)
        | (?:[A-Za-z_][\w.,\s\[\]'"*]*=\s*)(?P<assigned>%[A-Za-z_][\w.]*|!(?!=))
        | (?P<asked>%{0,2}[A-Za-z_][\w.*]*\?{1,2}\s*(?:\#.*)?$)
    )""",
    re.VERBOSE,
)
_STRING = re.compile(r"""[A-Za-z]{0,2}(\"{3}|'{3}|\"|')""")


class Magic(Struct, frozen=True):
    """One line that is not Python: where it starts (from 1), and what it is called."""

    row: int
    name: str


def find_cell_magic(text: str) -> tuple[str, str, int] | None:
    """Return (name, arguments, row of the line) if the cell's first line that is not empty is a cell magic."""
    for row, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        if not (match := _CELL_MAGIC.match(line)):
            return None
        name = match[1] or ""
        return name, line[2 + len(name) :].strip(), row
    return None


def take_out_magics(text: str) -> tuple[str, list[Magic]]:
    """Replace what is not Python by nothing, or by `pass` where it is indented; no line moves.

    Only a line that begins a statement can be a magic: `% n` within brackets or a string is Python.
    """
    lines = text.split("\n")
    found: list[Magic] = []
    for start, end in _statements(lines):
        first = lines[start]
        match = _MAGIC.match(first)
        if not match:
            continue
        found.append(Magic(start + 1, _name(match, first)))
        indent = first[: len(first) - len(first.lstrip())]
        lines[start] = f"{indent}pass" if indent else ""
        for index in range(start + 1, end):
            lines[index] = ""
    return "\n".join(lines), found


def _name(match: re.Match[str], line: str) -> str:
    magic = match["magic"] or match["assigned"]
    if magic and magic != "!":
        return magic
    if match["shell"] or magic:
        return "!" + (line.partition("!")[2].split() or [""])[0]
    return line.strip()


def _statements(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Yield (first line, line after the last) of what begins where no bracket and no string is open."""
    index = 0
    while index < len(lines):
        start = index
        if _MAGIC.match(lines[index]):  # its quotes and brackets are not Python's
            while lines[index].endswith("\\") and index + 1 < len(lines):
                index += 1
            index += 1
        else:
            index = _end_of_statement(lines, index)
        yield start, index


def _end_of_statement(lines: list[str], index: int) -> int:
    """Return the line after the statement that begins at `index`."""
    depth, quote = 0, ""
    while index < len(lines):
        line, at, continued = lines[index], 0, False
        while at < len(line):
            if quote:
                at, quote = _skip_string(line, at, quote)
                continue
            if match := _STRING.match(line, at):
                quote, at = match[1], match.end()
                continue
            character = line[at]
            if character == "#":
                break
            if character == "\\" and at == len(line) - 1:
                continued = True
            depth += (character in "([{") - (character in ")]}")
            at += 1
        if len(quote) == 1 and not line.endswith("\\"):  # it ends with its line, right or not
            quote = ""
        index += 1
        if not quote and depth <= 0 and not continued:
            return index
    return index


def _skip_string(line: str, at: int, quote: str) -> tuple[int, str]:
    """Go on within a string; returns where it ends and the quote that is then still open."""
    while at < len(line):
        if line[at] == "\\":
            at += 2
        elif line.startswith(quote, at):
            return at + len(quote), ""
        else:
            at += 1
    return at, quote
