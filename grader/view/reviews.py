"""Show reviews: what is due and why, what was handed out, what a review was rated and when it comes back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from grader.core.models import Exercise, Reading
from grader.plan.reviews import Due, ReviewPlan
from grader.text.console import line, link
from grader.view.next_step import count


def render_reviews(due: Sequence[Due], coming: Sequence[Due]) -> RenderableType:
    """List what is due now and what comes next, and say what to type."""
    if not due and not coming:
        return render_nothing_due(None)
    lines: list[Text] = []
    if due:
        minutes = sum(one.minutes for one in due)
        lines.append(line(("due now", "bold"), f": {count(len(due), 'review')}, about {count(minutes, 'minute')}"))
        lines += _render_rows(due)
    if coming:
        lines.append(line(("coming", "bold")))
        lines += _render_rows(coming)
    lines.append(line(("next: ", "bold"), ("study review" if due else "study next", "green")))
    return Group(*lines)


def _render_rows(reviews: Iterable[Due]) -> Iterable[Text]:
    for one in reviews:
        yield line(("  ", ""), (one.subject, "cyan"), f"  {one.title}")
        when = one.reason if one.days_due >= 0 else f"on {write_day(one.due_on)}, in {count(-one.days_due, 'day')}"
        yield line("      ", (f"{when}; about {count(one.minutes, 'minute')}", "dim"))


def render_nothing_due(coming: Due | None) -> RenderableType:
    """Say that nothing is due, and when something will be."""
    if coming is None:
        first = "nothing is due: what you solve or read comes back here some days later"
    else:
        days = count(-coming.days_due, "day")
        first = f"nothing is due; next comes {coming.subject}, on {write_day(coming.due_on)}, in {days}"
    return Group(line(first), line(("next: ", "bold"), ("study next", "green")))


def render_first_reviews(plan: ReviewPlan) -> RenderableType:
    """Show the reviews that come before new work: which, why, how long, and what to type; of the rest how many."""
    lines: list[Text] = []
    for one in plan.first:
        lines.append(line(("Review ", "bold"), (one.subject, "bold cyan"), f"  {one.title}"))
        lines.append(line("       ", (one.reason, "dim")))
        lines.append(line("       ", (f"about {count(one.minutes, 'minute')}", "dim")))
        lines.append(line(("Type   ", "bold"), (f"study review {one.subject}", "bold green")))
    if plan.more:
        lines.append(line("       ", (f"{count(plan.more, 'more review')} due: study review --list", "dim")))
    lines.append(line(("then", "bold")))
    return Group(*lines)


def render_handed_out(
    exercise: Exercise, due: Due | None, path: str, kept: str | None, *, fresh: bool
) -> RenderableType:
    """Say where the file of a review is, why it is due, and what to type.

    Args:
        exercise: What is reviewed.
        due: Its review; None if the log has nothing of it up to now.
        path: The file, as it can be typed.
        kept: The learner's own solution, which stays as it is.
        fresh: Whether the file was handed out just now.
    """
    lines = [
        line(
            ("wrote  " if fresh else "kept   ", "bold"),
            path,
            "" if fresh else "  (it was there already: go on with it)",
        ),
        line("       ", f"{exercise.title}"),
    ]
    if due is not None:
        early = "" if due.days_due >= 0 else "; earlier is fine, and counts"
        lines.append(line("       ", (f"{due.reason}{early}; about {count(due.minutes, 'minute')}", "dim")))
    if kept is not None:
        lines.append(line("       ", (f"what you solved stays in {kept}; write this one from memory", "dim")))
    show, grade = f"study show {exercise.id}", f"study review --grade {exercise.id}"
    width = max(len(show), len(grade))
    lines += [
        line(("Type   ", "bold"), (f"{show:<{width}}", "green"), "   what it asks for"),
        line("       ", (f"{grade:<{width}}", "green"), "   grade it"),
    ]
    return Group(*lines)


def render_reading_review(reading: Reading, due: Due | None, notes: Sequence[str]) -> RenderableType:
    """Ask to recall a reading, with the notes and the address to compare with."""
    lines = [line((reading.id, "bold cyan"), f"  {reading.title}")]
    if due is not None:
        lines.append(line((f"{due.reason}; about {count(due.minutes, 'minute')}", "dim")))
    lines.append(line("say from memory what it shows and why; then compare"))
    if reading.url:
        lines.append(link(reading.url))
    lines += [line(f"  - {note}") for note in notes]
    lines.append(
        line(("next: ", "bold"), (f"study review {reading.id} --rate good", "green"), "   (again, hard, good or easy)")
    )
    return Group(*lines)


def render_review_open(exercise_id: str) -> RenderableType:
    """Say what to type while a review has not passed."""
    return Text("\n").join(
        [
            line(("next: ", "bold"), (f"study review --grade {exercise_id}", "green")),
            line(f"      stuck: study hint {exercise_id}   give up: study review --give-up {exercise_id}"),
        ]
    )


def render_rated(finished: Mapping[str, Any]) -> RenderableType:
    """Show what an exercise was rated in a review, from what, when it comes back, and where its file is kept."""
    took = [
        count(finished["attempts"], "attempt"),
        count(finished["hints"], "hint") if finished["hints"] else "no hint",
    ]
    if finished["revealed"]:
        took.append("the solution was shown")
    coming = finished["next"]
    return Text("\n").join(
        [
            line(("reviewed", "bold"), f": {finished['rating']} ({', '.join(took)}); {_tell_next(coming)}"),
            *([line((f"its file is kept: {finished['backup']}", "dim"))] if finished["backup"] else []),
            line(("next: ", "bold"), ("study next", "green")),
        ]
    )


def render_reading_rated(reading_id: str, rating: str, due: Due | None) -> RenderableType:
    """Show what a reading was rated, and when it comes back."""
    coming = None if due is None else {"days_due": due.days_due, "due_on": due.due_on.isoformat()}
    return Text("\n").join(
        [
            line(("reviewed", "bold"), f": {reading_id} {rating}; {_tell_next(coming)}"),
            line(("next: ", "bold"), ("study next", "green")),
        ]
    )


def _tell_next(coming: Mapping[str, Any] | None) -> str:
    if coming is None:
        return "when it comes back cannot be told, because the clock of this machine is set before your last work"
    days = -coming["days_due"]
    return f"it comes back in {count(days, 'day')}, on {write_day(date.fromisoformat(coming['due_on']))}"


def write_day(day: date) -> str:
    """Write a day: 8 December 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


#: Not `strftime`: its names follow the locale, and nothing else that is printed does.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
