"""A verdict for a notebook: as HTML in which every word is escaped, and as the text a terminal shows."""

import io
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from msgspec import Struct
from rich.console import Console, Group

from grader.core.verdict import CheckResult, Tone, Verdict
from grader.plan.after_pass import AfterPass
from grader.text.console import line
from grader.text.printable import clean
from grader.view.after_pass import describe_after, render_after_pass
from grader.view.next_step import count
from grader.view.verdict import MAX_DETAILED, render_verdict

#: JupyterLab's own colours, light or dark; elsewhere these. No meaning hangs on a colour alone.
_GOOD, _BAD, _DIM = (
    "var(--jp-success-color0, #2e7d32)",
    "var(--jp-error-color0, #c62828)",
    "var(--jp-ui-font-color2, #6b6b6b)",
)
_COLOURS: Mapping[Tone, str] = {"good": _GOOD, "bad": _BAD, "dim": _DIM, "warning": _DIM}
_PRE = "margin: 0.2em 0 0.4em 1.8em; white-space: pre-wrap; overflow-wrap: anywhere"


class VerdictCard(Struct, frozen=True):
    """A verdict and what is around it.

    `notes` were told beside it, `after` is what a pass leads to, `following` is what to type next.
    """

    verdict: Verdict
    title: str
    notes: Sequence[str]
    after: AfterPass | None
    following: str

    def to_text(self) -> str:
        """Return it as plain text, for a front end that cannot show HTML."""
        file = io.StringIO()
        # Whatever a kernel's environment says of colours, and without rich's own display in a notebook.
        console = Console(file=file, force_terminal=False, force_jupyter=False, color_system=None, soft_wrap=True)
        console.print(
            Group(
                render_verdict(self.verdict, self.title),
                *(line(row) for row in self._draw()),
                *(line(note) for note in self.notes),
                *([render_after_pass(self.after)] if self.after else []),
                line(f"next: {self.following}"),
            )
        )
        return file.getvalue().rstrip("\n")

    def to_html(self) -> str:
        """Return it as one HTML element without scripts or links."""
        verdict = self.verdict
        return "".join(
            [
                '<div role="group" aria-label="verdict">',
                f"<p><strong>{_text(verdict.exercise)}</strong> {_text(self.title)}</p>",
                '<ul style="list-style: none; padding-left: 0.5em">',
                *_render_checks(verdict.checks),
                "</ul>",
                f"<p>{_render_score(verdict)} <span style='color: {_DIM}'>{_text(_circumstances(verdict))}</span></p>",
                *([f"<pre>{_text(drawn)}</pre>"] if (drawn := "\n".join(self._draw())) else []),
                *(f"<p style='color: {_DIM}'>{_text(note)}</p>" for note in self.notes),
                *(_render_after(self.after) if self.after else ()),
                f"<p><strong>next:</strong> <code>{_text(self.following)}</code></p>",
                "</div>",
            ]
        )

    def _draw(self) -> list[str]:
        """Draw the first picture after a pass, in characters, and say how to see all of them."""
        pictures = self.verdict.pictures
        if not pictures:
            return []
        pointer = (
            f"pictures: %study show {self.verdict.exercise} --plot   {count(len(pictures), 'picture')}, also as files"
        )
        if self.verdict.verdict != "passed":
            return [pointer]
        from grader.view.charts import MAX_WIDTH, draw_picture

        return ["", *(text.plain for text in draw_picture(pictures[0], width=MAX_WIDTH)), pointer]


def _render_after(after: AfterPass) -> Iterator[str]:
    for label, text in describe_after(after):
        yield f"<p><strong>{label}</strong> {_text(text)}</p>"


def _text(text: str) -> str:
    return escape(clean(text))


def _render_checks(checks: Sequence[CheckResult]) -> Iterator[str]:
    """Render every check; the details of the first that do not pass are open, the rest can be opened."""
    opened = 0
    for check in checks:
        facts, points = check.facts, count(check.points, "point")
        status = f" [{facts.words}]" if facts.words else ""
        mark = f"<span style='color: {_COLOURS[facts.tone]}'>{facts.mark}</span>"
        head = f"{mark} {_text(check.title)}{status} ({points})"
        if check.status == "passed":
            yield f"<li>{head}</li>"
            continue
        is_open = check.status != "not_run" and opened < MAX_DETAILED
        opened += is_open
        cause = f"<p style='{_PRE}'><strong>likely</strong> {_text(check.cause)}</p>" if check.cause else ""
        message = f"<pre style='{_PRE}'>{_text(check.message)}</pre>{cause}"
        yield f"<li><details{' open' if is_open else ''}><summary>{head}</summary>{message}</details></li>"


def _render_score(verdict: Verdict) -> str:
    points = f"{verdict.score} of {verdict.max_score} points"
    if verdict.verdict == "passed":
        return f"<strong style='color: {_GOOD}'>solved</strong>: {points}"
    if verdict.verdict == "grader_fault":
        return "<strong>the grader is at fault, not you</strong>: this attempt does not count"
    passed = sum(check.status == "passed" for check in verdict.checks)
    return f"<strong style='color: {_BAD}'>not solved yet</strong>: {passed} of {len(verdict.checks)} checks, {points}"


def _circumstances(verdict: Verdict) -> str:
    corpus = f", {verdict.corpus} corpus" if verdict.corpus else ""
    return f"{verdict.elapsed_s:.1f} s on {verdict.device}, seed {verdict.seed}{corpus}"
