"""A verdict for other tools: the table of formats, and one module of pure functions for each, from plain data to text.

Nothing here reads a file, an environment variable or a clock; `grader.cli.grade.report` does. A module is imported when
its format is chosen.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from grader.core.models import Exercise
    from grader.core.verdict import Verdict
    from grader.formats.places import GradedFile


class Told(NamedTuple):
    """One grade, and how it is to be told.

    Args:
        verdict: What came of it.
        submission: The file that was graded.
        show: Returns the verdict as a learner sees it; nothing in it is a command of GitHub Actions.
        visibility: When learners see the checks: the default, and by the id of a check.
    """

    verdict: "Verdict"
    submission: "GradedFile"
    show: Callable[[], str]
    visibility: tuple[str, Mapping[str, str]]


class Format(NamedTuple):
    """What `study grade --format` can write; the functions get the module `grader.formats.<name>` first.

    Args:
        name: What is typed.
        help: For whom it is, as docs/tools.md lists it.
        verdict: Returns one grade as text; None where the command's own view is the format.
        of_all: What docs/tools.md says of it beside `--all`.
        rows: Returns the rows of `--all` as text; None where it cannot, or where the command's own view is the format.
        error: Returns what is written in place of a grade that could not be made: a message, and what to type next.
        tells_errors: Whether an error is told in the format's own form; `json` does it without `error`.
        says_outcome: Whether the outcome is said on standard error too, because the text may be empty.
        output: Returns where it goes by default.
        unfinished: Returns the message that is in its place until the grade is made.
        takes_visibility: Whether `--visibility` goes with it.
        of_strangers: Whether it grades files that strangers send, whose workspace must not be obeyed.
        root_variable: The environment variable that names the folder which paths are relative to.
        summary: The variable that names the file to append a summary to, and what returns the summary.
    """

    name: str
    help: str
    of_all: str = "no"
    verdict: Callable[[Any, Told], str] | None = None
    rows: Callable[[Any, Sequence[Any]], str] | None = None
    error: Callable[[Any, str, str | None], str] | None = None
    tells_errors: bool = False
    says_outcome: bool = False
    output: Callable[[Any], str] | None = None
    unfinished: Callable[[Any], str] | None = None
    takes_visibility: bool = False
    of_strangers: bool = False
    root_variable: str | None = None
    summary: "tuple[str, Callable[[Any, Verdict, Exercise], str]] | None" = None

    @property
    def module(self) -> Any:
        """The module of its functions."""
        return import_module(f"grader.formats.{self.name}")

    @property
    def is_view(self) -> bool:
        """Whether it is what the command shows on its own."""
        return self.verdict is None

    @property
    def can_tell_all(self) -> bool:
        """Whether `--all` goes with it."""
        return self.is_view or self.rows is not None


#: By name; the first two are those of every command.
FORMATS: Mapping[str, Format] = {
    row.name: row
    for row in (
        Format("text", "people (the default)", of_all="yes"),
        Format(
            "json",
            "programs; `--json` is the same; `study schema --verdict` prints its JSON Schema",
            of_all="yes",
            tells_errors=True,
        ),
        Format(
            "junit",
            "CI servers: JUnit XML in the shape pytest calls xunit2",
            of_all="yes, one suite per exercise",
            verdict=lambda junit, told: junit.render(told.verdict),
            rows=lambda junit, rows: junit.render_rows(rows),
            error=lambda junit, message, hint: junit.render_error(message, hint),
            tells_errors=True,
        ),
        Format(
            "github",
            "GitHub Actions: annotations on the lines, and the summary of the step",
            verdict=lambda github, told: told.show() + github.render(told.verdict, told.submission),
            error=lambda github, message, hint: github.render_error(message, hint),
            tells_errors=True,
            root_variable="GITHUB_WORKSPACE",
            summary=("GITHUB_STEP_SUMMARY", lambda github, verdict, exercise: github.render_summary(verdict, exercise)),
        ),
        Format(
            "gradescope",
            "Gradescope: `results.json`, see [gradescope.md](gradescope.md)",
            verdict=lambda gradescope, told: gradescope.render(
                told.verdict, visibility=told.visibility[0], of_checks=told.visibility[1]
            ),
            error=lambda gradescope, message, hint: gradescope.render_error(message, hint),
            tells_errors=True,
            output=lambda gradescope: gradescope.RESULTS,
            unfinished=lambda gradescope: gradescope.UNFINISHED,
            takes_visibility=True,
            of_strangers=True,
        ),
        Format(
            "tap",
            "TAP harnesses: version 14 with YAML diagnostics",
            verdict=lambda tap, told: tap.render(told.verdict, told.submission),
            error=lambda tap, message, hint: tap.render_error(message, hint),
            tells_errors=True,
        ),
        Format(
            "problems",
            "editors: `path:line:column: message`, one per line",
            verdict=lambda problems, told: problems.render(told.verdict, told.submission),
            says_outcome=True,
        ),
    )
}
