"""Show in the terminal how far the learner is: each unit with its bar and its time, then what it adds up to."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.text import Text

from grader.core.models import Unit
from grader.course import Content
from grader.plan.effort import Effort
from grader.progress.records import Progress, ReadingProgress
from grader.text.console import line
from grader.view.next_step import count, status_of

_WIDTH = 80
_BAR = 12
_FULL, _EMPTY = "█", "░"


class UnitProgress(Struct, frozen=True, kw_only=True):
    """How far one unit is; minutes are of its exercises, those spent and those they are estimated at."""

    id: str
    title: str
    solved: int
    exercises: int
    readings_done: int
    readings: int
    minutes_spent: float
    minutes_estimated: int


def sum_up_units(content: Content, progress: Progress, effort: Effort) -> list[UnitProgress]:
    """Sum up each unit of the course, in its order."""
    return [_sum_up(content, unit, progress, effort) for unit in content.units]


def _sum_up(content: Content, unit: Unit, progress: Progress, effort: Effort) -> UnitProgress:
    return UnitProgress(
        id=unit.id,
        title=unit.title,
        solved=sum(status_of(progress, name) == "solved" for name in unit.exercises),
        exercises=len(unit.exercises),
        readings_done=count_done(progress.readings, unit.readings),
        readings=len(unit.readings),
        minutes_spent=round(sum(effort.exercises.get(name, 0.0) for name in unit.exercises), 1),
        minutes_estimated=sum(content.exercises[name].minutes for name in unit.exercises),
    )


def count_done(known: Mapping[str, ReadingProgress], names: Sequence[str]) -> int:
    """Return how many of these readings are done."""
    return sum(name in known and known[name].state == "done" for name in names)


def hours(minutes: float) -> str:
    """Write a length of time: 0:05, 12:30, in hours and minutes."""
    whole = round(minutes)
    return f"{whole // 60}:{whole % 60:02d}"


def render_progress(
    content: Content,
    progress: Progress,
    effort: Effort,
    streak: int,
    *,
    due: Sequence[str] = (),
) -> RenderableType:
    """Show how far the learner is, within 80 columns and without need of a colour.

    Args:
        content: The course.
        progress: The log, summed up.
        effort: The time spent.
        streak: Days in a row with an attempt or a reading.
        due: Ids of the exercises and readings that are due for review, the most urgent first.
    """
    units = sum_up_units(content, progress, effort)
    solved, exercises = sum(unit.solved for unit in units), len(content.exercises)
    done = count_done(progress.readings, list(content.readings))
    lines = [
        *(_render_unit(unit) for unit in units if unit.exercises),
        Text(),
        *_render_habits(units, effort, streak),
        *_render_due(due),
        line(f"{solved} of {exercises} exercises solved, {count(progress.attempts, 'attempt')}"),
        line(f"{done} of {len(content.readings)} readings done"),
        *_render_revealed(progress),
    ]
    return Group(*lines)


def _render_unit(unit: UnitProgress) -> Text:
    filled = _BAR * unit.solved // unit.exercises  # full only when all is solved
    solved = f"  {unit.solved}/{unit.exercises}".ljust(9)
    time = f"  {hours(unit.minutes_spent)} of {hours(unit.minutes_estimated)} h" if unit.minutes_spent >= 0.5 else ""
    room = _WIDTH - _BAR - len(solved) - len(time)
    title = unit.title.replace("\n", " ")
    if cell_len(title) > room:
        title = set_cell_size(title, room - 3) + "..."  # three columns in plain ASCII as well
    body = set_cell_size(title, room) if time else title
    return line((_FULL * filled, "green"), (_EMPTY * (_BAR - filled), "dim"), solved, body, (time, "dim"))


def _render_habits(units: Sequence[UnitProgress], effort: Effort, streak: int) -> Iterator[Text]:
    estimated = sum(unit.minutes_estimated for unit in units)
    exercises, readings = sum(effort.exercises.values()), sum(effort.readings.values())
    if streak:
        yield line(f"{count(streak, 'day')} in a row")
    if effort.total >= 0.5:  # less would be shown as 0:00
        reading = f", and {hours(readings)} h on readings" if readings else ""
        yield line(f"{hours(exercises)} h on exercises, which are estimated at {hours(estimated)} h{reading}")


def _render_due(due: Sequence[str]) -> Iterator[Text]:
    if due:
        more = f", and {len(due) - 3} more" if len(due) > 3 else ""
        yield line(f"due for review: {', '.join(due[:3])}{more}   ", ("study review", "green"))


def _render_revealed(progress: Progress) -> Sequence[Text]:
    names = [name for name, p in progress.exercises.items() if p.revealed == "gave_up"]
    return [line((f"solution looked up: {', '.join(names)}", "dim"))] if names else []
