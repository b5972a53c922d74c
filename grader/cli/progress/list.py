"""`study list`: the exercises, or the readings."""

from typing import Any

import click

from grader.cli.context import Context
from grader.cli.options import json_option
from grader.core.errors import UsageError


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
