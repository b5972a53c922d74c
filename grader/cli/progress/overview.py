"""The commands that look around: progress, list."""

from pathlib import Path
from typing import Any

import click

from grader.cli.context import Context, read_clock
from grader.cli.options import json_option
from grader.core.errors import UsageError


@click.command()
@click.option("--web", is_flag=True, help="Write it as a page with map, calendar and pictures, and open that.")
@click.option("--output", type=click.Path(path_type=Path), help="With --web: where to write the page.")
@click.option("--no-open", is_flag=True, help="With --web: do not open the page.")
@click.option("--pace", metavar="6h/week", help="When you will be done, at so many hours a week or minutes a day.")
@json_option
def progress(web: bool, output: Path | None, no_open: bool, pace: str | None, as_json: bool) -> None:
    """Show how far you are."""
    if (output is not None or no_open) and not web:
        given = "--output" if output is not None else "--no-open"
        raise UsageError(f"{given} goes with --web", hint="study progress --web")
    if web and pace is not None:
        raise UsageError("--web and --pace are two different views", hint=f"study progress --pace {pace}")
    context = Context(as_json=as_json)
    if web:
        from grader.cli.progress.web import show_page

        show_page(context, output, may_open=not no_open)
    elif pace is not None:
        from grader.cli.progress.pace import show_pace

        show_pace(context, pace)
    else:
        show_progress(context)


def show_progress(context: Context) -> None:
    """Show how far the learner is, and what is due for review."""
    from msgspec import to_builtins

    from grader.plan.effort import count_days, find_streak, sum_effort
    from grader.plan.reviews import find_due
    from grader.view.progress import render_progress, sum_up_units

    known, activity, now = context.load_progress(), context.load_activity(), read_clock()
    effort, streak = sum_effort(activity), find_streak(count_days(activity), now.date())
    due = find_due(context.content, known, now)
    context.show(
        lambda: render_progress(context.content, known, effort, streak, due=[one.subject for one in due]),
        lambda: (
            to_builtins(known)
            | {
                "streak": streak,
                "due": to_builtins(due),
                "minutes_spent": to_builtins(effort),
                "units": to_builtins(sum_up_units(context.content, known, effort)),
            }
        ),
    )


@click.command("list")
@click.option("--unit", help="Only units whose id contains this.")
@click.option("--status", type=click.Choice(["open", "started", "tried", "solved"]), help="Only these exercises.")
@click.option("--readings", is_flag=True, help="List the readings instead of the exercises.")
@click.option("--state", type=click.Choice(["new", "queued", "reading", "done"]), help="Only these readings.")
@json_option
def list_exercises(unit: str | None, status: str | None, readings: bool, state: str | None, as_json: bool) -> None:
    """List the exercises, or the readings."""
    if status and readings:
        raise UsageError("--status is about exercises", hint=f"study list --status {status}")
    if state and not readings:
        raise UsageError("--state is about readings", hint=f"study list --readings --state {state}")
    from grader.view.next_step import render_list, render_readings

    context = Context(as_json=as_json)
    known = context.load_progress()
    if readings:
        context.show(
            lambda: render_readings(context.content, known, unit, state), lambda: _readings_data(context, unit, state)
        )
    else:
        context.show(
            lambda: render_list(context.content, known, unit, status), lambda: _exercises_data(context, unit, status)
        )


def _exercises_data(context: Context, unit_part: str | None, status: str | None) -> dict[str, Any]:
    from grader.view.next_step import status_of

    known = context.load_progress()
    rows = [
        {"id": name, "unit": unit.id, "title": context.content.exercises[name].title, "status": status_of(known, name)}
        for unit in context.content.units
        if not unit_part or unit_part in unit.id
        for name in unit.exercises
    ]
    return {"exercises": [row for row in rows if status is None or row["status"] == status]}


def _readings_data(context: Context, unit_part: str | None, state: str | None) -> dict[str, Any]:
    known = context.load_progress().readings
    rows = [
        {
            "id": name,
            "unit": unit.id,
            "title": context.content.readings[name].title,
            "state": known[name].state if name in known else None,
        }
        for unit in context.content.units
        if not unit_part or unit_part in unit.id
        for name in unit.readings
    ]
    return {"readings": [row for row in rows if state is None or (row["state"] or "new") == state]}
