"""Show what a search has found, and what an import would do."""

import difflib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from grader.progress.records import Progress
from grader.readings.search import Hit
from grader.text.console import line
from grader.view.next_step import count, state_of

if TYPE_CHECKING:
    from grader.readings.import_plan import ImportPlan, ImportRow
    from grader.readings.writing import Draft

#: More would push the best ones off the screen.
MOST_HITS = 20
#: Of more entries that are known already, only those are shown that were recognised by their titles.
MOST_KNOWN = 12

_MARKS = {"known": ("=", "dim"), "new": ("+", "green"), "unclear": ("?", "yellow"), "left out": ("-", "yellow")}


def render_hits(hits: Sequence[Hit], progress: Progress) -> RenderableType:
    """Show the readings found, the best first, with the places where the words stand."""
    if not hits:
        return line("no reading holds all of these words; `study list --readings` shows all of them")
    lines: list[Text] = []
    for hit in hits[:MOST_HITS]:
        state = state_of(progress, hit.reading.id)
        by = f"  {', '.join(hit.reading.authors[:3])}" if hit.reading.authors else ""
        lines.append(line((hit.reading.id, "bold cyan"), f"  {hit.reading.title}", (f"{by}  ({state})", "dim")))
        lines += [line((f"    {kind}: ", "dim"), text) for kind, text in hit.found[:3]]
    more = len(hits) - MOST_HITS
    lines.append(
        line((f"{count(len(hits), 'reading')}{f', the first {MOST_HITS} are shown' if more > 0 else ''}", "dim"))
    )
    return Group(*lines)


def diff_draft(draft: "Draft", place: str) -> str:
    """Return what would change in a course's files, as a unified diff."""
    return "".join(
        row if row.endswith("\n") else f"{row}\n"
        for path, after in draft.after.items()
        for row in difflib.unified_diff(
            (draft.before[path] or "").splitlines(keepends=True),
            after.splitlines(keepends=True),
            f"{place}/{path}" if draft.before[path] is not None else "/dev/null",
            f"{place}/{path}",
        )
    )


def render_plan(plan: "ImportPlan", diff: str, *, recorded: frozenset[str]) -> RenderableType:
    """Show what an import would do: a row for each entry, the changes of the files, and what was left out."""
    lines = [_render_diff_row(row) for row in diff.splitlines()]
    lines += [Text()] if lines else []
    lines += [_render_row(row, recorded) for row in _choose_rows(plan)]
    lines += [line((f"  -  line {number}: {what} is left out", "dim")) for number, what in plan.left_out]
    numbers = {status: sum(row.status == status for row in plan.rows) for status in _MARKS}
    said = [f"{number} {status}" for status, number in numbers.items() if number or status in ("known", "new")]
    changed = len({row.id for row in plan.rows if row.state and row.id in recorded})
    lines.append(line((f"{', '.join(said)}; {changed} with a new state", "bold")))
    return Group(*lines)


def _choose_rows(plan: "ImportPlan") -> "Iterator[ImportRow]":
    same = [row for row in plan.rows if row.status == "known" and row.state is None]
    for row in plan.rows:
        if row not in same or len(same) <= MOST_KNOWN or "title" in row.why:
            yield row


def _render_row(row: "ImportRow", recorded: frozenset[str]) -> Text:
    mark, style = _MARKS[row.status]
    change = f"  {row.was or 'new'} -> {row.state}" if row.state and row.id in recorded else ""
    why = f"  ({row.why})" if row.why else ""
    return line(
        (f"  {mark}  ", style),
        f"{row.status:<9}line {row.number:<4} {row.title}",
        (f"  {row.id or ''}", "cyan"),
        (why, "dim"),
        change,
    )


def _render_diff_row(row: str) -> Text:
    style = {"+": "green", "-": "red", "@": "cyan"}.get(row[:1], "")
    return line((row, style))
