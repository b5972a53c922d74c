"""When the course will be done at a pace: its days are played through, reviews included. Pure."""

import heapq
import re
from collections import deque
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from statistics import median

from msgspec import Struct

from grader.core.errors import UsageError
from grader.course import Content
from grader.plan.reviews import GOOD, Memory, begin_memory, estimate_minutes, load_memories
from grader.progress.records import Progress, SubjectKind

#: A pace that does not get there in ten years gets no date.
LONGEST_DAYS = 3650
MINUTES_A_WEEK = 7 * 24 * 60
#: Fewer exercises say too little about a learner to scale the course's estimates by.
FEWEST_MEASURED = 5
#: From the start to the first pass; beyond this there was a night or a meal in between, and nothing was measured.
LONGEST_SITTING_MINUTES = 240
#: No learner is ten times as fast, whatever the measurement says.
FACTOR_RANGE = (0.5, 3.0)

_HOURS = re.compile(r"(?P<hours>\d+(?:[.,]\d+)?)\s*h(?:ours?|r?s?)?\s*(?:(?P<minutes>\d+)\s*m(?:in(?:utes?)?)?)?")
_MINUTES = re.compile(r"(?P<minutes>\d+(?:[.,]\d+)?)\s*m(?:in(?:utes?)?)?")
_PER = {"": 1, "week": 1, "w": 1, "day": 7, "d": 7}


class Pace(Struct, frozen=True):
    """How much time there is in a week, in minutes."""

    minutes_per_week: float


class Outlook(Struct, frozen=True):
    """When the course will be done, and the sum behind it; minutes everywhere.

    `exercise_minutes` are the course's estimates times `factor`: the median of what the learner took on
    `measured` exercises, as a share of their estimates, or 1 where fewer than FEWEST_MEASURED were measured.
    `review_minutes` fall until then. `finish` is None where it takes more than LONGEST_DAYS.
    """

    minutes_per_week: float
    exercises: int
    exercise_minutes: int
    factor: float
    measured: int
    readings: int
    reading_minutes: int
    review_minutes: int
    review_minutes_per_week: int
    finish: date | None
    days: int | None


def parse_pace(text: str) -> Pace:
    """Read a pace such as 6h/week, 45min/day, 1h30min/day or 3h, which is a week's.

    Raises:
        UsageError: If it is not a pace, or is more time than a week has.
    """
    shown = text if len(text) <= 40 else f"{text[:40]}…"
    time, slash, per = text.strip().lower().partition("/")
    per = per.strip()
    match = _HOURS.fullmatch(time.strip()) or _MINUTES.fullmatch(time.strip())
    if match is None or per not in _PER or (slash and not per):
        raise UsageError(
            f"`{shown}` is not a pace: it takes hours or minutes, a week or a day",
            hint="study progress --pace 6h/week   or   --pace 45min/day",
        )
    given = {unit: float(number.replace(",", ".")) for unit, number in match.groupdict("0").items()}
    hours, minutes = given.get("hours", 0.0), given["minutes"]
    weekly = (hours * 60 + minutes) * _PER[per]
    if weekly <= 0:
        raise UsageError(f"`{shown}` is not longer than no time", hint="study progress --pace 6h/week")
    if weekly > MINUTES_A_WEEK:
        raise UsageError(f"`{shown}` is more than the week has: 168 hours", hint="study progress --pace 6h/week")
    return Pace(weekly)


def measure_factor(content: Content, progress: Progress) -> tuple[float, int]:
    """Compare how long exercises took with how long they were said to take.

    Returns:
        The median share, and of how many exercises; 1 where fewer than FEWEST_MEASURED were solved in one sitting.
    """
    shares = []
    for name, so_far in progress.exercises.items():
        if so_far.started_at is None or so_far.first_solved_at is None or name not in content.exercises:
            continue
        took = (so_far.first_solved_at - so_far.started_at).total_seconds() / 60
        if 0 < took <= LONGEST_SITTING_MINUTES:
            shares.append(took / content.exercises[name].minutes)
    if len(shares) < FEWEST_MEASURED:
        return 1.0, len(shares)
    low, high = FACTOR_RANGE
    return min(high, max(low, median(shares))), len(shares)


