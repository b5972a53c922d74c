"""Time spent and days in a row follow from the moments in the log, by one stated rule."""

import random
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from grader.plan.effort import (
    Effort,
    count_by_day,
    count_days,
    count_streak,
    find_day,
    find_longest_streak,
    minutes_spent,
)
from grader.progress import Activity
from grader.progress.events import AttemptEvent, Events, ExerciseEvent, ReadingEvent
from grader.progress.spans import SLOT_US

START = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)


def moment(minute: float) -> int:
    return int((START + timedelta(minutes=minute)).timestamp() * 1_000_000)


def attempt(minute: float, exercise_id: str = "e01", elapsed_s: float = 6.0) -> AttemptEvent:
    return AttemptEvent(1, moment(minute), exercise_id, "failed", 0, 1, elapsed_s)


def reading(minute: float, minutes: int | None = None) -> ReadingEvent:
    return ReadingEvent(moment(minute), "a-paper", "reading", minutes)


def on(*days: int) -> Events:
    """Attempts at noon of these days of March 2026."""
    return Events(attempts=tuple(attempt((day - 10) * 1440 - 360) for day in days))


def test_nothing_logged_is_no_time() -> None:
    assert minutes_spent(Events()) == Effort(total=0, exercises={}, readings={})


def test_the_time_between_two_moments_belongs_to_the_exercise_of_the_later_one() -> None:
    events = Events(
        attempts=(attempt(10), attempt(25, "e02")),
        others=(ExerciseEvent(moment(0), "e01", "start"), ExerciseEvent(moment(12), "e02", "hint")),
    )
    assert minutes_spent(events) == Effort(total=25, exercises={"e01": 10, "e02": 15}, readings={})


@pytest.mark.parametrize(("gap", "counted"), [(30, 30.0), (30.01, 0.1)], ids=["half an hour", "a little more"])
def test_a_gap_of_more_than_half_an_hour_is_a_pause_of_which_only_the_grade_counts(gap: float, counted: float) -> None:
    spent = minutes_spent(Events(attempts=(attempt(0, elapsed_s=0), attempt(gap))))
    assert spent.exercises == {"e01": pytest.approx(counted)}


def test_minutes_of_reading_are_added_and_the_time_before_them_is_not_counted_twice() -> None:
    events = Events(attempts=(attempt(0, elapsed_s=0), attempt(25)), readings=(reading(20, 20), reading(21)))
    assert minutes_spent(events) == Effort(total=25, exercises={"e01": 5}, readings={"a-paper": 20})


def test_moments_are_taken_in_their_order_however_they_were_logged() -> None:
    """A log that was merged from two machines is not in the order of time, and a clock may have been wrong."""
    events = Events(attempts=(attempt(20), attempt(10, elapsed_s=0), attempt(15, elapsed_s=-5)))
    assert minutes_spent(events).total == 10


def test_days_in_a_row_end_today() -> None:
    assert count_streak(on(7, 9, 10, 11), date(2026, 3, 11), UTC) == 3


def test_a_day_that_is_not_over_does_not_break_the_row() -> None:
    assert count_streak(on(9, 10), date(2026, 3, 11), UTC) == 2


def test_a_day_left_out_breaks_the_row() -> None:
    assert count_streak(on(9, 10), date(2026, 3, 12), UTC) == 0
    assert count_streak(Events(), date(2026, 3, 12), UTC) == 0


def test_a_day_with_only_a_reading_counts() -> None:
    assert count_streak(Events(readings=(reading(0),)), date(2026, 3, 10), UTC) == 1


def test_the_day_is_the_one_of_the_clock_on_the_wall() -> None:
    late = Events(attempts=(attempt(5 * 60),))  # 23:00 in UTC
    assert count_by_day(late, UTC) == {date(2026, 3, 10): 1}
    assert count_by_day(late, timezone(timedelta(hours=2))) == {date(2026, 3, 11): 1}


@pytest.mark.parametrize("at_us", [2**63 - 1, -(2**63)])
def test_a_moment_beyond_every_calendar_has_no_day(at_us: int) -> None:
    assert find_day(at_us, UTC) is None
    assert count_by_day(Events(readings=(ReadingEvent(at_us, "a-paper", None, None),)), UTC) == {}


def test_the_longest_row_is_found_wherever_it_lies() -> None:
    assert find_longest_streak(count_by_day(on(1, 2, 5, 6, 7, 20), UTC)) == 3
    assert find_longest_streak({}) == 0


@pytest.mark.parametrize(
    "zone", [UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu"), ZoneInfo("Pacific/Chatham")]
)
def test_days_counted_from_quarters_of_an_hour_are_those_of_the_moments(zone: tzinfo) -> None:
    """Through a year with both changes of the clock, and in zones that are not whole hours from UTC."""
    chance = random.Random(1)
    moments = [moment(chance.randrange(366 * 24 * 60)) for _ in range(3000)]
    slots: dict[int, int] = {}
    for at_us in moments:
        slots[at_us // SLOT_US] = slots.get(at_us // SLOT_US, 0) + 1
    events = Events(attempts=tuple(AttemptEvent(1, at_us, "e01", "failed", 0, 1, 1.0) for at_us in moments))
    activity = Activity(exercises={}, readings={}, slots=slots)
    assert count_days(activity, zone) == count_by_day(events, zone)


def test_a_slot_beyond_every_calendar_has_no_day() -> None:
    assert count_days(Activity(exercises={}, readings={}, slots={10**13: 1}), UTC) == {}
