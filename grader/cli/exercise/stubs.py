"""What `start` and `reset` write: the stub as a Python file, or as a notebook."""

from typing import TYPE_CHECKING

from grader.cli.context import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.core.models import Exercise
    from grader.files.workspace import Kind
    from grader.notebook.writing import Source


def choose_kind(desk: Desk, exercise: "Exercise", notebook: bool | None = None) -> "Kind":
    """Return the kind that is asked for, else that of the learner's own file, else a Python file."""
    if notebook is None:
        return ".ipynb" if desk.workspace.submission_path(exercise.id).suffix == ".ipynb" else ".py"
    return ".ipynb" if notebook else ".py"


def make_stub(desk: Desk, exercise: "Exercise", kind: "Kind") -> str:
    """Return the text to begin with."""
    from grader.course.code import read_stub

    stub = read_stub(exercise, desk.content.folder(exercise.id))
    if kind == ".py":
        return stub
    from grader.notebook.writing import write_notebook

    return write_notebook(exercise, stub, list(_sources(desk, exercise)))


def _sources(desk: Desk, exercise: "Exercise") -> "Iterator[Source]":
    from grader.notebook.writing import Source
    from grader.plan.next_step import describe_reading
    from grader.view.next_step import clock

    for ref in exercise.readings:
        step = describe_reading(desk.content.readings[ref.id], ref.chapter, "")
        place = f", from {clock(step.chapter.t)}: “{step.chapter.title}”" if step.chapter else ""
        yield Source(f"{step.reading.title}{place}", step.url)
