"""When the course will be done: `study progress --pace`."""

from grader.cli.context import Context, read_clock


def show_pace(context: Context, typed: str) -> None:
    """Show when the course will be done at a pace."""
    from msgspec import to_builtins

    from grader.plan.pace import foresee, parse_pace
    from grader.view.pace import render_outlook

    pace = parse_pace(typed)
    outlook = foresee(context.content, context.load_progress(), pace, read_clock())
    context.show(lambda: render_outlook(outlook), lambda: to_builtins(outlook))
