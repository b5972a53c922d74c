"""Show what a pass leads to: what it taught, where the lecture goes on, the open question, the time it took."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from grader.onward import AfterPass, Onward
from grader.view.plan import clock
from grader.view.text import line, link

#: The words in front, all of one width, so that what follows stands in one column.
_WIDTH = 10


def render_after_pass(after: AfterPass) -> RenderableType:
    """Show what there is to tell after a pass; what is unknown is left out."""
    lines = [Text()]
    if after.taught:
        lines.append(_labelled("taught", after.taught))
    if after.onward:
        lines += _render_onward(after.onward)
    if after.minutes_spent is not None:
        spent = f"{after.minutes_spent:.0f} min" if after.minutes_spent >= 1 else "less than a minute"
        lines.append(_labelled("time", f"took you {spent}, estimated {after.minutes_estimated}"))
    lines.append(line((f"{'compare':<{_WIDTH}}", "bold"), (after.compare, "green")))
    if after.question:
        lines += [Text(), line(("a question  ", "bold"), after.question.asks)]
    return Group(*lines)


def _labelled(label: str, text: str) -> Text:
    return line((f"{label:<{_WIDTH}}", "bold"), text)


def _render_onward(onward: Onward) -> Iterator[Text]:
    if onward.t is not None:
        yield _labelled("goes on", f"at {clock(onward.t)} of the lecture: “{onward.chapter}”")
    else:
        verb = "watch" if onward.kind in ("lecture", "video") else "read"
        yield _labelled(verb, f"{onward.title}  (about {onward.minutes} min, study read {onward.reading})")
    if onward.url:
        yield line(" " * _WIDTH).append_text(link(onward.url))
