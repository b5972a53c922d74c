"""Say what is wrong with the syntax of a YAML file, in the author's words and not in the parser's."""

import re
from typing import Any

import yaml
from msgspec import Struct

#: The line ends that the parser counts.
LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
#: What looks like a space, like nothing or like a colon, and is a letter to the parser.
ODD = re.compile("[\xa0\xad\u1680\u2000-\u200f\u202a-\u202f\u205f-\u206f\u3000\ufeff\uff1a]")

_CONFLICT = re.compile(r"(<<<<<<<|=======|>>>>>>>)( |$)")
_TAB = "a tab is where only spaces can be; indent with spaces"
#: What the parser says -> what to say, and whether it is about the place where the construct was opened.
_SYNTAX = {
    "found unexpected end of stream": ("the quote that opens here is never closed; close it", True),
    "did not find expected ',' or ']'": ("the list that opens here lacks a comma or its ]; add it", True),
    "did not find expected ',' or '}'": ("the mapping that opens here lacks a comma or its }; add it", True),
    "mapping values are not allowed in this context": (
        "no key can come before this colon; put a text that holds a colon in quotes, or correct the indentation",
        False,
    ),
    "did not find expected key": ("this does not line up with the keys above; correct the indentation", False),
    "did not find expected '-' indicator": ("this does not line up with the list above; indent it, or add `- `", False),
    "could not find expected ':'": ("this line has no `key:`; add it, or indent the text it belongs to", True),
    "found a tab character that violates indentation": (_TAB, False),
    "found a tab character where an indentation space is expected": (_TAB, False),
    "did not find expected node content": ("a value is missing here, or a list above is not closed; add it", False),
    "block sequence entries are not allowed in this context": (
        "no list can start behind other text; put each `- ` on a line of its own",
        False,
    ),
    "found unknown escape character": (
        "a backslash in double quotes starts an escape; write two of them, or put the text in single quotes",
        False,
    ),
    "did not find expected alphabetic or numeric character": (
        "a text that starts with * or & has to be in quotes; add them",
        True,
    ),
    "did not find expected <document start>": ("a line `...` above ends the file too early; remove that line", False),
}
#: A line that lacks a space, what the parser says of it, and what to say.
_SPACES = (
    (
        re.compile(r" *-(?=[^\s-])"),
        "mapping values are not allowed in this context",
        "this dash sticks to its text; write a space behind it",
    ),
    (
        re.compile(r"[ -]*\w+:(?=\S)"),
        "could not find expected ':'",
        "this colon sticks to its text; write a space behind it",
    ),
)
#: What the parser says of text that is left over behind a value.
_LEFT_OVER = ("did not find expected key", "did not find expected '-' indicator")


class SyntaxProblem(Struct, frozen=True):
    """What is wrong, at a line and a column from 0."""

    line: int
    column: int
    text: str


def explain(error: yaml.YAMLError, last: Any, bracket: Any, lines: list[str]) -> SyntaxProblem:
    """Say what is wrong.

    Args:
        error: What the parser raised.
        last: The last event that was right, or None.
        bracket: The event of the innermost [ or { that is still open, or None.
        lines: The lines of the file.
    """
    what = getattr(error, "problem", None) or "this is not YAML"
    default = f"{what}; check the indentation, colons and quotes here"
    said, at_opening = _SYNTAX.get(what, (default, False))
    marks: list[Any] = [getattr(error, name, None) for name in ("context_mark", "problem_mark")]
    mark = next((mark for mark in (marks if at_opening else marks[::-1]) if mark is not None), None)
    if mark is None:
        return SyntaxProblem(0, 0, said)
    found = SyntaxProblem(mark.line, mark.column, said)
    return _explain_by_text(found, what, lines) or _explain_by_last(found, what, last, bracket, lines) or found


def _explain_by_text(found: SyntaxProblem, what: str, lines: list[str]) -> SyntaxProblem | None:
    """Say it better where the text shows what went wrong, whatever the parser makes of it."""
    conflict = next((n for n, text in enumerate(lines) if _CONFLICT.match(text)), None)
    if conflict is not None:
        return SyntaxProblem(conflict, 0, "a merge conflict is left here; decide for one side and remove the marks")
    for line in (found.line, found.line - 1):
        if 0 <= line < len(lines) and (odd := ODD.search(lines[line])):
            meant = "a colon" if odd[0] == "\uff1a" else "a plain space, or nothing"
            said = f"the character U+{ord(odd[0]):04X} is here, which YAML takes for a letter; write {meant}"
            return SyntaxProblem(line, odd.start(), said)
    for pattern, spoils, said in _SPACES:
        if what == spoils and (glued := pattern.match(lines[found.line])):
            return SyntaxProblem(found.line, glued.end() - 1, said)
    return None


def _explain_by_last(
    found: SyntaxProblem, what: str, last: Any, bracket: Any, lines: list[str]
) -> SyntaxProblem | None:
    """Say it better where what was read before tells what went wrong: a quote, a bracket or a block of text."""
    if what == "found character that cannot start any token":
        start = lines[found.line][found.column]
        said = _TAB if start == "\t" else f"no text can start with {start}; put it in quotes"
        return SyntaxProblem(found.line, found.column, said)
    if what == "did not find expected node content" and bracket and not "".join(lines[found.line :]).strip():
        kind, closing = ("list", "]") if isinstance(bracket, yaml.SequenceStartEvent) else ("mapping", "}")
        opened: Any = bracket.start_mark
        return SyntaxProblem(
            opened.line, opened.column, f"the {kind} that opens here is never closed; add its {closing}"
        )
    if isinstance(last, yaml.ScalarEvent) and last.style in ('"', "'"):
        return _explain_by_quote(found, what, last)
    left_over = what in _LEFT_OVER
    if left_over and isinstance(last, yaml.SequenceEndEvent | yaml.MappingEndEvent):
        end: Any = last.end_mark
        if end.line == found.line and lines[end.line][max(end.column - 1, 0) : end.column] in ("]", "}"):
            said = "this follows a closed bracket; put the whole text in quotes, or leave this out"
            return SyntaxProblem(found.line, found.column, said)
    if isinstance(last, yaml.ScalarEvent) and last.style in ("|", ">"):
        block: Any = last.start_mark
        owner = lines[block.line]
        if (left_over or what == "could not find expected ':'") and found.column > len(owner) - len(owner.lstrip(" -")):
            said = "this is indented less than the first line of its text; indent all lines the same"
            return SyntaxProblem(found.line, found.column, said)
    return None


def _explain_by_quote(found: SyntaxProblem, what: str, last: Any) -> SyntaxProblem | None:
    start, end = last.start_mark, last.end_mark
    if start.line < end.line == found.line:  # it ran on to the next quote, and what follows that is left over
        said = f"the quote that opens here ends only in line {end.line + 1}; close it where it should end"
        return SyntaxProblem(start.line, start.column, said)
    if what in _LEFT_OVER and end.line == found.line:
        inside = '\\"' if last.style == '"' else "''"
        said = f"the quote before this ends the text; inside of the quotes write {inside} for {last.style}"
        return SyntaxProblem(found.line, found.column, said)
    return None
