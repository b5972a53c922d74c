"""The live line while a grade runs: which check, how long it may take, and what the learner printed last."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.text import Text

from grader.models import Exercise
from grader.view.text import line, make_console

OnEvent = Callable[[dict[str, Any]], None]


class _Watched:
    """What is going on right now; rendered anew several times a second."""

    def __init__(self, exercise: Exercise) -> None:
        self._total = len(exercise.checks)
        self._done = 0
        self._title = "starting torch"
        self._timeout_s = 0.0
        self._since_s = time.monotonic()
        self._printed = ""

    def take(self, event: dict[str, Any]) -> None:
        kind = event.get("event")
        if kind == "started":
            self._title, self._timeout_s = str(event["title"]), float(event["timeout_s"])
            self._since_s, self._printed = time.monotonic(), ""
        elif kind == "finished":
            self._done += 1
        elif kind == "printed":
            self._printed = str(event["line"])

    def __rich__(self) -> Text:
        spent_s = time.monotonic() - self._since_s
        budget = f"  {spent_s:.0f} s of {self._timeout_s:.0f} s" if self._timeout_s and spent_s > 1 else ""
        text = line(
            (f"checking {min(self._done + 1, self._total)}/{self._total}  ", "bold"), self._title, (budget, "dim")
        )
        if self._printed:
            text.append_text(line("\n  ", (self._printed[:100], "dim")))
        return text


@contextmanager
def watch_grade(exercise: Exercise, *, quiet: bool) -> Iterator[OnEvent]:
    """Show a live line on a terminal while the block runs; elsewhere nothing.

    Yields:
        The function to hand the runner's events to.
    """
    console = make_console(sys.stderr)
    if quiet or not console.is_terminal:
        yield lambda event: None
        return
    from rich.live import Live

    watched = _Watched(exercise)
    with Live(watched, console=console, transient=True, refresh_per_second=4):
        yield watched.take
