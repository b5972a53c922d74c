"""Show when the course will be done at a pace, and the sum behind the date."""

from rich.console import Group, RenderableType

from grader.plan.pace import FEWEST_MEASURED, LONGEST_DAYS, Outlook
from grader.text.console import line
from grader.view.next_step import count
from grader.view.reviews import write_day


def render_outlook(outlook: Outlook) -> RenderableType:
    """Show the date, what is left, and what the estimate rests on."""
    if not outlook.exercises and not outlook.readings:
        return line(("done  ", "bold green"), "every exercise is solved and every reading is done")
    lines = [
        _render_finish(outlook),
        line(
            ("left  ", "bold"),
            f"{count(outlook.exercises, 'exercise')}, {write_minutes(outlook.exercise_minutes)}  ",
            (_tell_factor(outlook), "dim"),
        ),
        line(f"      {count(outlook.readings, 'reading')}, {write_minutes(outlook.reading_minutes)}"),
    ]
    if outlook.finish is not None:
        total = outlook.exercise_minutes + outlook.reading_minutes + outlook.review_minutes
        weekly = write_minutes(outlook.review_minutes_per_week)
        lines += [
            line(
                f"      reviews until then, {write_minutes(outlook.review_minutes)}  ",
                (f"about {weekly} a week", "dim"),
            ),
            line(("sum   ", "bold"), f"{write_minutes(total)}, at {write_minutes(outlook.minutes_per_week)} a week"),
        ]
    return Group(*lines)


def _render_finish(outlook: Outlook) -> RenderableType:
    if outlook.finish is None or outlook.days is None:
        return line(
            ("done  ", "bold"),
            f"not within {LONGEST_DAYS // 365} years at {write_minutes(outlook.minutes_per_week)} a week",
        )
    weeks = -(-outlook.days // 7)
    return line(("done  ", "bold"), (write_day(outlook.finish), "bold green"), f", in {count(weeks, 'week')}")


def _tell_factor(outlook: Outlook) -> str:
    if outlook.measured < FEWEST_MEASURED:
        return "by the course's estimates"
    return f"by the course's estimates times {outlook.factor:.2g}: so long you took on {outlook.measured} of them"


def write_minutes(minutes: float) -> str:
    """Write a time: 45 min, 1 h 20 min, 6 h."""
    hours, rest = divmod(round(minutes), 60)
    if not hours:
        return f"{rest} min"
    return f"{hours:,} h {rest} min" if rest else f"{hours:,} h"
