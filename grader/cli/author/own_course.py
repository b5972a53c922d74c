"""The course that an author writes to: --course, else STUDY_COURSE, else the one around this folder."""

import os
from pathlib import Path

import click

course_option = click.option(
    "--course", metavar="PATH", help="The course folder; else STUDY_COURSE, else the course around this folder."
)


def find_own(chosen: str | None) -> Path:
    """Return the course to write to; `chosen` is what --course says.

    Raises:
        UsageError: If there is none, or it belongs to an installed package.
    """
    from grader.course.template import find_own_course

    return find_own_course(chosen or os.environ.get("STUDY_COURSE"), Path.cwd())
