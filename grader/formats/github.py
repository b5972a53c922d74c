"""GitHub Actions: annotations on the learner's lines, and a summary of the step in Markdown.

The runner reads commands out of everything a step prints, so nothing of the learner's may stand there as it is.
"""

import re

from grader.core.models import Exercise
from grader.core.verdict import CheckResult, Verdict
from grader.formats.places import GradedFile, describe_cell, find_place
from grader.formats.plain import describe_circumstances, explanation, headline, one_line, plain, summarise

#: A step's summary may have 1 MiB, shared by all that write to it.
MAX_DETAILS = 4000
#: GitHub cuts longer messages of annotations off.
MAX_MESSAGE = 4000


def render(verdict: Verdict, submission: GradedFile) -> str:
    """Return the workflow commands of one grade: an error for each check that failed, a notice after a pass."""
    if verdict.verdict == "passed":
        return _command("notice", one_line(verdict.exercise), summarise(verdict))
    lines = []
    for check in verdict.checks:
        if check.status in ("passed", "not_run"):
            continue
        if check.status == "grader_fault":
            lines.append(_command("error", one_line(verdict.exercise), summarise(verdict)))
            continue
        place = find_place(check, submission)
        where = {"file": place.path} | ({} if place.cell else {"line": str(place.line), "col": str(place.column)})
        text = describe_cell(place) + explanation(check)
        lines.append(_command("error", one_line(check.title), text, where))
    return "".join(lines) or _command("error", one_line(verdict.exercise), summarise(verdict))


def render_error(message: str, hint: str | None) -> str:
    """Return the command that tells of a grade that could not be made."""
    return _command("error", "study grade", message + (f"\nnext: {hint}" if hint else ""))


def render_summary(verdict: Verdict, exercise: Exercise) -> str:
    """Return the verdict as Markdown: a table of the checks, then what those say that did not pass."""
    parts = [
        f"## {_inline(verdict.exercise)}: {_inline(exercise.title)}\n",
        f"**{_inline(summarise(verdict))}**\n",
        "| | check | points |\n|---|---|---|\n" + "".join(_row(check) for check in verdict.checks),
    ]
    for check in verdict.checks:
        if check.facts.is_failure:
            parts += [f"### {_inline(check.title)}\n", f"{_inline(headline(check))}\n", _block(explanation(check))]
    return "\n".join([*parts, f"{_inline(describe_circumstances(verdict))}\n\n"])


def guard(text: str, token: str) -> str:
    """Return text between commands that make the runner read no command out of it.

    Args:
        text: What may hold anything.
        token: What the author of the text cannot guess.
    """
    return f"::stop-commands::{token}\n{text.rstrip(chr(10))}\n::{token}::\n"


def _command(name: str, title: str, message: str, where: dict[str, str] | None = None) -> str:
    told = (where or {}) | {"title": title}
    properties = ",".join(f"{key}={_escape_property(value)}" for key, value in told.items())
    short = message if len(message) <= MAX_MESSAGE else message[:MAX_MESSAGE] + "…"
    return f"::{name} {properties}::{_escape(plain(short))}\n"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(plain(text)).replace(":", "%3A").replace(",", "%2C")


def _row(check: CheckResult) -> str:
    status = f" ({check.facts.words})" if check.facts.words else ""
    points = f"{check.points if check.status == 'passed' else 0} of {check.points}"
    return f"| {check.facts.emoji} | {_inline(check.title)}{status} | {points} |\n"


def _inline(text: str) -> str:
    """Write text that Markdown shows as it is, on one line."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~&@:])", lambda found: f"&#{ord(found[0])};", one_line(text))


def _block(text: str) -> str:
    """Write a block of code that nothing in the text can end."""
    short = text if len(text) <= MAX_DETAILS else text[:MAX_DETAILS] + "\n…"
    longest = max((len(run) for run in re.findall(r"`+", short)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{short}\n{fence}\n"
