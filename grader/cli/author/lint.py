"""The commands for those who write exercises: lint."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.context import short_path
from grader.cli.options import json_option
from grader.core.errors import ContentError

if TYPE_CHECKING:
    from grader.course.lint import LintReport


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@json_option
def lint(paths: tuple[Path, ...], as_json: bool) -> int:
    """Report every static problem of the files and folders PATHS.

    Without PATHS: of the course in STUDY_COURSE, else of the one around this folder, else of the installed one.
    """
    from grader.course import find_course
    from grader.course.lint import lint as lint_course

    root = Path() if paths else find_course(os.environ.get("STUDY_COURSE"), Path.cwd()).root
    reports = lint_course(root, paths)
    if as_json:
        print(json.dumps(_to_data(reports)))
    else:
        _print(reports)
    return ContentError.exit_code if any(report.problems for report in reports) else 0


def _print(reports: "list[LintReport]") -> None:
    # Not by click, which writes UTF-8 to a stream that has been set to ASCII.
    from grader.text.printable import clean

    for report in reports:
        for problem in report.problems:
            path = short_path(report.root / problem.path)
            print(clean(f"{path}:{problem.line}:{problem.column}: {problem.text}"))
    count, files = _counts(reports)
    problems = f"{count or 'no'} problem{'' if count == 1 else 's'}"
    print(f"{problems} in {files} file{'' if files == 1 else 's'}")


def _counts(reports: "list[LintReport]") -> tuple[int, int]:
    return sum(len(report.problems) for report in reports), sum(report.files for report in reports)


def _to_data(reports: "list[LintReport]") -> dict[str, object]:
    return {
        "files": _counts(reports)[1],
        "problems": [
            {"path": short_path(report.root / p.path), "line": p.line, "column": p.column, "message": p.text}
            for report in reports
            for p in report.problems
        ],
    }
