"""One problem a line, `path:line:column: message`, as editors read it (Vim: `:set errorformat=%f:%l:%c:\\ %m`)."""

from grader.core.verdict import Verdict
from grader.formats.places import GradedFile, describe_cell, find_place
from grader.formats.plain import headline, one_line


def render(verdict: Verdict, submission: GradedFile) -> str:
    """Return a line for every check that failed; nothing after a pass, and nothing of what was not run."""
    lines = []
    for check in verdict.checks:
        if not check.facts.is_failure:
            continue
        place = find_place(check, submission)
        line, column = (place.line, place.column) if place.cell is None else (1, 1)
        # In the log of GitHub Actions that would be a command.
        text = f"{describe_cell(place)}{one_line(check.title)}: {headline(check)}".replace("##[", "# #[")
        lines.append(f"{one_line(place.path)}:{line}:{column}: {text}\n")
    return "".join(lines)
