"""What `start` and `reset` write: the stub as a Python file, or as a notebook."""

from typing import TYPE_CHECKING

from grader.cli.context import Context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.core.models import Exercise
    from grader.files.workspace import Kind
    from grader.notebook.writing import Link


def choose_kind(context: Context, exercise: "Exercise", notebook: bool | None = None) -> "Kind":
    """Return the kind that is asked for, else that of the learner's own file, else a Python file."""
    if notebook is None:
        return ".ipynb" if context.workspace.submission_path(exercise.id).suffix == ".ipynb" else ".py"
    return ".ipynb" if notebook else ".py"


def make_stub(context: Context, exercise: "Exercise", kind: "Kind") -> str:
    """Return the text to begin with."""
    from grader.course.code import read_stub

    stub = read_stub(exercise, context.content.folder(exercise.id))
    if kind == ".py":
        return stub
    from grader.notebook.writing import write_notebook

    return write_notebook(exercise, stub, list(_sources(context, exercise)))


def _sources(context: Context, exercise: "Exercise") -> "Iterator[Link]":
    from grader.notebook.writing import Link
    from grader.plan.next_step import describe_reading
    from grader.view.next_step import clock

    for ref in exercise.readings:
        step = describe_reading(context.content.readings[ref.id], ref.chapter, "")
        place = f", from {clock(step.chapter.t)}: “{step.chapter.title}”" if step.chapter else ""
        yield Link(f"{step.reading.title}{place}", step.url)
