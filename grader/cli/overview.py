"""The commands that look around: progress, list, read."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.desk import Desk
from grader.cli.learn import json_option
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.progress.events import Events


@click.command()
@click.option("--web", is_flag=True, help="Write it as a page with map, calendar and pictures, and open that.")
@click.option("--output", type=click.Path(path_type=Path), help="With --web: where to write the page.")
@click.option("--no-open", is_flag=True, help="With --web: do not open the page.")
@json_option
def progress(web: bool, output: Path | None, no_open: bool, as_json: bool) -> None:
    """Show how far you are."""
    if (output is not None or no_open) and not web:
        given = "--output" if output is not None else "--no-open"
        raise UsageError(f"{given} goes with --web", hint="study progress --web")
    desk = Desk(as_json=as_json)
    if web:
        from grader.cli.web import show_page

        show_page(desk, output, may_open=not no_open)
    else:
        show_progress(desk)


def show_progress(desk: Desk, *, due: Sequence[str] = ()) -> None:
    """Show how far the learner is; `due` are ids of what is due for review."""
    from datetime import datetime

    from msgspec import to_builtins

    from grader.effort import count_streak, minutes_spent
    from grader.view.standing import render_progress, sum_up_units

    known, events = desk.load_progress(), load_events(desk)
    effort, streak = minutes_spent(events), count_streak(events, datetime.now().date())
    unicode = desk.as_json or desk.console.encoding.startswith("utf")
    desk.show(
        lambda: render_progress(desk.content, known, effort, streak, due=due, unicode=unicode),
        lambda: (
            to_builtins(known)
            | {
                "streak": streak,
                "minutes_spent": to_builtins(effort),
                "units": to_builtins(sum_up_units(desk.content, known, effort)),
            }
        ),
    )


def load_events(desk: Desk) -> "Events":
    """Read when everything happened, without making anything: no workspace means that nothing did."""
    if not desk.workspace.exists() and "STUDY_DATABASE" not in os.environ:
        from grader.progress.events import Events

        return Events()
    return desk.store.load_events()


@click.command("list")
@click.option("--unit", help="Only units whose id contains this.")
@click.option("--status", type=click.Choice(["open", "started", "tried", "solved"]), help="Only these exercises.")
@click.option("--readings", is_flag=True, help="List the readings instead of the exercises.")
@json_option
def list_exercises(unit: str | None, status: str | None, readings: bool, as_json: bool) -> None:
    """List the exercises, or the readings."""
    from grader.view.plan import render_list, render_readings

    desk = Desk(as_json=as_json)
    known = desk.load_progress()
    if readings:
        desk.show(lambda: render_readings(desk.content, known, unit), lambda: _readings_data(desk, unit))
    else:
        desk.show(lambda: render_list(desk.content, known, unit, status), lambda: _exercises_data(desk, unit, status))


def _exercises_data(desk: Desk, unit_part: str | None, status: str | None) -> dict[str, Any]:
    from grader.view.plan import status_of

    known = desk.load_progress()
    rows = [
        {"id": name, "unit": unit.id, "title": desk.content.exercises[name].title, "status": status_of(known, name)}
        for unit in desk.content.units
        if not unit_part or unit_part in unit.id
        for name in unit.exercises
    ]
    return {"exercises": [row for row in rows if status is None or row["status"] == status]}


def _readings_data(desk: Desk, unit_part: str | None) -> dict[str, Any]:
    known = desk.load_progress().readings
    rows = [
        {
            "id": name,
            "unit": unit.id,
            "title": desk.content.readings[name].title,
            "state": known[name].state if name in known else None,
        }
        for unit in desk.content.units
        if not unit_part or unit_part in unit.id
        for name in unit.readings
    ]
    return {"readings": rows}


@click.command()
@click.argument("reading_id", metavar="READING")
@click.option("--done", "state", flag_value="done", help="You have read it.")
@click.option("--reading", "state", flag_value="reading", help="You are reading it.")
@click.option("--note", help="Keep a note.")
@click.option("--minutes", type=click.IntRange(1, 6000), help="Add the minutes you spent on it.")
@json_option
def read(reading_id: str, state: Any, note: str | None, minutes: int | None, as_json: bool) -> None:
    """Show a reading, and keep how far you are with it."""
    from msgspec import to_builtins

    from grader.planner import resolve_id
    from grader.view.plan import render_reading

    desk = Desk(as_json=as_json)
    reading = desk.content.readings[resolve_id(reading_id, desk.content.readings, "reading")]
    if state or note or minutes:
        desk.store.record_reading(reading.id, state=state, note=note, minutes=minutes)
    known = desk.load_progress()
    desk.show(
        lambda: render_reading(reading, known),
        lambda: to_builtins(reading) | {"you": to_builtins(known.readings.get(reading.id))},
    )
