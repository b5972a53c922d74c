"""`study next`: what is due for review, and what to read and solve now."""

from typing import TYPE_CHECKING

import click

from grader.cli.context import Context, read_clock
from grader.cli.exercise.describe import describe_exercise
from grader.cli.options import json_option

if TYPE_CHECKING:
    from rich.console import RenderableType

    from grader.plan.reviews import ReviewPlan


@click.command("next")
@json_option
def next_step(as_json: bool) -> None:
    """Say what to read and solve now, and why."""
    show_next(Context(as_json=as_json))


def show_next(context: Context) -> None:
    """Show the reviews that are due and the next step, as the progress log has them now."""
    from msgspec import to_builtins

    from grader.plan.next_step import plan_next
    from grader.plan.reviews import plan_reviews
    from grader.view.next_step import render_next

    known = context.load_progress()
    step, reviews = plan_next(context.content, known), plan_reviews(context.content, known, read_clock())
    told = {
        "exercise": describe_exercise(step.exercise) if step.exercise else None,
        "reviews": to_builtins(reviews),
    }
    context.show(lambda: _render_with_reviews(reviews, render_next(step)), lambda: to_builtins(step) | told)


def _render_with_reviews(reviews: "ReviewPlan", step: "RenderableType") -> "RenderableType":
    if not reviews.first:
        return step
    from rich.console import Group

    from grader.view.reviews import render_first_reviews

    return Group(render_first_reviews(reviews), step)
