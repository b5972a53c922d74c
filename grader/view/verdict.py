"""Show a verdict: what passed, why the rest did not, and what has changed since the one before."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from grader.core.verdict import CheckResult, Status, Verdict
from grader.text.console import line
from grader.view.next_step import count

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
#: Of each kind of change this many checks are named: all of them stand in the verdict above.
MAX_NAMED = 3

#: Kind of change -> the words for it. A check that is not run says nothing about the learner's code.
_CHANGES = {
    "now_passing": "now passing",
    "now_failing": "now failing",
    "now_run_and_failing": "now run, fails",
    "no_longer_run": "no longer run",
    "still_failing": "still failing",
}


def render_verdict(verdict: Verdict, title: str) -> Group:
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


def compare_verdicts(before: Verdict, after: Verdict) -> dict[str, tuple[CheckResult, ...]]:
    """Sort the checks that do not pass, or did not, by what has changed between two verdicts on one exercise."""
    earlier = {check.id: check.status for check in before.checks}
    changes: dict[str, list[CheckResult]] = {kind: [] for kind in _CHANGES}
    for check in after.checks:
        kind = _name_change(earlier.get(check.id, "not_run"), check.status)
        if kind is not None:
            changes[kind].append(check)
    return {kind: tuple(checks) for kind, checks in changes.items()}


def _name_change(before: Status, after: Status) -> str | None:
    if after == "passed":
        return "now_passing" if before != "passed" else None
    if after == "not_run":
        return "no_longer_run" if before != "not_run" else None
    if before == "not_run":
        return "now_run_and_failing"
    return "now_failing" if before == "passed" else "still_failing"


def render_changes(changes: Mapping[str, Sequence[CheckResult]], *, width: int) -> RenderableType:
    """Show what has changed since the last grade, one check a line of at most `width` characters."""
    if not any(checks for kind, checks in changes.items() if kind != "still_failing"):
        return line(("since the last grade", "bold"), ": the same checks pass and fail")
    lines = [line(("since the last grade", "bold"))]
    for kind, words in _CHANGES.items():
        checks = changes[kind]
        for number, check in enumerate(checks[:MAX_NAMED]):
            style = "green" if kind == "now_passing" else "dim" if kind == "no_longer_run" else "red"
            shown = line((f"  {words if number == 0 else '':<15} ", style), check.title)
            shown.truncate(width, overflow="ellipsis")
            lines.append(shown)
        if len(checks) > MAX_NAMED:
            lines.append(line(f"  {'':<15} ", (f"and {len(checks) - MAX_NAMED} more", "dim")))
    return Group(*lines)
