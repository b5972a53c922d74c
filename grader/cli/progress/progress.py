"""`study progress`: how far the learner is; on the terminal, as a page, or as a plan by pace."""

from pathlib import Path

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
