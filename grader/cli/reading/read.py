"""The command for one reading: see it, say how far you are, keep notes, and search all of them."""

from typing import TYPE_CHECKING, Any

import click

from grader.cli.context import Context
from grader.cli.options import json_option
from grader.core.errors import UsageError

if TYPE_CHECKING:
    from grader.core.models import Reading
    from grader.progress import ReadingState


@click.command()
@click.argument("reading_id", metavar="[READING]", required=False)
@click.option("--queued", is_flag=True, help="You mean to read it.")
@click.option("--reading", is_flag=True, help="You are reading it.")
@click.option("--done", is_flag=True, help="You have read it.")
@click.option("--minutes", type=click.IntRange(1, 6000), help="Add the minutes you spent on it.")
@click.option("--note", metavar="TEXT", help="Keep a note.")
@click.option("--edit", is_flag=True, help="Write a note in your editor ($VISUAL, $EDITOR).")
@click.option("--search", metavar="WORDS", help="Find readings by title, author, id, chapter or note.")
@json_option
def read(
    reading_id: str | None,
    queued: bool,
    reading: bool,
    done: bool,
    minutes: int | None,
    note: str | None,
    edit: bool,
    search: str | None,
    as_json: bool,
) -> None:
    """Show a reading, and keep how far you are with it; or search the readings."""
    state = _choose_state(reading_id, queued=queued, reading=reading, done=done)
    context = Context(as_json=as_json)
    if search is not None:
        if state or minutes or note is not None or edit:
            raise UsageError("--search only looks", hint="study read --search WORDS")
        _search(context, f"{search} {reading_id or ''}")
        return
    if reading_id is None:
        raise UsageError("which reading?", hint="study list --readings, or: study read --search WORDS")
    subject = context.find_reading(reading_id)
    _record(context, subject, state, minutes, note, edit=edit)
    _show(context, subject)


def _choose_state(reading_id: str | None, **flags: bool) -> "ReadingState | None":
    """Return the one state that was given, if any; two of them say two things.

    Raises:
        UsageError: If it is more than one.
    """
    given: list[Any] = [name for name, is_set in flags.items() if is_set]
    if len(given) > 1:
        raise UsageError(
            f"{' and '.join(f'--{name}' for name in given)} are different states of a reading; nothing was recorded",
            hint=f"study read {reading_id or 'READING'} --{given[-1]}   (give one of them)",
        )
    return given[0] if given else None


def _record(
    context: Context,
    reading: "Reading",
    state: "ReadingState | None",
    minutes: int | None,
    note: str | None,
    *,
    edit: bool,
) -> None:
    from grader.cli.reading.notes import check_note, draft_path, write_in_editor

    if edit and note is not None:
        raise UsageError("--note and --edit are two ways to write one note", hint=f"study read {reading.id} --edit")
    if note is not None:
        note = check_note(note, f'study read {reading.id} --note "..."')
    if edit:
        store = (
            context.store
        )  # makes the workspace, where the draft lies; and what cannot be opened is told before writing
        known = store.load_progress().readings.get(reading.id)
        store.close()  # an editor may be open for hours; the log is opened again for the note
        note = write_in_editor(context, reading.id, reading.title, known.notes if known else ())
        if note is None:
            context.say("nothing was added; your notes so far are unchanged")
    if not (state or note or minutes):
        return
    try:
        context.store.record_reading(reading.id, state=state, note=note, minutes=minutes)
    except BaseException:
        if edit and note:
            context.say(f"your note could not be recorded; it is kept in {draft_path(context, reading.id)}")
        raise
    if edit and note:
        draft_path(context, reading.id).unlink(missing_ok=True)


def _show(context: Context, reading: "Reading") -> None:
    from msgspec import to_builtins

    from grader.view.next_step import render_reading

    known = context.load_progress()
    context.show(
        lambda: render_reading(reading, known),
        lambda: to_builtins(reading) | {"you": to_builtins(known.readings.get(reading.id))},
    )


def _search(context: Context, words: str) -> None:
    from grader.readings.search import search_readings
    from grader.readings.words import split_words
    from grader.view.next_step import state_of
    from grader.view.readings import render_hits

    if not split_words(words):
        raise UsageError("there is no word to search for", hint='study read --search "attention"')
    known = context.load_progress()
    hits = search_readings(context.content.readings, known, words)
    rows = [
        {
            "id": hit.reading.id,
            "title": hit.reading.title,
            "authors": hit.reading.authors,
            "state": state_of(known, hit.reading.id),
            "found": [{"in": kind, "text": text} for kind, text in hit.found],
        }
        for hit in hits
    ]
    context.show(lambda: render_hits(hits, known), lambda: {"readings": rows})
