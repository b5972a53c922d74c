"""How much time a learner has put in, and on which days: pure sums over the events of the progress log.

Nobody stops the time. What the log has are moments: an exercise was started, a hint was shown, a grade was made. The
time between two such moments counts as work on the exercise of the later one, unless it is longer than `MAX_GAP_MIN` of `grader.progress.spans`:
then the learner was away, and of the later one only its own grade counts. Minutes of reading are those that were typed
in; the time before such an entry is not counted a second time.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from msgspec import Struct

from grader.progress.spans import SLOT_US, measure_span

if TYPE_CHECKING:
    from grader.progress.events import Events
    from grader.progress.records import Activity

_SLOTS_A_DAY = 24 * 60 * 60 * 1_000_000 // SLOT_US
_EPOCH_DAY = date(1970, 1, 1).toordinal()


class Effort(Struct, frozen=True, kw_only=True):
    """Minutes spent: by exercise, by reading, and altogether."""

    total: float
    exercises: dict[str, float]
    readings: dict[str, float]


def minutes_spent(events: "Events") -> Effort:
    """Add up the time between events, as the module says, and the minutes of reading."""
    exercises: dict[str, float] = {}
    readings: dict[str, float] = {}
    for event in events.readings:
        if event.minutes:
            readings[event.reading_id] = readings.get(event.reading_id, 0.0) + event.minutes
    before: int | None = None
    for at_us, exercise_id, own_min in _in_order(events):
        if exercise_id is not None:
            exercises[exercise_id] = exercises.get(exercise_id, 0.0) + measure_span(before, at_us, own_min)
        before = at_us
    return Effort(total=sum(exercises.values()) + sum(readings.values()), exercises=exercises, readings=readings)


def sum_effort(activity: "Activity") -> Effort:
    """Add up what the log has added up by exercise and by reading."""
    total = sum(activity.exercises.values()) + sum(activity.readings.values())
    return Effort(total=total, exercises=activity.exercises, readings=activity.readings)


def count_days(activity: "Activity", zone: tzinfo | None = None) -> dict[date, int]:
    """Return how many attempts and reading events each day has, in `zone`, by default the machine's."""
    counts: dict[date, int] = {}
    offsets: dict[int, int | None] = {}  # of the days in UTC on which the clock is not changed, in slots
    for slot, number in activity.slots.items():
        utc_day = slot // _SLOTS_A_DAY
        if utc_day not in offsets:
            offsets[utc_day] = _find_offset(utc_day, zone)
        offset = offsets[utc_day]
        if offset is None:
            day = find_day(slot * SLOT_US, zone)
        else:
            day = date.fromordinal(_EPOCH_DAY + (slot + offset) // _SLOTS_A_DAY)
        if day is not None:
            counts[day] = counts.get(day, 0) + number
    return counts


def _find_offset(utc_day: int, zone: tzinfo | None) -> int | None:
    """Return how many slots a zone is ahead of UTC through all of a day; None where that cannot be said."""
    offsets = set()
    for slot in (utc_day * _SLOTS_A_DAY, (utc_day + 1) * _SLOTS_A_DAY - 1):
        try:
            moment = datetime.fromtimestamp(slot * SLOT_US / 1e6, UTC)
        except (OverflowError, ValueError, OSError):
            return None
        offset_us = moment.astimezone(zone).utcoffset() or timedelta()
        offsets.add(offset_us / timedelta(microseconds=SLOT_US))
    offset = offsets.pop()
    return int(offset) if not offsets and offset == int(offset) else None


def _in_order(events: "Events") -> list[tuple[int, str | None, float]]:
    """Return (moment, exercise or None for a reading, minutes that the grade itself took), the oldest first."""
    moments: list[tuple[int, str | None, float]] = [
        *((a.at_us, a.exercise_id, max(0.0, a.elapsed_s) / 60) for a in events.attempts),
        *((e.at_us, e.exercise_id, 0.0) for e in events.others),
        *((r.at_us, None, 0.0) for r in events.readings if r.minutes),
    ]
    return sorted(moments, key=lambda moment: moment[0])


def count_by_day(events: "Events", zone: tzinfo | None = None) -> dict[date, int]:
    """Return how many attempts and reading events each day has, in `zone`, by default the machine's."""
    counts: dict[date, int] = {}
    for at_us in _moments(events):
        day = find_day(at_us, zone)
        if day is not None:
            counts[day] = counts.get(day, 0) + 1
    return counts


def _moments(events: "Events") -> Iterator[int]:
    yield from (attempt.at_us for attempt in events.attempts)
    yield from (reading.at_us for reading in events.readings)


def find_day(at_us: int, zone: tzinfo | None = None) -> date | None:
    """Return the day of a moment in `zone`, by default the machine's; None where no calendar reaches that far."""
    try:
        return datetime.fromtimestamp(at_us / 1e6, zone).date()
    except (OverflowError, ValueError, OSError):
        return None


def count_streak(events: "Events", today: date, zone: tzinfo | None = None) -> int:
    """Return how many days in a row had an attempt or a reading; today may still come."""
    return find_streak(count_by_day(events, zone), today)


def find_streak(days: dict[date, int], today: date) -> int:
    """Return how many days in a row have something; today may still come."""
    day = today if today in days else today - timedelta(days=1)
    streak = 0
    while day in days:
        streak += 1
        day -= timedelta(days=1)
    return streak


def find_longest_streak(days: dict[date, int]) -> int:
    """Return the most days in a row that ever had something."""
    longest = 0
    for day in days:
        if day - timedelta(days=1) not in days:
            length = 1
            while day + timedelta(days=length) in days:
                length += 1
            longest = max(longest, length)
    return longest
