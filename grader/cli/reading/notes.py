"""A note on a reading, written in the learner's editor: what was written is kept as a draft until it is recorded."""

from collections.abc import Sequence
from pathlib import Path

import click

from grader.cli.context import Context, short_path
from grader.core.errors import UsageError, WorkspaceError
from grader.files.read_bounded import read_plain_file
from grader.files.workspace import write_whole

#: A note is pages at most; more was pasted by mistake.
MAX_NOTE_CHARACTERS = 100_000
_MAX_DRAFT_BYTES = 2**20
_LINE = "-- your note is above; nothing below this line is kept --"


def check_note(note: str, hint: str) -> str:
    """Return a note without the white space around it.

    Raises:
        UsageError: If nothing is left, or it is far too long.
    """
    note = note.strip()
    if not note:
        raise UsageError("the note is empty; nothing was kept", hint=hint)
    if len(note) > MAX_NOTE_CHARACTERS:
        raise UsageError(f"the note has more than {MAX_NOTE_CHARACTERS:,} characters; nothing was kept", hint=hint)
    return note


def draft_path(context: Context, reading_id: str) -> Path:
    """Return where the draft of a note lies until it is recorded."""
    return context.workspace.marker / "drafts" / f"{reading_id}.md"


def write_in_editor(context: Context, reading_id: str, title: str, notes: Sequence[str]) -> str | None:
    """Let the learner write a note, below which the notes so far can be read; None if nothing was written.

    What was written stays in `draft_path`, and is what the editor shows the next time; remove it once it is recorded.

    Raises:
        UsageError: If the editor fails, or what it leaves is not a text; the draft is named.
    """
    path = draft_path(context, reading_id)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(f"{path.parent} cannot be made: {error.strerror}", hint="study doctor") from None
    left = _read_draft(path) if path.exists() else ""
    before = "\n\n".join(notes)
    below = f"\n\n{_LINE}\n{title}\n\n{before}\n".encode("utf-8", "replace").decode()
    write_whole(path, (left + below).encode("utf-8", "replace"))
    hint = f"study read {reading_id} --edit   goes on with it"
    try:
        click.edit(filename=str(path))
    except (click.ClickException, OSError) as error:
        reason = error.message if isinstance(error, click.ClickException) else str(error)
        _tidy_draft(path, left)
        kept = f"; what was written is kept in {short_path(path)}" if path.exists() else "; nothing was written"
        raise UsageError(f"the editor did not work: {reason}{kept}", hint=f"set EDITOR, or: {hint}") from None
    except BaseException:
        _tidy_draft(path, left)
        raise
    if not path.exists():
        return None
    note = _read_draft(path)
    if note:
        return check_note(note, f"shorten {short_path(path)}, then: {hint}")
    if not left:
        path.unlink()
        return None
    write_whole(path, left.encode("utf-8", "replace"))
    context.say(
        f"your earlier draft is kept in {short_path(path)}; remove it if it is not needed: rm {short_path(path)}"
    )
    return None


def _read_draft(path: Path) -> str:
    """Return what is above the line; what follows it was only there to be read."""
    try:
        text = read_plain_file(path, _MAX_DRAFT_BYTES).decode("utf-8")
    except UnicodeDecodeError as error:
        place = short_path(path)
        raise UsageError(
            f"{place} is not UTF-8: {error.reason} at byte {error.start}; it is kept as it is",
            hint=f"save it as UTF-8, or move it away: mv {place} {place}.old",
        ) from None
    return text.partition(_LINE)[0].strip()


def _tidy_draft(path: Path, left: str) -> None:
    """Remove a draft in which nothing was written, after a failure; whatever else it holds stays as it is."""
    try:
        empty = not left and not _read_draft(path)
    except UsageError:  # it is not what we wrote: the learner's
        return
    if empty:
        path.unlink(missing_ok=True)