class _Work(Struct):
    """One thing that is still to be done the first time."""

    kind: SubjectKind
    subject: str
    minutes: float
    review_minutes: int


def foresee(content: Content, progress: Progress, pace: Pace, now: datetime) -> Outlook:
    """Play the coming days through: what is due is reviewed first and rated good, then new work, in the course's order.

    Args:
        content: The course.
        progress: What was done so far.
        pace: How much time there is; it is the same every day.
        now: An aware moment; today is the first day.
    """
    factor, measured = measure_factor(content, progress)
    work = deque(_list_work(content, progress, factor))
    exercise_minutes = sum(one.minutes for one in work if one.kind == "exercise")
    readings = sum(one.kind == "reading" for one in work)
    total = sum(one.minutes for one in work)
    exercises, left = len(work) - readings, bool(work)
    spent, days = _play(work, load_memories(content, progress, now), content, pace, now.date())
    return Outlook(
        minutes_per_week=pace.minutes_per_week,
        exercises=exercises,
        exercise_minutes=round(exercise_minutes),
        factor=factor,
        measured=measured,
        readings=readings,
        reading_minutes=round(total - exercise_minutes),
        review_minutes=spent,
        review_minutes_per_week=round(spent * 7 / max(7, days or LONGEST_DAYS)) if left else 0,
        finish=None if days is None else now.date() + timedelta(days=max(0, days - 1)),
        days=days,
    )


def _play(
    work: deque[_Work], memories: list[Memory], content: Content, pace: Pace, today: date
) -> tuple[int, int | None]:
    """Return the minutes of the reviews until the work is done, and the days it takes; None beyond LONGEST_DAYS."""
    queue: list[tuple[date, int, int, Memory]] = []  # the number keeps heapq from comparing memories

    def remember(memory: Memory, minutes: int) -> None:
        heapq.heappush(queue, (memory.due_on, len(numbers), minutes, memory))
        numbers.append(None)

    numbers: list[None] = []
    for memory in memories:
        known = content.exercises if memory.kind == "exercise" else content.readings
        remember(memory, estimate_minutes(known[memory.subject]))
    budget, spent = 0.0, 0
    for number in range(LONGEST_DAYS + 1):
        if not work:
            return spent, number
        day = today + timedelta(days=number)
        budget += pace.minutes_per_week / 7
        while queue and queue[0][0] <= day and budget > 0:
            _, _, minutes, memory = heapq.heappop(queue)
            budget, spent = budget - minutes, spent + minutes
            remember(memory.rate(GOOD, day), minutes)
        while work and budget > 0:
            done = min(budget, work[0].minutes)
            budget, work[0].minutes = budget - done, work[0].minutes - done
            if work[0].minutes <= 0:
                first = work.popleft()
                remember(begin_memory(first.kind, first.subject, GOOD, day), first.review_minutes)
    return spent, None


def _list_work(content: Content, progress: Progress, factor: float) -> Iterator[_Work]:
    """Yield what is left, unit by unit, readings first; last the readings that are in no unit."""
    placed: set[str] = set()
    for unit in content.units:
        for name in unit.readings:
            yield from _list_reading(content, progress, name, placed)
        for name in unit.exercises:
            so_far = progress.exercises.get(name)
            if so_far is None or so_far.status != "solved":
                exercise = content.exercises[name]
                yield _Work("exercise", name, exercise.minutes * factor, estimate_minutes(exercise))
    for name in content.readings:
        yield from _list_reading(content, progress, name, placed)


def _list_reading(content: Content, progress: Progress, name: str, placed: set[str]) -> Iterator[_Work]:
    known = progress.readings.get(name)
    if name in placed or (known is not None and known.state == "done"):
        return
    placed.add(name)
    reading = content.readings[name]
    # What was read of it so far is off; that it is not done says that something is left.
    left = max(1, reading.minutes - (known.minutes if known else 0))
    yield _Work("reading", name, left, estimate_minutes(reading))
