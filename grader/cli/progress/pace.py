"""When the course will be done: `study progress --pace`."""

from grader.cli.context import Desk, read_clock


def show_pace(desk: Desk, typed: str) -> None:
    """Show when the course will be done at a pace."""
    from msgspec import to_builtins

    from grader.plan.pace import foresee, parse_pace
    from grader.view.pace import render_outlook

    pace = parse_pace(typed)
    outlook = foresee(desk.content, desk.load_progress(), pace, read_clock())
    desk.show(lambda: render_outlook(outlook), lambda: to_builtins(outlook))
