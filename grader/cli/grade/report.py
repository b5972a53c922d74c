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
from grader.cli.grade.report_target import check_output, describe_file, find_results, parse_visibility
from grader.cli.options import json_option
from grader.core.errors import StudyError, UsageError
from grader.formats import FORMATS

if TYPE_CHECKING:
    from grader.cli.context import Context
    from grader.core.models import Exercise
    from grader.core.verdict import Verdict
    from grader.formats.gradescope import Visibility
    from grader.formats.places import GradedFile
    from grader.view.regrades import Regrade

#: What `--all` can tell; the others are about one exercise.
_OF_ALL = ("text", "json", "junit")


def reported(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command --format, --output, --visibility and --json; it gets what they ask for as one `report`."""

    @click.option(
        "--format", "form", type=click.Choice(FORMATS), help="What the result is written as.  [default: text]"
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

    def __init__(self, form: str, output: Path | None, visibility: "Visibility", of_checks: "dict[str, Visibility]"):
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
        form = "json" if as_json else form or "text"
        if visibility and form != "gradescope":
            raise UsageError("--visibility goes with --format gradescope", hint="study grade --help")
        shown, of_checks = parse_visibility(visibility)
        if output is None and form == "gradescope":
            output = find_results()
        return cls(form, None if output is None or str(output) == "-" else check_output(output), shown, of_checks)

    @property
    def as_json(self) -> bool:
        """Whether everything but the result is kept quiet."""
        return self.form == "json"

    def require_all(self) -> None:
        """Refuse a format that tells of one exercise only.

        Raises:
            UsageError: For such a format.
        """
        if self.form not in _OF_ALL:
            raise UsageError(
                f"--format {self.form} tells of one exercise; --all takes text, json or junit",
                hint="study grade --all --format junit",
            )

    def require_exercise(self, context: "Context", exercise: "Exercise", submission: Path | None) -> None:
        """Refuse what cannot be told of an exercise, before it is graded.

        Raises:
            UsageError: If a visibility is given for a check that the exercise does not have, or if for Gradescope the
                workspace, whose settings are obeyed, is the one that a stranger's file lies in.
        """
        known = [check.id for check in exercise.checks]
        if unknown := next((name for name in self._of_checks if name not in known), None):
            raise UsageError(f"{exercise.id} has no check `{unknown}`", hint=f"one of: {', '.join(known)}")
        if self.form == "gradescope" and submission is not None:
            root = context.workspace.root.resolve()
            if context.workspace.exists() and submission.resolve().is_relative_to(root):
                raise UsageError(
                    f"{submission} lies in the workspace {root}, whose settings may come with it",
                    hint="run it from another folder: cd /autograder",
                )

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Tell, where the result would be, of an error in its place; for Gradescope first of a grade that never ended."""
        if self.form == "gradescope" and self._output is not None:
            from grader.formats.gradescope import UNFINISHED, render_zero

            self._write(render_zero(UNFINISHED))
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
        from grader.formats import github, gradescope, junit, tap

        match self.form:
            case "gradescope":
                self._write(gradescope.render_zero(message, hint))
            case "junit":
                self._write(junit.render_error(message, hint))
            case "tap":
                self._write(tap.render_error(message, hint))
            case "github":
                self._write(github.render_error(message, hint))
            case _ if self._output is not None and self._output.exists():
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

        if self.form in ("text", "json"):
            self._print(show)
        else:
            self._write(self._render(exercise, verdict, describe_file(path, source, self.form), show))
        if self.form == "github":
            _append_summary(exercise, verdict)
        self._told = True
        if self._output is not None or self.form == "problems":
            _say(f"{verdict.exercise}: {summarise(verdict)}" + (f"; wrote {self._output}" if self._output else ""))

    def _render(
        self, exercise: "Exercise", verdict: "Verdict", submission: "GradedFile", show: Callable[[], None]
    ) -> str:
        from grader.formats import github, gradescope, junit, problems, tap

        match self.form:
            case "junit":
                return junit.render(verdict)
            case "tap":
                return tap.render(verdict, submission)
            case "problems":
                return problems.render(verdict, submission)
            case "gradescope":
                return gradescope.render(verdict, visibility=self._visibility, of_checks=self._of_checks)
            case "github":
                return github.guard(_capture(show), _make_token()) + github.render(verdict, submission)
        raise AssertionError(self.form)

    def tell_rows(self, rows: "Sequence[Regrade]", show: Callable[[], None]) -> None:
        """Tell of everything graded again; `show` prints it as text or JSON."""
        if self.form != "junit":
            self._print(show)
        else:
            from grader.formats import junit

            suites = [
                junit.make_suite(row.verdict)
                if row.verdict is not None
                else junit.make_error_suite(row.exercise, row.message or row.state, row.hint)
                for row in rows
            ]
            self._write(junit.write_suites(suites))
        self._told = True
        if self._output is not None:
            _say(f"wrote {self._output}")

    def _print(self, show: Callable[[], None]) -> None:
        in_actions = self.form == "text" and os.environ.get("GITHUB_ACTIONS") == "true"
        if self._output is None and not in_actions:
            show()
            return
        text = _capture(show)
        if self._output is None:
            from grader.formats.github import guard

            text = guard(text, _make_token())
        self._write(text)

    def _write(self, text: str) -> None:
        if self._output is None:
            write_data(text)
            return
        from grader.files.workspace import write_whole

        write_whole(self._output, text.encode("utf-8", "replace"))


def _make_token() -> str:
    """Return what the text it is around cannot hold."""
    return os.urandom(16).hex()


def _capture(show: Callable[[], None]) -> str:
    with redirect_stdout(io.StringIO()) as printed:
        show()
    return printed.getvalue()


def _append_summary(exercise: "Exercise", verdict: "Verdict") -> None:
    """Add to the summary of the step, if the runner keeps one."""
    file = os.environ.get("GITHUB_STEP_SUMMARY")
    if not file:
        return
    from grader.formats.github import render_summary

    try:
        with open(file, "a", encoding="utf-8", errors="replace") as summary:
            summary.write(render_summary(verdict, exercise))
    except OSError as error:
        _say(f"study: the summary of the step cannot be written: {error.strerror}")


def _say(text: str) -> None:
    from grader.text.printable import clean

    print(clean(text), file=sys.stderr)
