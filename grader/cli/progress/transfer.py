"""Progress and readings as files: `study export` and `study import`."""

import os
import shlex
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from grader.cli.context import Context, short_path, write_data
from grader.cli.options import json_option
from grader.core.errors import ImportUnusable, UsageError

if TYPE_CHECKING:
    from rich.text import Text

#: By so much of its beginning a file is told to be a log.
_TOLD_BY_BYTES = 64
#: The longest reading list that is read; a thousand readings take a few hundred KiB.
MAX_LIST_BYTES = 64 * 2**20


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--course", type=click.Path(path_type=Path), help="Write new readings into the course in this folder.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@json_option
def import_file(file: Path, course: Path | None, yes: bool, dry_run: bool, as_json: bool) -> int:
    """Take over FILE: a Markdown reading list, or progress that `study export` has written.

    What it is, is told by its content. Progress is merged into yours: nothing is lost or counted twice. Of a reading
    list you see what would change before anything is written.
    """
    from grader.files.read_bounded import open_plain_file, read_whole
    from grader.progress.transfer_file import is_log

    context = Context(as_json=as_json)
    with open_plain_file(file) as opened:
        beginning = opened.read(_TOLD_BY_BYTES)
        opened.seek(0)
        if is_log(beginning):
            if course is not None:
                raise UsageError(
                    f"{file} holds progress, which belongs to no course", hint=f"study import {short_path(file)}"
                )
            _merge(context, file, opened, dry_run=dry_run)
            return 0
        data = read_whole(opened, file, MAX_LIST_BYTES)
    if not data.strip():
        raise ImportUnusable(f"{file} is empty", hint="name a Markdown list, or a file that `study export` has written")
    from grader.cli.reading.import_list import import_readings

    return import_readings(context, file, data, course, yes=yes, dry_run=dry_run)


def _merge(context: Context, file: Path, opened: BinaryIO, *, dry_run: bool) -> None:
    from grader.progress.transfer_file import LogFile

    log = LogFile(opened, str(file))
    events = log.check()
    is_look = dry_run and not context.has_progress()  # nothing is made for that
    added = events if is_look else context.store.merge_log(log.read, dry_run=dry_run)
    total, new = sum(events.values()), sum(added.values())
    told = {"file": str(file), "events": events, "added": added, "written": not dry_run}
    context.show(lambda: _render_merged(added, total, new, dry_run=dry_run), lambda: told)


def _render_merged(added: dict[str, int], total: int, new: int, *, dry_run: bool) -> "Text":
    from grader.text.console import line
    from grader.view.next_step import count

    # The name of a table is the plural of what it holds.
    names = [count(number, name.replace("_", " ").removesuffix("s")) for name, number in added.items() if number]
    verb = "would be added" if dry_run else "added"
    known = f"{total - new} of {total} events were here already"
    return line(
        f"{verb}: {', '.join(names) or 'nothing'}   ({known})\n", ("next: ", "bold"), ("study progress", "green")
    )


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
