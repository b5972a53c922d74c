"""TAP version 14: a line a check, and what it says as YAML below it."""

import json
from collections.abc import Iterator

from grader.core.verdict import CheckResult, Verdict
from grader.formats.places import GradedFile, find_place
from grader.formats.plain import describe_circumstances, explanation, one_line, plain, summarise


def render(verdict: Verdict, submission: GradedFile) -> str:
    """Return the whole stream of one grade; a fault of ours bails out at its end."""
    lines = ["TAP version 14", f"1..{len(verdict.checks)}"]
    for number, check in enumerate(verdict.checks, 1):
        # Never SKIP: a harness counts what is skipped as passed, and a check that was not run has not.
        result = "ok" if check.status == "passed" else "not ok"
        lines.append(f"{result} {number} - {_escape(check.title)}")
        if check.status != "passed":
            lines += _diagnose(check, submission)
    lines += [f"# {_escape(summarise(verdict))}", f"# {_escape(describe_circumstances(verdict))}"]
    if verdict.verdict == "grader_fault":
        lines.append(f"Bail out! {_escape(summarise(verdict))}")
    return "\n".join(lines) + "\n"


def render_error(message: str, hint: str | None) -> str:
    """Return the stream of a grade that could not be made."""
    text = message + (f"; next: {hint}" if hint else "")
    return f"TAP version 14\nBail out! {_escape(text)}\n"


def _escape(text: str) -> str:
    return one_line(text).replace("\\", "\\\\").replace("#", "\\#")


def _diagnose(check: CheckResult, submission: GradedFile) -> Iterator[str]:
    """Yield the YAML of a check: every value on one line, so that none can end the block or begin a test."""
    place = find_place(check, submission)
    message, *details = explanation(check).splitlines() or [""]
    yield "  ---"
    yield f"  check: {_quote(check.id)}"
    yield f"  status: {check.status}"
    yield f"  points: {check.points}"
    yield f"  message: {_quote(message)}"
    if details:
        yield "  details:"
        yield from (f"    - {_quote(line)}" for line in details)
    if check.facts.is_failure:
        yield "  at:"
        yield f"    file: {_quote(place.path)}"
        yield from ([f"    cell: {place.cell}"] if place.cell is not None else [])
        yield f"    line: {place.line}"
        yield f"    column: {place.column}"
    yield "  ..."


def _quote(text: str) -> str:
    """Write a text as JSON does, which YAML reads as the same text once nothing unprintable is left in it.

    What GitHub Actions would take for a command, wherever in a line it stands, is written as an escape.
    """
    return json.dumps(plain(text), ensure_ascii=False).replace("##[", "\\u0023#[")
