"""Show what a pass leads to: what it taught, where the lecture goes on, the open question, the time it took."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from grader.plan.after_pass import AfterPass, Onward
from grader.text.console import line, link
from grader.view.next_step import clock

#: The words in front, all of one width, so that what follows is in one column.
_WIDTH = 10
#: The words for where to go on.
_ONWARD = ("goes on", "watch", "read")


def render_after_pass(after: AfterPass) -> RenderableType:
    """Show what there is to tell after a pass; what is unknown is left out."""
    lines = [Text()]
    for label, text in describe_after(after):
        if label == "a question":
            lines += [Text(), line((f"{label}  ", "bold"), text)]
        else:
            style = "green" if label == "compare" else ""
            lines.append(line((f"{label:<{_WIDTH}}", "bold"), (text, style)))
        if after.onward and after.onward.url and label in _ONWARD:
            lines.append(line(" " * _WIDTH).append_text(link(after.onward.url)))
    return Group(*lines)


def describe_after(after: AfterPass) -> Iterator[tuple[str, str]]:
    """Yield (label, text) of all that there is to tell, in the order to tell it in."""
    if after.taught:
        yield "taught", after.taught
    if after.onward:
        yield _describe_onward(after.onward)
    if after.minutes_spent is not None:
        spent = f"{after.minutes_spent:.0f} min" if after.minutes_spent >= 1 else "less than a minute"
        yield "time", f"took you {spent}, estimated {after.minutes_estimated}"
    yield "compare", after.compare
    if after.question:
        yield "a question", after.question.asks


def _describe_onward(onward: Onward) -> tuple[str, str]:
    if onward.t is not None:
        return _ONWARD[0], f"at {clock(onward.t)} of the lecture: “{onward.chapter}”"
    verb = _ONWARD[1] if onward.kind in ("lecture", "video") else _ONWARD[2]
    return verb, f"{onward.title}  (about {onward.minutes} min, study read {onward.reading})"
