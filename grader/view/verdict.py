"""Show a verdict: what passed, why the rest did not, and what to type next."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from grader.verdict import CheckResult, Verdict
from grader.view.plan import count
from grader.view.text import line

_MARKS = {
    "passed": ("✓", "green"),
    "failed": ("✗", "red"),
    "errored": ("✗", "red"),
    "timed_out": ("✗", "red"),
    "out_of_memory": ("✗", "red"),
    "crashed": ("✗", "red"),
    "not_run": ("–", "dim"),
    "grader_fault": ("!", "yellow"),
}
#: Details of this many checks fill a screen; for the rest the headline is enough.
MAX_DETAILED = 2


def render_verdict(verdict: Verdict, title: str) -> RenderableType:
    """Show every check, with the details of the first that did not pass, then the score."""
    lines = [line((verdict.exercise, "bold"), f"  {title}")]
    detailed = 0
    headlines: set[str] = set()
    for check in verdict.checks:
        headline = check.message.partition("\n")[0]
        in_full = check.status not in ("passed", "not_run") and detailed < MAX_DETAILED and headline not in headlines
        detailed += in_full
        headlines.add(headline)
        lines += _render_check(check, in_full=in_full)
    lines += [Text(), _render_score(verdict), _render_circumstances(verdict)]
    return Group(*lines)


def _render_check(check: CheckResult, *, in_full: bool) -> Iterator[Text]:
    mark, style = _MARKS[check.status]
    status = "" if check.status in ("passed", "failed") else f" [{check.status.replace('_', ' ')}]"
    points = f"  ({count(check.points, 'point')})"
    yield line((f"  {mark} ", style), check.title, (status, style), (points, "dim"))
    if check.status == "passed":
        return
    body = check.message.splitlines() or [""]
    yield line("      ", (body[0], "" if check.status != "not_run" else "dim"))
    if in_full:
        for extra in body[1:]:
            yield line("      ", (extra, "dim"))
    if check.cause and (in_full or check.status == "failed"):
        yield line("      ", ("likely    ", "bold yellow"), check.cause)


def _render_score(verdict: Verdict) -> Text:
    if verdict.verdict == "passed":
        return line(("solved", "bold green"), f": {verdict.score} of {verdict.max_score} points")
    if verdict.verdict == "grader_fault":
        return line(("the grader is at fault, not you", "bold yellow"), ": this attempt does not count")
    passed = sum(check.status == "passed" for check in verdict.checks)
    return line(
        ("not solved yet", "bold red"),
        f": {passed} of {len(verdict.checks)} checks, {verdict.score} of {verdict.max_score} points",
    )


def _render_circumstances(verdict: Verdict) -> Text:
    corpus = f", {verdict.corpus} corpus" if verdict.corpus else ""
    missing = sum(not on for on in verdict.isolation.values())
    layers = f", {missing} of {len(verdict.isolation)} isolation layers off (study doctor)" if missing else ""
    return line((f"{verdict.elapsed_s:.1f} s on {verdict.device}, seed {verdict.seed}{corpus}{layers}", "dim"))
