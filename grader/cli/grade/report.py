"""What a grade tells other tools: its format, where it goes, and that an error is told there too."""

import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.context import write_data
from grader.cli.grade.report_target import check_output, describe_file, find_output, parse_visibility
from grader.cli.options import json_option
from grader.core.errors import StudyError, UsageError
from grader.formats import FORMATS, Format, Told

if TYPE_CHECKING:
    from grader.cli.context import Context
    from grader.core.models import Exercise
    from grader.core.verdict import Verdict
    from grader.formats.gradescope import Visibility
    from grader.view.regrades import Regrade


def reported(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command --format, --output, --visibility and --json; it gets what they ask for as one `report`."""

    @click.option(
        "--format", "form", type=click.Choice(list(FORMATS)), help="What the result is written as.  [default: text]"
    )
    @click.option("--output", type=click.Path(path_type=Path, allow_dash=True), help="Write the result to this file.")
    @click.option("--visibility", multiple=True, metavar="[CHECK=]WHEN", help="With gradescope: when a test is shown.")
    @json_option
    @wraps(command)
    def run(
        *, form: str | None, output: Path | None, visibility: tuple[str, ...], as_json: bool, **options: Any
    ) -> int:
        report = GradeReport.choose(form, output, visibility, as_json=as_json)
        with report.guard():
            return command(report=report, **options)

    return run


class GradeReport:
    """Where the result of a grade goes, and in which format; the same for the error that is in its place."""

    def __init__(self, form: Format, output: Path | None, visibility: "Visibility", of_checks: "dict[str, Visibility]"):
        self.form = form
        self._output = output
        self._visibility = visibility
        self._of_checks = of_checks
        self._told = False

    @classmethod
    def choose(
        cls, form: str | None, output: Path | None, visibility: Sequence[str], *, as_json: bool
    ) -> "GradeReport":
        """Make sense of what was asked for.

        Raises:
            UsageError: If the options cannot be combined, or the file cannot be meant.
        """
        if as_json and form not in (None, "json"):
            raise UsageError(f"--json and --format {form} exclude each other", hint="leave one of them out")
        chosen = FORMATS["json" if as_json else form or "text"]
        if visibility and not chosen.takes_visibility:
            takers = " or ".join(row.name for row in FORMATS.values() if row.takes_visibility)
            raise UsageError(f"--visibility goes with --format {takers}", hint="study grade --help")
        shown, of_checks = parse_visibility(visibility)
        output = output or find_output(chosen)
        return cls(chosen, None if output is None or str(output) == "-" else check_output(output), shown, of_checks)

    @property
    def as_json(self) -> bool:
        """Whether everything but the result is kept quiet."""
        return self.form.name == "json"

    def require_all(self) -> None:
        """Refuse a format that tells of one exercise only.

        Raises:
            UsageError: For such a format.
        """
        if not self.form.can_tell_all:
            *first, last = (row.name for row in FORMATS.values() if row.can_tell_all)
            raise UsageError(
                f"--format {self.form.name} tells of one exercise; --all takes {', '.join(first)} or {last}",
                hint=f"study grade --all --format {last}",
            )

    def require_exercise(self, context: "Context", exercise: "Exercise", submission: Path | None) -> None:
        """Refuse what cannot be told of an exercise, before it is graded.

        Raises:
            UsageError: If a visibility is given for a check that the exercise does not have, or if the format grades what
                strangers send, and their file lies in the workspace, whose settings are obeyed.
        """
        known = [check.id for check in exercise.checks]
        if unknown := next((name for name in self._of_checks if name not in known), None):
            raise UsageError(f"{exercise.id} has no check `{unknown}`", hint=f"one of: {', '.join(known)}")
        if self.form.of_strangers and submission is not None:
            root = context.workspace.root.resolve()
            if context.workspace.exists() and submission.resolve().is_relative_to(root):
                raise UsageError(
                    f"{submission} lies in the workspace {root}, whose settings may come with it",
                    hint="run it from another folder: cd /autograder",
                )

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Tell, where the result would be, of an error in its place; where a format asks for it, first of no result."""
        if self.form.unfinished is not None and self.form.error is not None and self._output is not None:
            self._write(self.form.error(self.form.module, self.form.unfinished(self.form.module), None))
        try:
            yield
        except StudyError as error:
            self._tell_error(error.message, error.hint)
            raise
        except KeyboardInterrupt:
            self._tell_error("the grade was stopped before its end", None)
            raise
        except click.ClickException as error:
            self._tell_error(error.format_message(), None)
            raise
        except Exception as error:
            self._tell_error(f"a fault of study itself: {type(error).__name__}: {error}", None)
            raise

    def _tell_error(self, message: str, hint: str | None) -> None:
        if self._told:  # the grade itself was made, and its result stands
            return
        if self.form.error is not None:
            self._write(self.form.error(self.form.module, message, hint))
        elif self._output is not None and self._output.exists():
            # What lies there is of another grade. It stays, so the error that is printed must say so.
            print(f"study: {self._output} is left as it was, from an earlier grade", file=sys.stderr)

    def tell_verdict(
        self, exercise: "Exercise", verdict: "Verdict", path: Path, source: str, show: Callable[[], None]
    ) -> None:
        """Tell of one grade.

        Args:
            exercise: What was graded.
            verdict: What came of it.
            path: The file that was graded.
            source: Its text.
            show: Prints the verdict as text or JSON.
        """
        from grader.formats.plain import summarise

        if self.form.verdict is None:
            self._print(show)
        else:
            submission, visibility = describe_file(path, source, self.form), (self._visibility, self._of_checks)
            told = Told(verdict, submission, lambda: _guard(_capture(show)), visibility)
            self._write(self.form.verdict(self.form.module, told))
        if self.form.summary is not None:
            variable, render = self.form.summary
            _append_summary(os.environ.get(variable), lambda: render(self.form.module, verdict, exercise))
        self._told = True
        if self._output is not None or self.form.says_outcome:
            _say(f"{verdict.exercise}: {summarise(verdict)}" + (f"; wrote {self._output}" if self._output else ""))

    def tell_rows(self, rows: "Sequence[Regrade]", show: Callable[[], None]) -> None:
        """Tell of everything graded again; `show` prints it as text or JSON."""
        if self.form.rows is None:
            self._print(show)
        else:
            self._write(self.form.rows(self.form.module, rows))
        self._told = True
        if self._output is not None:
            _say(f"wrote {self._output}")

    def _print(self, show: Callable[[], None]) -> None:
        in_actions = self.form.name == "text" and os.environ.get("GITHUB_ACTIONS") == "true"
        if self._output is None and not in_actions:
            show()
            return
        text = _capture(show)
        self._write(_guard(text) if self._output is None else text)

    def _write(self, text: str) -> None:
        if self._output is None:
            write_data(text)
            return
        from grader.files.workspace import write_whole

        write_whole(self._output, text.encode("utf-8", "replace"))


def _guard(text: str) -> str:
    """Keep GitHub Actions from reading commands out of a text; what ends that, the text cannot hold."""
    from grader.formats.github import guard

    return guard(text, os.urandom(16).hex())


def _capture(show: Callable[[], None]) -> str:
    with redirect_stdout(io.StringIO()) as printed:
        show()
    return printed.getvalue()


def _append_summary(file: str | None, render: Callable[[], str]) -> None:
    """Add to the summary of the step, if the runner keeps one in a file."""
    if not file:
        return
    try:
        with open(file, "a", encoding="utf-8", errors="replace") as summary:
            summary.write(render())
    except OSError as error:
        _say(f"study: the summary of the step cannot be written: {error.strerror}")


def _say(text: str) -> None:
    from grader.text.printable import clean

    print(clean(text), file=sys.stderr)
