"""The live line while a grade runs: which check, how long it may take, and what the learner printed last."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.text import Text

from grader.core.events import Event, Finished, Printed, Started
from grader.core.models import Exercise
from grader.text.console import can_redraw, line, make_console
from grader.view.next_step import count

if TYPE_CHECKING:
    from rich.live import Live

OnEvent = Callable[[Event], None]


class _Watched:
    """What is going on right now; rendered again several times a second."""

    def __init__(self, exercise: Exercise) -> None:
        self._exercise = exercise.id
        self._total = len(exercise.checks)
        self._done = 0
        self._title = "starting torch"
        self._timeout_s = 0.0
        self._since_s = time.monotonic()
        self._printed = ""

    def take(self, event: Event) -> None:
        match event:
            case Started():
                self._title, self._timeout_s = event.title, event.timeout_s
                self._since_s, self._printed = time.monotonic(), ""
            case Finished():
                self._done += 1
            case Printed():
                self._printed = event.line

    def describe(self) -> Text:
        """Say in one line what is about to be done."""
        return line(f"checking {self._exercise}: {count(self._total, 'check')}")

    def __rich__(self) -> Text:
        spent_s = time.monotonic() - self._since_s
        budget = f"  {spent_s:.0f} s of {self._timeout_s:.0f} s" if self._timeout_s and spent_s > 1 else ""
        text = line(
            (f"checking {min(self._done + 1, self._total)}/{self._total}  ", "bold"), self._title, (budget, "dim")
        )
        text.no_wrap, text.overflow = True, "ellipsis"  # a line that wraps would make the ones below it jump
        if self._printed:
            text.append_text(line("\n  ", (self._printed[:100], "dim")))
        return text


class GradeLine:
    """The live line of one grade: there while shown, and gone without a trace.

    Nothing else may be printed on the terminal while it is shown. `take` may be called from any thread.
    """

    def __init__(self, exercise: Exercise, *, quiet: bool) -> None:
        self._console = make_console(sys.stderr)
        self._quiet = quiet or not self._console.is_terminal
        self._redraws = can_redraw(self._console)
        self._told = False
        self._watched = _Watched(exercise)
        self._live: Live | None = None

    def take(self, event: Event) -> None:
        """Take an event of the engine."""
        self._watched.take(event)

    def show(self) -> None:
        """Begin to show the line, on a terminal; elsewhere nothing."""
        if self._quiet or self._live is not None:
            return
        if not self._redraws:  # one line, once: nothing is drawn over
            if not self._told:
                self._told = True
                self._console.print(self._watched.describe())
            return
        from rich.live import Live

        self._live = Live(self._watched, console=self._console, transient=True, refresh_per_second=4)
        self._live.start()

    def hide(self) -> None:
        """Take the line away; safe to call twice."""
        if self._live is not None:
            self._live.stop()
            self._live = None


@contextmanager
def watch_grade(exercise: Exercise, *, quiet: bool) -> Iterator[OnEvent]:
    """Show a live line on a terminal while the block runs; elsewhere nothing.

    Yields:
        The function to pass the engine's events to.
    """
    grade_line = GradeLine(exercise, quiet=quiet)
    grade_line.show()
    try:
        yield grade_line.take
    finally:
        grade_line.hide()
