"""`study export`: write all progress, or the readings, into a file."""

import os
import shlex
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.context import Context, short_path, write_data
from grader.cli.options import json_option
from grader.core.errors import UsageError

if TYPE_CHECKING:
    from rich.text import Text


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--readings", type=click.Choice(["markdown", "bibtex", "csl-json"]), help="The readings, for other tools."
)
@click.option("--output", type=click.Path(path_type=Path), help="The file to write; the same as FILE.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@json_option
def export(file: Path | None, readings: str | None, output: Path | None, force: bool, as_json: bool) -> None:
    """Write all of your progress into one file, to merge on another machine: study import FILE.

    It holds every attempt with the text that was graded. With --readings: the readings with your states and notes as a
    Markdown check list, BibTeX or CSL-JSON (for Zotero), printed unless there is a FILE.
    """
    context = Context(as_json=as_json)
    if file is not None and output is not None and file != output:
        raise UsageError(f"two files to write: {file} and {output}", hint="name one")
    path = file or output
    if readings is not None:
        _export_readings(context, readings, path, force=force)
        return
    path = path or Path(f"study-progress-{datetime.now():%Y-%m-%d}.jsonl.gz")
    _check_place(path, force=force)
    if not context.has_progress():
        raise UsageError(
            f"there is no progress in {context.workspace.root} ({context.workspace.found_by})", hint="study next"
        )
    events, size = _write_log(context, path.absolute())
    context.show(lambda: _render_exported(path, sum(events.values()), size), lambda: _tell(path, size, events=events))


def _write_log(context: Context, path: Path) -> tuple[dict[str, int], int]:
    """Write the log into a file, whole or not at all; returns the events and the size of the file."""
    from grader.files.workspace import writing_whole

    with writing_whole(path, private=True) as file:
        events = context.store.export_log(file)
        file.seek(0, os.SEEK_END)
        return events, file.tell()


def _export_readings(context: Context, form: str, path: Path | None, *, force: bool) -> None:
    from grader.files.workspace import write_whole
    from grader.readings.exporting import export_readings
    from grader.text.printable import clean

    known = context.load_progress()
    text = export_readings(context.content, known, form)
    gone = sum(name not in context.content.readings for name in known.readings)
    if gone:
        context.say(f"{gone} of the readings you have noted belong to no course that is here; they are left out")
    number = len(context.content.readings)
    if path is None:
        if context.as_json:
            context.show(lambda: "", lambda: {"format": form, "readings": number, "text": text})
        else:
            write_data(clean(text))  # not through the console, which breaks lines to the width of the terminal
        return
    data = text.encode("utf-8")
    _check_place(path, force=force)
    write_whole(path.absolute(), data)
    context.show(
        lambda: _render_exported(path, number, len(data), what="reading", back=form == "markdown"),
        lambda: _tell(path, len(data), format=form, readings=number),
    )


def _check_place(path: Path, *, force: bool) -> None:
    """Refuse to write where something of the learner's is, or where nothing can be.

    Raises:
        UsageError: If so; nothing has been changed.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder", hint=f"study export {path}/study-progress.jsonl.gz")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}", hint=f"mkdir -p {path.parent}")
    if not force and (path.exists() or path.is_symlink()):
        raise UsageError(f"{path} is there already; it is unchanged", hint="name another file, or add --force")


def _render_exported(path: Path, number: int, size: int, *, what: str = "event", back: bool = True) -> "Text":
    from grader.text.console import line
    from grader.view.next_step import count

    text = line(("wrote  ", "bold"), short_path(path.absolute()), f"  {count(number, what)}, {max(1, size >> 10)} KiB")
    typed = shlex.join(["study", "import", str(path)])
    return text + line(("\nthere: ", "bold"), (typed, "green")) if back else text


def _tell(path: Path, size: int, **more: object) -> dict[str, object]:
    return {"file": str(path.absolute()), "bytes": size, **more}
