"""`study progress --web`: the page about the learner's progress, written and opened."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.context import Context, read_clock, short_path
from grader.core.errors import UsageError, WorkspaceError
from grader.files.regular import open_regular

if TYPE_CHECKING:
    from grader.core.pictures import Picture
    from grader.progress.events import CheckHistory


def show_page(context: Context, output: Path | None, *, may_open: bool) -> None:
    """Write the page, open it in the browser where there is one, and say where it lies.

    Args:
        context: Whose progress.
        output: Where to write it; None means into the workspace.
        may_open: Whether the browser may be opened.

    Raises:
        UsageError: If a file that is not a page that study wrote lies there.
        WorkspaceError: If it cannot be written.
    """
    from grader.files.workspace import writing_whole
    from grader.plan.effort import count_streak
    from grader.plan.reviews import find_due
    from grader.text.console import line
    from grader.view.page.page import write_page
    from grader.view.page.record import PageData

    if output is not None:
        _check_free(output)
    elif context.workspace.create():
        context.say(f"made the workspace {context.workspace.root} ({context.workspace.found_by})")
    path = Path.cwd() / output if output is not None else context.workspace.marker / "progress.html"
    known, events, now = context.load_progress(), context.load_events(), read_clock()
    record = PageData(
        content=context.content,
        progress=known,
        events=events,
        history=_load_history(context),
        pictures=_load_pictures(context),
        now=now,
        due=[one.subject for one in find_due(context.content, known, now)],
    )
    page = write_page(record, count_streak(events, now.date(), now.tzinfo)).encode()
    with writing_whole(path, private=True) as file:  # it holds the learner's notes, as the log does
        file.write(page)
    opened = may_open and not context.as_json and can_open(os.environ, sys.platform) and _open(path)
    said = "opened " if opened else "wrote  "
    # By hand where no browser was opened: a path that can be clicked or copied.
    context.show(
        lambda: line((said, "bold"), short_path(path), f"  ({len(page) / 1e6:.2f} MB)"),
        lambda: {"path": str(path), "bytes": len(page), "opened": opened},
    )


def _check_free(path: Path) -> None:
    """Refuse to replace what is not a page of ours."""
    from grader.view.page.page import BEGINNING

    try:
        with open_regular(path) as file:
            ours = file.read(len(BEGINNING)) == BEGINNING.encode()
    except FileNotFoundError:
        if path.parent.is_dir():
            return
        raise UsageError(f"there is no folder {path.parent}", hint=f"mkdir -p {path.parent}") from None
    except OSError:  # a link, a folder, or not ours to read
        ours = False
    if not ours:
        raise UsageError(
            f"{path} is there already and is not a page that study wrote; it is unchanged",
            hint=f"name another file: study progress --web --output {path.with_name('progress.html')}",
        )


def _load_history(context: Context) -> "CheckHistory":
    from grader.view.page.sections import CHECKED

    if not context.has_progress():
        return {}
    return context.store.load_check_history(CHECKED)


def _load_pictures(context: Context) -> dict[str, "Sequence[Picture] | str"]:
    """Load what each exercise's last grade has drawn; of what cannot be read, the reason."""
    from grader.files.picture_store import PictureStore

    picture_store = PictureStore(context.workspace)
    found: dict[str, Sequence[Picture] | str] = {}
    for name in context.content.exercises:
        try:
            kept = picture_store.load(name)
        except WorkspaceError as error:
            found[name] = error.message
            continue
        if kept is not None and kept.pictures:
            found[name] = kept.pictures
    return found


def can_open(environ: Mapping[str, str], platform: str) -> bool:
    """Tell whether a browser would open where the learner sits: not over ssh, nor without a display."""
    if any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "CI")):
        return False
    if platform in ("darwin", "win32"):
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def _open(path: Path) -> bool:
    import webbrowser

    try:
        return webbrowser.open(path.absolute().as_uri())
    except webbrowser.Error:
        return False
