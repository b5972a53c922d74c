"""The open questions of an exercise that is solved: `study answer`."""

import sys
from typing import TYPE_CHECKING

import click

from grader.cli.context import Context
from grader.cli.options import json_option
from grader.core.errors import UsageError

if TYPE_CHECKING:
    from rich.text import Text

    from grader.core.models import Exercise, Question
    from grader.progress import ExerciseProgress

#: A short written answer; a longer text is probably a file piped in by mistake.
MAX_CHARACTERS = 10_000


@click.command()
@click.argument("exercise_id", metavar="[ID]", required=False)
@click.option("--question", metavar="NAME", help="Which question; by default the first that is open.")
@click.option("--text", help="Your answer; without it you are asked, or it is read from standard input.")
@click.option("--edit", is_flag=True, help="Write it in your editor ($EDITOR).")
@click.option("--points", is_flag=True, help="Show what a good answer says without answering.")
@json_option
def answer(
    exercise_id: str | None, question: str | None, text: str | None, edit: bool, points: bool, as_json: bool
) -> None:
    """Answer an open question of an exercise you have solved, then see what a good answer says."""
    context = Context(as_json=as_json)
    exercise = _choose_exercise(context, exercise_id)
    asked = _choose_question(context, exercise, question)
    if points:
        context.show(
            lambda: _render_points(asked), lambda: {"exercise": exercise.id, "question": asked.id, **_tell(asked)}
        )
        return
    written = _check(text if text is not None else _read_answer(context, asked, edit=edit), exercise)
    _record(context, exercise, asked, written)


def _record(context: Context, exercise: "Exercise", asked: "Question", written: str) -> None:
    from rich.console import Group
    from rich.text import Text

    from grader.plan.questions import judge_number, nearest_number, open_questions
    from grader.text.console import line
    from grader.text.numbers import find_numbers

    right = judge_number(asked, written)
    context.store.record_answer(exercise.id, asked.id, written, number_right=right)
    left = open_questions(exercise, context.load_progress().exercises.get(exercise.id))
    lines: list[Text] = []
    if right:
        lines.append(line(("the number is right", "green"), f": {asked.number:g}"))
    elif right is not None:
        near = nearest_number(asked, find_numbers(written))
        what = "your answer holds no number" if near is None else f"{near:g} is not the number"
        lines.append(line((what, "yellow"), "; the question stays open"))
        lines.append(
            line(
                ("next: ", "bold"),
                (f"study answer {exercise.id}", "green"),
                f"   (or see what a good answer says: study answer {exercise.id} --question {asked.id} --points)",
            )
        )
    if right is not False:
        lines += _point_lines(asked)
        following = f"study answer {exercise.id}   (another question)" if left else "study next"
        lines.append(line(("next: ", "bold"), (following, "green")))
    data = {
        "exercise": exercise.id,
        "question": asked.id,
        "answer": written,
        "number_right": right,
        "open": [other.id for other in left],
        **({} if right is False else _tell(asked)),
    }
    context.show(lambda: Group(*lines), lambda: data)


def _tell(asked: "Question") -> dict[str, object]:
    return {"asks": asked.asks, "points": asked.points, "number": asked.number}


def _render_points(asked: "Question") -> "Text":
    from rich.text import Text

    from grader.text.console import line

    return Text("\n").join([line((asked.asks, "bold")), *_point_lines(asked)])


def _point_lines(asked: "Question") -> list["Text"]:
    from grader.text.console import line

    return [line(("a good answer says", "bold")), *(line(("  - ", "dim"), point) for point in asked.points)]


def _choose_exercise(context: Context, typed: str | None) -> "Exercise":
    """Return the exercise that was typed, else the one solved last that has an open question."""
    if typed is not None:
        return context.find_exercise(typed)
    from grader.plan.questions import open_questions

    all_so_far = context.load_progress().exercises
    solved = [
        so_far
        for name, so_far in all_so_far.items()
        if name in context.content.exercises and open_questions(context.content.exercises[name], so_far)
    ]
    if not solved:
        raise UsageError("no question is open: each is asked once its exercise is solved", hint="study next")
    return context.content.exercises[max(solved, key=_last_attempt).exercise_id]


def _last_attempt(so_far: "ExerciseProgress") -> float:
    return so_far.last_attempt_at.timestamp() if so_far.last_attempt_at else 0.0


def _choose_question(context: Context, exercise: "Exercise", typed: str | None) -> "Question":
    """Return the question that was named, else the first open one, else the first.

    Raises:
        UsageError: If there is none, it is not solved yet, or the name fits none.
    """
    from grader.plan.questions import open_questions

    if not exercise.questions:
        raise UsageError(f"{exercise.id} asks no open question", hint="study next")
    so_far = context.load_progress().exercises.get(exercise.id)
    if so_far is None or so_far.status != "solved":
        raise UsageError(
            f"{exercise.id} is not solved yet; its questions are asked after a pass",
            hint=context.name_next(exercise.id),
        )
    if typed is None:
        return next(iter(open_questions(exercise, so_far)), exercise.questions[0])
    for question in exercise.questions:
        if question.id == typed:
            return question
    names = ", ".join(question.id for question in exercise.questions)
    raise UsageError(
        f"{exercise.id} has no question `{typed}`; its questions: {names}", hint=f"study answer {exercise.id}"
    )


def _read_answer(context: Context, asked: "Question", *, edit: bool) -> str:
    """Ask for an answer: in the editor, line by line at a terminal, else all of standard input."""
    if edit:
        start = f"\n\n# {asked.asks}\n# Lines that begin with # are left out."
        try:
            written = click.edit(start) or ""
        except click.ClickException as error:
            raise UsageError(f"the editor did not work: {error.message}", hint='study answer --text "..."') from None
        return "\n".join(row for row in written.splitlines() if not row.startswith("#"))
    if not sys.stdin.isatty():
        return sys.stdin.read(MAX_CHARACTERS + 1)
    context.say(f"{asked.asks}\n(a few sentences; an empty line ends your answer)")
    rows: list[str] = []
    for row in sys.stdin:
        if not row.strip():
            break
        rows.append(row.rstrip("\n"))
    return "\n".join(rows)


def _check(written: str, exercise: "Exercise") -> str:
    """Refuse what cannot be an answer.

    Raises:
        UsageError: If it is empty or far too long.
    """
    written = written.strip()
    if not written:
        raise UsageError("the answer is empty; nothing was kept", hint=f'study answer {exercise.id} --text "..."')
    if len(written) > MAX_CHARACTERS:
        raise UsageError(
            f"the answer has more than {MAX_CHARACTERS:,} characters; a few sentences are enough", hint="shorten it"
        )
    return written
