"""What is meant by the options of a report: the file it is written to, the file it is about, and who sees what."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.core.errors import UsageError

if TYPE_CHECKING:
    from grader.formats import Format
    from grader.formats.gradescope import Visibility
    from grader.formats.places import GradedFile


def parse_visibility(typed: Sequence[str]) -> "tuple[Visibility, dict[str, Visibility]]":
    """Read `WHEN` and `CHECK=WHEN`: returns what holds for all checks, and what for single ones.

    Raises:
        UsageError: If WHEN is nothing that Gradescope knows.
    """
    from grader.formats.gradescope import VISIBILITIES

    shown: Visibility = "visible"
    of_checks: dict[str, Visibility] = {}
    for text in typed:
        check, _, name = text.rpartition("=")
        when = next((known for known in VISIBILITIES if known == name), None)
        if when is None:
            raise UsageError(
                f"--visibility {text}: `{name}` is none of {', '.join(VISIBILITIES)}",
                hint="study grade ID --format gradescope --visibility after_due_date",
            )
        if check:
            of_checks[check] = when
        else:
            shown = when
    return shown, of_checks


def find_output(form: "Format") -> Path | None:
    """Return where a format goes by default; None is standard output.

    Raises:
        UsageError: If it is a place that this machine does not have.
    """
    if form.output is None:
        return None
    results = Path(form.output(form.module))
    if not results.parent.is_dir():
        raise UsageError(
            f"there is no folder {results.parent}, so say where the results go",
            hint=f"study grade ID --format {form.name} --output {results.name}",
        )
    return results


def check_output(path: Path) -> Path:
    """Return the file to write, if it can be meant.

    Raises:
        UsageError: If it is a folder, lies in none, or could be a learner's file or one of ours.
    """
    from grader.files.workspace import MARKER

    path = path.absolute()
    hint = "name a file of its own, such as --output report.xml"
    if path.suffix in (".py", ".ipynb"):
        raise UsageError(f"{path} would be overwritten, and may be work of yours", hint=hint)
    if MARKER in Path(os.path.realpath(path)).parts:
        raise UsageError(f"{path} lies where study keeps its own files", hint=hint)
    if os.path.exists(path) and not os.path.isfile(path):
        raise UsageError(f"{path} is not a file that can be written", hint=hint)
    if not os.path.isdir(path.parent):
        raise UsageError(f"there is no folder {path.parent}", hint=f"mkdir -p {path.parent}")
    return path


def describe_file(path: Path, source: str, form: "Format") -> "GradedFile":
    """Name the graded file as the reader of the report finds it: below its root, or else as a whole path."""
    from grader.cli.context import short_path
    from grader.formats.places import GradedFile

    absolute = path.absolute()
    root = (os.environ.get(form.root_variable) if form.root_variable else None) or os.getcwd()
    below = absolute.is_relative_to(root)
    return GradedFile(short_path(absolute), str(absolute.relative_to(root) if below else absolute), source)
