"""`study show ID --plot`: the pictures of the last grade, in the terminal and as files."""

from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.context import Context, short_path
from grader.core.errors import UsageError
from grader.files.picture_store import Kept, PictureStore

if TYPE_CHECKING:
    from grader.core.models import Exercise
    from grader.view.figures import Format

INSTALL = 'pip install "study-grader[plot]"'


def show_pictures(context: Context, exercise: "Exercise", form: "Format | None") -> int:
    """Draw what the last grade kept.

    Args:
        context: Where to draw.
        exercise: Whose pictures.
        form: The kind of files asked for; None means SVG, where they can be drawn.

    Returns:
        0; or 2 if files were asked for, and cannot be drawn.

    Raises:
        UsageError: If no grade has left pictures.
        WorkspaceError: If they cannot be read, or a file cannot be written.
    """
    from msgspec import to_builtins
    from rich.console import Group
    from rich.text import Text

    from grader.text.console import line
    from grader.view.gallery import render_all

    picture_store = PictureStore(context.workspace)
    kept = picture_store.load(exercise.id)
    if kept is None:
        raise UsageError(f"no grade of {exercise.id} has left pictures yet", hint=f"study grade {exercise.id}")
    files, problem = _write_files(picture_store, exercise.id, kept, form or "svg")
    whence = line(
        (exercise.id, "bold cyan"),
        f"  {exercise.title}  ",
        (f"({kept.verdict.replace('_', ' ')}, seed {kept.seed})", "dim"),
    )
    wrote = [line(("wrote  ", "bold"), short_path(path)) for path in files]
    context.show(
        lambda: Group(whence, Text(), render_all(kept.pictures, context.console), *wrote),
        lambda: to_builtins(kept) | {"files": [str(path) for path in files], "problem": problem},
    )
    if problem is not None and not context.as_json:
        context.say(f"study: {problem}\nnext: {INSTALL}")
    return 2 if problem is not None and form is not None else 0


def _write_files(
    picture_store: PictureStore, exercise_id: str, kept: Kept, form: "Format"
) -> tuple[list[Path], str | None]:
    """Return the files, or why there are none."""
    from grader.view.figures import draw_figure

    try:
        drawn = [(picture.name, draw_figure(picture, form)) for picture in kept.pictures]
    except ImportError as error:
        return [], f"no files are written: matplotlib cannot be loaded ({error})"
    return [picture_store.add_figure(exercise_id, name, form, data) for name, data in drawn], None
