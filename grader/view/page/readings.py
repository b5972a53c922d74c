"""The readings, unit by unit: state, minutes and notes."""

from collections.abc import Sequence

from grader.core.models import Reading
from grader.progress.records import ReadingProgress
from grader.view.next_step import count
from grader.view.page.markup import scroller, table, text
from grader.view.page.record import PageData
from grader.view.progress import count_done

_STATES = {"done": "✓ done", "reading": "… reading", "queued": "+ queued", None: "noted"}
#: So much of the newest notes is shown; `study read ID` shows all of them.
_NOTES, _NOTE_CHARACTERS = 3, 400
#: So many characters of notes the page has in all.
_ALL_NOTES = 60_000
#: Of a longer list the readings nothing is known of are left out.
_MAX_LISTED = 600


def write_readings(record: PageData) -> str:
    """Return a table for each unit, folded up."""
    room, short = _ALL_NOTES, len(record.content.readings) <= _MAX_LISTED
    parts = []
    for unit in record.content.units:
        if not unit.readings:
            continue
        known = [
            (record.content.readings[name], record.progress.readings.get(name))
            for name in unit.readings
            if short or name in record.progress.readings
        ]
        if not known:
            continue
        rows = []
        for reading, so_far in known:
            notes = _write_notes(reading, so_far.notes if so_far else (), room)
            room -= len(notes)
            rows.append(_write_reading(record, reading, so_far, notes))
        listed = table(f"Readings of {text(unit.title)}", ("Reading", "State", "Minutes", "Notes"), rows)
        done = count_done(record.progress.readings, unit.readings)
        parts.append(
            f'<details class="fold"><summary><h3>{text(unit.title)}</h3>'
            f'<span class="note">{done} of {count(len(unit.readings), "reading")} done</span></summary>'
            f'<div class="body">{scroller(f"Readings of {unit.title}", listed)}</div></details>'
        )
    if not short:
        parts.append(
            '<p class="note">Only readings you have begun; all of them: <code>study list --readings</code></p>'
        )
    return "".join(parts)


def _write_reading(record: PageData, reading: Reading, so_far: ReadingProgress | None, notes: str) -> tuple[str, ...]:
    title = text(reading.title)
    link = f'<a href="{text(reading.url, 600)}" rel="noreferrer">{title}</a>' if reading.url else title
    about = ", ".join([reading.kind, *([str(reading.year)] if reading.year else [])])
    state = _STATES.get(so_far.state, "noted") if so_far else "–"
    due = ' <b class="due">due for review</b>' if reading.id in record.due else ""
    spent = f"{so_far.minutes} of " if so_far and so_far.minutes else ""
    return (f'{link} <span class="note">{about}</span>', state + due, f"{spent}{reading.minutes}", notes)


def _write_notes(reading: Reading, notes: Sequence[str], room: int) -> str:
    if not notes:
        return ""
    shown = notes[-_NOTES:] if room > 0 else ()
    items = "".join(f"<li>{text(note, _NOTE_CHARACTERS)}</li>" for note in shown)
    left_out = len(notes) - len(shown)
    more = (
        f'<p class="note">{count(left_out, "older note")}: <code>study read {reading.id}</code></p>' if left_out else ""
    )
    return (f"<ul>{items}</ul>" if items else "") + more
