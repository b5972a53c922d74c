"""Show two solutions: side by side where there is room, else one below the other; the marks need no colour."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len, chop_cells
from rich.console import Group, RenderableType
from rich.text import Text

from grader.text.console import line
from grader.text.printable import clean
from grader.view.next_step import count
from grader.view.solution_diff import Comparison, DiffRow, Mark, find_hunks, pair_lines, unify_part

#: From this many columns on two solutions fit beside each other.
WIDE = 120
_LEGEND = "- only in yours   + only in ours"
_WIDE_LEGEND = "- only in yours   + only in ours   ~ differs   docstrings are left out"
#: How far the rest of a cut line is indented.
_HANG = 8
#: Nobody writes such a line by hand; it is cut anywhere.
_MOST_CHARACTERS = 2000
#: Between the two columns.
_SIGNS: dict[Mark, tuple[str, str]] = {
    "same": (" ", ""),
    "changed": ("~", "yellow"),
    "yours": ("-", "red"),
    "ours": ("+", "green"),
}


def render_comparison(found: Sequence[Comparison], *, yours: str, width: int | None) -> RenderableType:
    """Show what differs, definition by definition; equal ones are only named.

    Args:
        found: The definitions.
        yours: What the learner's text is, in words.
        width: How many columns there are; None where lines are not cut.
    """
    wide = width is not None and width >= WIDE
    legend = _WIDE_LEGEND if wide else f"{_LEGEND}   docstrings are left out"
    lines = [line(("yours", "bold"), f"  {yours}"), line((legend, "dim"))]
    for part in found:
        lines += [Text(), *_render_part(part, width, wide=wide)]
    return Group(*lines)


def _render_part(part: Comparison, width: int | None, *, wide: bool) -> Iterator[Text]:
    name = part.name or "imports and what is between the definitions"
    if part.same:
        yield line((name, "bold"), ": the same")
        return
    only = ": only in ours" if not part.yours else ": only in yours" if not part.ours else ""
    yield line((name, "bold"), only)
    yield from _render_beside(part, width or WIDE) if wide else _render_below(part, width)


def _leave_out_equal(rows: Sequence[DiffRow]) -> Iterator[DiffRow | int]:
    """Give the rows that differ with some around them, and in between how many are left out."""
    shown = 0
    for start, end in find_hunks(rows):
        if start > shown:
            yield start - shown
        yield from rows[start:end]
        shown = end
    if len(rows) > shown:
        yield len(rows) - shown


def _render_gap(rows: int) -> Text:
    return line((f"      … {count(rows, 'line')} the same", "dim"))


def _render_below(part: Comparison, width: int | None) -> Iterator[Text]:
    for row in _leave_out_equal(unify_part(part)):
        if isinstance(row, int):
            yield _render_gap(row)
            continue
        sign, style = _SIGNS[row.mark]
        text = row.yours if row.yours is not None else row.ours or ""
        for piece in _cut(text, None if width is None else width - 2):
            yield Text(f"{sign} {piece}".rstrip(), style, no_wrap=True)


def _render_beside(part: Comparison, width: int) -> Iterator[Text]:
    room = (width - 3) // 2
    for row in _leave_out_equal(pair_lines(part)):
        if isinstance(row, int):
            yield _render_gap(row)
            continue
        sign, style = _SIGNS[row.mark]
        left, right = (_cut(text, room) if text is not None else [] for text in (row.yours, row.ours))
        for number in range(max(len(left), len(right))):
            mine = left[number] if number < len(left) else ""
            other = right[number] if number < len(right) else ""
            pad = " " * (room - cell_len(mine))
            yield Text(f"{mine}{pad} {sign} {other}".rstrip(), style, no_wrap=True)


def _cut(text: str, room: int | None) -> list[str]:
    """Make a line of code safe, and cut it at a space before the column ends; nothing of it is lost."""
    rest = clean(text.replace("\t", "    "))
    if room is None:
        return [rest]
    if len(rest) > _MOST_CHARACTERS:
        return chop_cells(rest, room)
    pieces: list[str] = []
    lead = len(rest) - len(rest.lstrip())
    indent = min(lead + _HANG, room // 2)
    while cell_len(rest) > room:
        head = chop_cells(rest, room)[0]
        at = head.rfind(" ", (indent if pieces else lead) + 1)
        at = len(head) if at < 0 else at
        pieces.append(head[:at].rstrip())
        rest = " " * indent + rest[at:].lstrip()
    return [*pieces, rest]
