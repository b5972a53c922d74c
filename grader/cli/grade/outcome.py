"""Show what came of a grade: the verdict, what a pass leads to, and what to type next."""

from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.context import Context, short_path

if TYPE_CHECKING:
    from rich.console import RenderableType

    from grader.core.models import Exercise, Question
    from grader.core.verdict import Verdict
    from grader.plan.after_pass import AfterPass


def show_verdict(context: Context, exercise: "Exercise", verdict: "Verdict", path: Path) -> None:
    """Show a verdict, what a pass leads to, and what to type next."""
    from msgspec import to_builtins
    from rich.console import Group

    from grader.text.console import line

    after = find_after_pass(context, exercise, verdict)
    context.show(
        lambda: Group(
            render_outcome(context, exercise, verdict, path),
            *render_after(after),
            line(("next: ", "bold"), (next_steps(verdict, after), "green")),
        ),
        lambda: to_builtins(verdict) | ({"after": to_builtins(after)} if after else {}),
    )


def find_after_pass(context: Context, exercise: "Exercise", verdict: "Verdict") -> "AfterPass | None":
    """Return what to tell after a pass; None after any other verdict."""
    if verdict.verdict != "passed":
        return None
    from grader.plan.after_pass import describe_after_pass

    question = find_question(context, exercise, verdict)
    spent = context.load_activity().exercises.get(exercise.id)
    return describe_after_pass(context.content, context.load_progress(), exercise, question, minutes_spent=spent)


def render_after(after: "AfterPass | None") -> "list[RenderableType]":
    """Show what a pass leads to, where there was one."""
    if after is None:
        return []
    from grader.view.after_pass import render_after_pass

    return [render_after_pass(after)]


def find_question(context: Context, exercise: "Exercise", verdict: "Verdict") -> "Question | None":
    """Return the open question to ask after a verdict."""
    if verdict.verdict != "passed" or not exercise.questions:
        return None
    from grader.plan.questions import open_questions

    return next(iter(open_questions(exercise, context.load_progress().exercises.get(exercise.id))), None)


def render_outcome(context: Context, exercise: "Exercise", verdict: "Verdict", path: Path) -> "RenderableType":
    """Show a verdict and, if there are pictures, where; after a pass the first is drawn.

    Places in the file that was graded, `path`, are links where the terminal can open them.
    """
    from rich.console import Group

    from grader.text.file_links import link_places
    from grader.view.verdict import render_verdict

    file = path.absolute()
    shown = link_places(render_verdict(verdict, exercise.title), file, short_path(file))
    if not verdict.pictures:
        return shown
    from grader.view.gallery import render_first

    return Group(shown, render_first(verdict, context.console))


def next_steps(verdict: "Verdict", after: "AfterPass | None") -> str:
    """Say what to type after a verdict."""
    if verdict.verdict == "passed":
        return f"study answer {verdict.exercise}" if after and after.question else "study next"
    return f"study grade {verdict.exercise}   (stuck: study hint {verdict.exercise})"
