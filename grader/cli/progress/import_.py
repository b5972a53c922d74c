"""`study import`: take over a file of progress, or a reading list."""

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from grader.cli.context import Context, short_path
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
