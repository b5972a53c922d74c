"""Show what came of grading everything solved again: a bar meanwhile, then one row an exercise."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from msgspec import Struct
from rich.console import Group, RenderableType
from rich.text import Text

from grader.core.verdict import Verdict
from grader.text.console import can_redraw, line, make_console

RegradeState = Literal["still_solved", "regressed", "file_missing", "not_gradable", "course_invalid", "grader_fault"]

_WORDS: dict[RegradeState, tuple[str, str, str]] = {
    "still_solved": ("✓", "green", "still solved"),
    "regressed": ("✗", "red", "regressed"),
    "file_missing": ("–", "yellow", "file missing"),
    "not_gradable": ("–", "yellow", "not gradable"),
    "course_invalid": ("!", "yellow", "course invalid"),
    "grader_fault": ("!", "yellow", "grader fault"),
}


class Regrade(Struct, frozen=True):
    """What came of grading one solved exercise again.

    `message` says why it is not solved still, `hint` what to type next. `verdict` is None where there is none.
    """

    exercise: str
    state: RegradeState
    message: str | None = None
    hint: str | None = None
    verdict: Verdict | None = None


def describe_regrade(verdict: Verdict) -> Regrade:
    """Turn the verdict on a solved exercise into its row: which check fails first, and how to see it again."""
    again = f"study grade {verdict.exercise}"
    if verdict.verdict == "passed":
        return Regrade(verdict.exercise, "still_solved", verdict=verdict)
    if verdict.verdict == "grader_fault":
        faulty = next(check for check in verdict.checks if check.status == "grader_fault")
        return Regrade(verdict.exercise, "grader_fault", f"at: {faulty.title}", again, verdict)
    failed = next((check for check in verdict.checks if check.status not in ("passed", "not_run")), verdict.checks[0])
    # The seed repeats the very inputs it failed on.
    return Regrade(
        verdict.exercise, "regressed", f"first to fail: {failed.title}", f"{again} --seed {verdict.seed}", verdict
    )


def render_regrades(rows: Sequence[Regrade], *, total: int) -> RenderableType:
    """Show one row an exercise, then how many there are of each kind and what to type next.

    Args:
        rows: What is known, in the order of the course.
        total: How many exercises are solved; more than there are rows when it was stopped.
    """
    if not total:
        return Group(
            line("nothing is solved yet, so there is nothing to grade again"),
            line(("next: ", "bold"), ("study next", "green")),
        )
    width = max((len(row.exercise) for row in rows), default=0)
    lines: list[Text] = []
    for row in rows:
        mark, style, words = _WORDS[row.state]
        lines.append(line((f"  {mark} ", style), f"{row.exercise:<{width}}  ", (words, style)))
        if row.message is not None:
            lines += [line("      ", part) for part in row.message.splitlines()]
        if row.hint is not None:
            lines.append(line("      ", (row.hint, "green")))
    lines += [Text(), _render_counts(rows, total)]
    todo = next((row.hint for state in _WORDS for row in rows if row.state == state and row.hint is not None), None)
    lines.append(
        line(("next: ", "bold"), ("study grade --all" if len(rows) < total else todo or "study next", "green"))
    )
    return Group(*lines)


def _render_counts(rows: Sequence[Regrade], total: int) -> Text:
    counts = {words: sum(row.state == state for row in rows) for state, (_, _, words) in _WORDS.items()}
    counts["not graded"] = total - len(rows)
    found = [f"{number} {words}" for words, number in counts.items() if number]
    return line((f"of {total} solved: ", "bold"), ", ".join(found) or "none graded")


@contextmanager
def watch_regrades(total: int, *, quiet: bool) -> Iterator[Callable[[Regrade], None]]:
    """Show one bar on a terminal while the block runs; elsewhere nothing.

    Yields:
        The function to call with each row as it comes.
    """
    console = make_console(sys.stderr)
    if quiet or not can_redraw(console):
        yield lambda row: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    broken = 0
    columns = (TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)

        def take(row: Regrade) -> None:
            nonlocal broken
            broken += row.state != "still_solved"
            bar.update(task, advance=1, description=f"{broken} not solved still" if broken else "")

        yield take
