"""A finish date follows from what is left, the pace and the reviews on the way; the sum is shown."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from grader.core.errors import UsageError
from grader.core.models import Unit
from grader.course import Content
from grader.plan.pace import LONGEST_DAYS, Outlook, Pace, foresee, measure_factor, parse_pace
from grader.progress import ExerciseProgress, Progress, ReadingProgress
from grader.text.console import make_console
from grader.view.pace import render_outlook, write_minutes
from tests.conftest import Study
from tests.test_planner import LECTURE, make_content, make_exercise

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
NOTHING = Progress(exercises={}, readings={}, last_started=None, attempts=0)


def make_solved(name: str, minutes: float, *, days_ago: float = 1) -> ExerciseProgress:
    at = NOW - timedelta(days=days_ago)
    return ExerciseProgress(
        exercise_id=name,
        status="solved",
        attempts=1,
        started_at=at - timedelta(minutes=minutes),
        first_solved_at=at,
        failed_before_solved=1,
    )


def make_progress(*all_so_far: ExerciseProgress, **readings: Any) -> Progress:
    at = NOW - timedelta(days=1)
    return Progress(
        exercises={so_far.exercise_id: so_far for so_far in all_so_far},
        readings={
            name.replace("_", "-"): ReadingProgress(
                state=state, minutes=minutes, notes=(), changed_at=at, done_at=at if state == "done" else None
            )
            for name, (state, minutes) in readings.items()
        },
        last_started=None,
        attempts=0,
    )


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("6h/week", 360),
        ("45min/day", 315),
        ("3h", 180),
        (" 1.5 h / day ", 630),
        ("1,5h/day", 630),
        ("1h30min/day", 630),
        ("2H/W", 120),
        ("90m/w", 90),
        ("90 minutes", 90),
        ("2 hours/week", 120),
        ("1 hour/d", 420),
        ("168h", 10080),
        ("24h/day", 10080),
    ],
)
def test_a_pace_is_read_as_people_write_it(text: str, minutes: float) -> None:
    assert parse_pace(text) == Pace(minutes)


@pytest.mark.parametrize(
    "text", ["", "6", "fast", "6h/", "6h/month", "h/week", "-3h", "6h/week/day", "1h1h", "6 h a week", "1e3h", "nanh"]
)
def test_what_is_no_pace_is_refused_with_two_that_are(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_pace(text)
    assert (caught.value.message, caught.value.hint) == (
        f"`{text}` is not a pace: it takes hours or minutes, a week or a day",
        "study progress --pace 6h/week   or   --pace 45min/day",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0h", "`0h` is not longer than no time"),
        ("0min/day", "`0min/day` is not longer than no time"),
        ("25h/day", "`25h/day` is more than the week has: 168 hours"),
        ("9" * 400 + "h", f"`{'9' * 40}…` is more than the week has: 168 hours"),
    ],
)
def test_no_time_and_more_than_there_is_are_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_pace(text)
    assert caught.value.message == message


def test_the_outlook_of_a_newcomer_is_told_whole() -> None:
    """Four exercises of 25 minutes, readings of 90, 60 and 5: at an hour a day the fifth day is the last.

    On the second day two readings and an exercise are done, which come back on the fourth (10 + 3 + 10 minutes); what is
    solved on the third comes back on the fifth (10).
    """
    assert foresee(make_content(), NOTHING, Pace(420), NOW) == Outlook(
        minutes_per_week=420,
        exercises=4,
        exercise_minutes=100,
        factor=1.0,
        measured=0,
        readings=3,
        reading_minutes=155,
        review_minutes=33,
        review_minutes_per_week=33,
        finish=date(2026, 3, 5),
        days=5,
    )


def test_without_reviews_the_date_is_what_is_left_over_the_time_there_is() -> None:
    """255 minutes in one day of 255: nothing comes back within it."""
    outlook = foresee(make_content(), NOTHING, Pace(255 * 7), NOW)
    assert (outlook.finish, outlook.days, outlook.review_minutes) == (NOW.date(), 1, 0)
    assert foresee(make_content(), NOTHING, Pace(254 * 7), NOW).finish == date(2026, 3, 2)


def test_reviews_that_are_due_take_their_time_first() -> None:
    """Three reviews of 10 minutes make a day of 30 minutes pass before the last exercise is begun."""
    solved = [make_solved(name, 25, days_ago=30) for name in ("add", "double", "halve")]
    read = {"toy_lecture": ("queued", 0), "toy_paper": ("queued", 0), "toy_talk": ("queued", 0)}
    content = make_content(Unit("u", "U", "U.", (), ("add", "double", "halve", "negate")))
    content = Content(content.root, {}, content.courses, content.exercises)
    outlook = foresee(content, make_progress(*solved, **read), Pace(30 * 7), NOW)
    assert (outlook.exercises, outlook.review_minutes, outlook.finish) == (1, 30, date(2026, 3, 2))


def test_what_was_reviewed_comes_back_at_ever_longer_intervals() -> None:
    """One exercise that is due today, then after 11 and after 46 days more: three times 10 minutes in a hundred days."""
    lecture = msgspec.structs.replace(LECTURE, minutes=6000 - 30)
    content = make_content(Unit("u", "U", "U.", ("toy-lecture",)))
    content = Content(content.root, {"toy-lecture": lecture}, content.courses, content.exercises)
    outlook = foresee(content, make_progress(make_solved("add", 25, days_ago=2)), Pace(420), NOW)
    assert (outlook.review_minutes, outlook.days) == (30, 100)


def test_what_is_solved_or_done_is_off_and_minutes_spent_on_a_reading_too() -> None:
    progress = make_progress(
        make_solved("add", 300), toy_lecture=("reading", 30), toy_talk=("done", 5), toy_paper=("reading", 500)
    )
    outlook = foresee(make_content(), progress, Pace(420), NOW)
    assert (outlook.exercises, outlook.exercise_minutes) == (3, 75)
    assert (outlook.readings, outlook.reading_minutes) == (2, 60 + 1)


def test_a_reading_of_two_units_is_read_once() -> None:
    twice = make_content(Unit("a", "A", "A.", ("toy-talk",)), Unit("b", "B", "B.", ("toy-talk", "toy-paper")))
    outlook = foresee(twice, NOTHING, Pace(420), NOW)
    assert (outlook.readings, outlook.reading_minutes) == (3, 155)


def test_estimates_are_scaled_by_the_median_once_enough_was_measured() -> None:
    content = make_content()
    exercises = {f"x{n}": make_exercise(f"x{n}") for n in range(6)}
    content = Content(content.root, content.readings, content.courses, {**content.exercises, **exercises})
    took = [make_solved(f"x{n}", minutes) for n, minutes in enumerate((25, 50, 50, 75, 241))]
    assert measure_factor(content, make_progress(*took)) == (1.0, 4)  # the fifth spans a night
    took.append(make_solved("x5", 50))
    assert measure_factor(content, make_progress(*took)) == (2.0, 5)
    assert foresee(content, make_progress(*took), Pace(420), NOW).exercise_minutes == 200


@pytest.mark.parametrize(("minutes", "factor"), [(1, 0.5), (200, 3.0)])
def test_the_factor_keeps_within_reason(minutes: float, factor: float) -> None:
    exercises = {f"x{n}": make_exercise(f"x{n}") for n in range(5)}
    content = Content("/nowhere", {}, (), exercises)
    assert measure_factor(content, make_progress(*(make_solved(name, minutes) for name in exercises)))[0] == factor


def test_a_clock_that_went_back_measures_nothing() -> None:
    """Started after it was solved, or never started at all."""
    never = msgspec.structs.replace(make_solved("double", 9), started_at=None)
    assert measure_factor(make_content(), make_progress(make_solved("add", -5), never)) == (1.0, 0)


def test_a_pace_that_never_gets_there_has_no_date() -> None:
    outlook = foresee(make_content(), NOTHING, Pace(0.1), NOW)
    assert (outlook.finish, outlook.days) == (None, None)
    assert show(outlook) == (
        "done  not within 10 years at 0 min a week\n"
        "left  4 exercises, 1 h 40 min  by the course's estimates\n"
        "      3 readings, 2 h 35 min\n"
    )
    assert LONGEST_DAYS == 3650


def show(outlook: Outlook) -> str:
    file = io.StringIO()
    make_console(file).print(render_outlook(outlook))
    return file.getvalue()


def test_the_date_is_shown_with_the_sum_it_comes_from() -> None:
    assert show(foresee(make_content(), NOTHING, Pace(420), NOW)) == (
        "done  5 March 2026, in 1 week\n"
        "left  4 exercises, 1 h 40 min  by the course's estimates\n"
        "      3 readings, 2 h 35 min\n"
        "      reviews until then, 33 min  about 33 min a week\n"
        "sum   4 h 48 min, at 7 h a week\n"
    )


def test_a_measured_factor_is_told_with_how_many_exercises_it_rests_on() -> None:
    outlook = Outlook(60, 1, 50, 1.25, 7, 0, 0, 0, 0, date(2026, 3, 1), 1)
    assert "by the course's estimates times 1.2: so long you took on 7 of them\n" in show(outlook)


def test_when_all_is_done_that_is_said() -> None:
    solved = [make_solved(name, 25) for name in ("add", "double", "halve", "negate")]
    read = dict.fromkeys(("toy_lecture", "toy_paper", "toy_talk"), ("done", 0))
    outlook = foresee(make_content(), make_progress(*solved, **read), Pace(420), NOW)
    assert (outlook.exercises, outlook.readings, outlook.days, outlook.review_minutes) == (0, 0, 0, 0)
    assert show(outlook) == "done  every exercise is solved and every reading is done\n"


@pytest.mark.parametrize(("minutes", "shown"), [(0, "0 min"), (59.6, "1 h"), (80, "1 h 20 min"), (90000, "1,500 h")])
def test_a_time_is_written_in_hours_and_minutes(minutes: float, shown: str) -> None:
    assert write_minutes(minutes) == shown


def test_progress_shows_the_outlook_and_refuses_what_is_no_pace(study: Study) -> None:
    done = study("progress", "--pace", "6h/week")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line[:5] for line in done.stdout.splitlines()] == ["done ", "left ", "     ", "     ", "sum  "]
    assert '"minutes_per_week": 360.0, "exercises": 2, ' in study("progress", "--pace", "6h/week", "--json").stdout
    refused = study("progress", "--pace", "soon")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("study: `soon` is not a pace: ")
