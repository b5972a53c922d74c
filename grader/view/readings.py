"""Show what a search has found, and what an import would do."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from grader.progress.records import Progress
from grader.readings.search import Hit
from grader.view.plan import count, state_of
from grader.view.text import line

#: More would push the best ones off the screen.
MOST_HITS = 20


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
