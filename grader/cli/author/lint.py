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

    Without PATHS: of the course in STUDY_COURSE, else of the one this folder lies in, else of the one that comes with
    study.
    """
    from grader.course.lint import lint as lint_course

    reports = lint_course(_find_root() if not paths else Path(), paths)
    if as_json:
        print(json.dumps(_to_data(reports)))
    else:
        _print(reports)
    return ContentError.exit_code if any(report.problems for report in reports) else 0


def _find_root() -> Path:
    from grader.course import find_content_root
    from grader.course.content import READING_LIST

    here = Path.cwd()
    around = next((folder for folder in (here, *here.parents) if (folder / READING_LIST).is_file()), None)
    return find_content_root(os.environ.get("STUDY_COURSE") or (str(around) if around else None))


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
