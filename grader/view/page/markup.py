"""Write HTML from words that may be hostile: all of them pass `text`, and nothing else puts words into the page."""

from collections.abc import Iterable
from html import escape

from grader.text.printable import clean

#: No label, title or note of a sane course is longer; of a longer one the page says that it goes on.
MAX_TEXT = 300

STATUS_WORDS = {"solved": "solved", "tried": "tried", "started": "begun", "open": "open"}


def text(words: str, most: int = MAX_TEXT) -> str:
    """Escape words for an element or an attribute in double quotes; what is beyond `most` characters is cut."""
    left_out = len(words) - most
    shown = clean(words[:most])
    return escape(f"{shown}… ({left_out:,} more characters)" if left_out > 0 else shown)


def number(value: float) -> str:
    """Write a coordinate in as few characters as a tenth of a pixel needs."""
    return f"{value:.1f}".removesuffix(".0")


def glyph(status: str) -> str:
    """Return the sign of a status, which tells them apart by shape; the word is beside it or is added for readers."""
    return f'<svg class="g {status}" viewBox="0 0 16 16" aria-hidden="true"><use href="#g-{status}"/></svg>'


#: Drawn once, used by every `glyph` and by the map.
GLYPHS = """<svg class="vh" aria-hidden="true" width="0" height="0"><defs>
<symbol id="g-solved" viewBox="0 0 16 16"><circle class="f" cx="8" cy="8" r="7.5"/><path class="c" d="m4.5 8.3 2.4 2.4 4.6-5"/></symbol>
<symbol id="g-tried" viewBox="0 0 16 16"><circle class="r" cx="8" cy="8" r="6.7"/><path class="f" d="M8 1.3a6.7 6.7 0 0 0 0 13.4z"/></symbol>
<symbol id="g-started" viewBox="0 0 16 16"><circle class="r" cx="8" cy="8" r="6.7"/><circle class="f" cx="8" cy="8" r="2.6"/></symbol>
<symbol id="g-open" viewBox="0 0 16 16"><circle class="r" cx="8" cy="8" r="6.7"/></symbol>
</defs></svg>
"""


def scroller(label: str, body: str) -> str:
    """Let what is too wide for a telephone scroll in its own frame, by keyboard too."""
    return f'<div class="scroll" tabindex="0" role="group" aria-label="{text(label)}">{body}</div>'


def table(caption: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table of cells that are HTML already; the first of each row is its header."""
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>' for first, *rest in rows
    )
    return f'<table><caption class="vh">{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
