"""A clock that cannot be right does not decide when something was done."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from grader.progress import NewAttempt, ProgressStore

TODAY = datetime(2026, 3, 10, 18, tzinfo=UTC)


@pytest.fixture
def clock_at(location: object) -> Callable[[datetime, str], datetime]:
    """Record a start at a moment of the clock, and return the moment that it was stamped with."""

    def record(moment: datetime, name: str) -> datetime:
        with ProgressStore.open(location, now=lambda: moment) as store:  # type: ignore[arg-type]
            store.record_start(name)
            return next(
                started
                for other, so_far in store.load_progress().exercises.items()
                if other == name and (started := so_far.started_at) is not None
            )

    return record


def test_a_clock_that_was_reset_is_not_believed(clock_at: Callable[[datetime, str], datetime]) -> None:
    clock_at(TODAY, "e01")
    for number, year in enumerate((1970, 2018, 2024)):
        stamped = clock_at(datetime(year, 1, 1, tzinfo=UTC), f"e1{number}")
        assert stamped == TODAY + timedelta(microseconds=number + 1)
    assert clock_at(TODAY + timedelta(days=1), "e03") == TODAY + timedelta(days=1)


def test_the_first_record_of_all_is_stamped_with_whatever_the_clock_says(
    clock_at: Callable[[datetime, str], datetime],
) -> None:
    wrong = datetime(2018, 1, 1, tzinfo=UTC)
    assert clock_at(wrong, "e01") == wrong
    assert clock_at(TODAY, "e02") == TODAY


def test_a_session_with_a_clock_that_runs_ahead_does_not_hold_up_what_comes_later(
    clock_at: Callable[[datetime, str], datetime],
) -> None:
    ahead = TODAY + timedelta(days=4000)
    assert clock_at(ahead, "e01") == ahead
    assert clock_at(TODAY, "e02") == TODAY
    assert clock_at(TODAY + timedelta(days=1), "e03") == TODAY + timedelta(days=1)


def test_a_clock_behind_many_days_of_work_is_the_one_that_is_wrong(
    clock_at: Callable[[datetime, str], datetime],
) -> None:
    for day in range(4):
        clock_at(TODAY + timedelta(days=day), f"e0{day}")
    newest = TODAY + timedelta(days=3)
    assert clock_at(TODAY - timedelta(days=200), "e10") == newest + timedelta(microseconds=1)
    assert clock_at(newest - timedelta(hours=20), "e11") == newest - timedelta(hours=20)  # two machines differ by that


def test_a_moment_is_chosen_for_attempts_too(location: object, make_attempt: Callable[..., NewAttempt]) -> None:
    moments = [TODAY, datetime(2018, 1, 1, tzinfo=UTC)]
    for moment in moments:
        with ProgressStore.open(location, now=lambda moment=moment: moment) as store:  # type: ignore[misc,arg-type]
            store.record_attempt(make_attempt())
            newest = store.load_attempts("e02_fold")[0].at
    assert newest == TODAY + timedelta(microseconds=1)
