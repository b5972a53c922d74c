"""When something is reviewed follows from what happened, by FSRS, and from nothing else."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from grader.plan.reviews import (
    AGAIN,
    EASY,
    GOOD,
    HARD,
    LONGEST_INTERVAL_DAYS,
    MOST_REPLAYED,
    Due,
    ReviewPlan,
    begin_memory,
    estimate_minutes,
    find_coming,
    find_due,
    find_review,
    load_memories,
    plan_reviews,
    rate_work,
)
from grader.progress import ExerciseProgress, Progress, ReadingProgress, Review
from tests.test_planner import LECTURE, TALK, make_content, make_exercise

CONTENT = make_content()
SOLVED_AT = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)


def solve(name: str, at: datetime = SOLVED_AT, **changes: Any) -> ExerciseProgress:
    # Failed once and without a hint: good, which is due again after two days.
    so_far = ExerciseProgress(exercise_id=name, status="solved", attempts=2, first_solved_at=at, failed_before_solved=1)
    return msgspec.structs.replace(so_far, **changes)


def make_progress(*all_so_far: ExerciseProgress, reviews: tuple[Review, ...] = (), **readings: Any) -> Progress:
    return Progress(
        exercises={so_far.exercise_id: so_far for so_far in all_so_far},
        readings={name.replace("_", "-"): reading for name, reading in readings.items()},
        last_started=None,
        attempts=0,
        reviews=reviews,
    )


def make_review(name: str, rating: int, days: float) -> Review:
    return Review(at=SOLVED_AT + timedelta(days=days), kind="exercise", subject_id=name, rating=rating)


def after(days: float) -> datetime:
    return SOLVED_AT + timedelta(days=days)


def due_days(progress: Progress, name: str = "add") -> int | None:
    """Return how many days after it was solved a review falls due."""
    review = find_review(CONTENT, progress, after(4000), "exercise", name)
    return None if review is None else (review.due_on - SOLVED_AT.date()).days


@pytest.mark.parametrize(
    ("work", "rating"),
    [
        ({"attempts": 1, "hints": 0, "revealed": False}, GOOD),
        ({"attempts": 3, "hints": 0, "revealed": False}, GOOD),
        ({"attempts": 4, "hints": 0, "revealed": False}, HARD),
        ({"attempts": 1, "hints": 1, "revealed": False}, HARD),
        ({"attempts": 1, "hints": 0, "revealed": True}, AGAIN),
        ({"attempts": 9, "hints": 3, "revealed": True}, AGAIN),
        ({"attempts": 1, "hints": 0, "revealed": False, "first_time": True}, EASY),
        ({"attempts": 2, "hints": 0, "revealed": False, "first_time": True}, GOOD),
        ({"attempts": 1, "hints": 1, "revealed": False, "first_time": True}, HARD),
    ],
)
def test_a_pass_is_rated_by_what_it_took(work: dict[str, Any], rating: int) -> None:
    assert rate_work(**work) == rating


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ({"failed_before_solved": 0}, 8),
        ({"failed_before_solved": 2}, 2),
        ({"failed_before_solved": 3}, 1),
        ({"failed_before_solved": 0, "hints_before_solved": 1}, 1),
        ({"failed_before_solved": 0, "revealed": "gave_up"}, 1),
        ({"failed_before_solved": 0, "revealed": "after_pass"}, 8),
        ({"failed_before_solved": 0, "hints_shown": 3}, 8),
    ],
)
def test_the_first_interval_follows_from_how_it_was_solved(changes: dict[str, Any], days: int) -> None:
    """Default parameters of FSRS: 8 days after easy, 2 after good, 1 after hard and again."""
    assert due_days(make_progress(solve("add", **changes))) == days


def test_what_is_due_is_told_whole() -> None:
    progress = make_progress(solve("add"))
    assert find_due(CONTENT, progress, after(5)) == (
        Due(
            kind="exercise",
            subject="add",
            title="The title of add",
            due_on=date(2026, 3, 3),
            days_due=3,
            retrievability=pytest.approx((1 + (0.9 ** (-1 / 0.1542) - 1) * 5 / 2.3065) ** -0.1542),
            minutes=10,
            reason="a review has been due for 3 days; you would recall it with 84 %",
        ),
    )


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        (1, "the next review is due in 1 day; you would recall it with 95 %"),
        (2, "a review is due today; you would recall it with 91 %"),
        (3, "a review has been due for 1 day; you would recall it with 88 %"),
    ],
)
def test_the_reason_reads_well_whatever_the_number(days: int, reason: str) -> None:
    review = find_review(CONTENT, make_progress(solve("add")), after(days), "exercise", "add")
    assert review is not None
    assert review.reason == reason


def test_it_is_due_from_the_morning_of_the_day_in_the_zone_of_the_learner() -> None:
    """Solved at 18:00 UTC, which is 3:00 of 2 March in Tokyo: due two days later, from midnight there."""
    progress = make_progress(solve("add"))
    tokyo = timezone(timedelta(hours=9))
    before, morning = datetime(2026, 3, 3, 23, 59, tzinfo=tokyo), datetime(2026, 3, 4, 0, 0, tzinfo=tokyo)
    assert [len(find_due(CONTENT, progress, now)) for now in (before, morning)] == [0, 1]
    assert len(find_due(CONTENT, progress, datetime(2026, 3, 3, 0, 0, tzinfo=UTC))) == 1


def test_what_is_least_likely_to_be_recalled_comes_first() -> None:
    progress = make_progress(
        solve("add", failed_before_solved=0), solve("double"), solve("halve"), solve("negate", after(-9))
    )
    assert [due.subject for due in find_due(CONTENT, progress, after(20))] == ["negate", "double", "halve", "add"]


def test_two_reviews_at_most_come_before_new_work_and_the_rest_are_counted() -> None:
    names = ("add", "double", "halve", "negate")
    progress = make_progress(*(solve(name, after(-index)) for index, name in enumerate(names)))
    plan = plan_reviews(CONTENT, progress, after(20))
    assert plan == ReviewPlan(find_due(CONTENT, progress, after(20))[:2], 2)
    assert [due.subject for due in plan.first] == ["negate", "halve"]
    assert plan_reviews(CONTENT, make_progress(solve("add")), after(1)) == ReviewPlan((), 0)


def test_each_review_moves_the_next_one_away_and_a_lapse_brings_it_back() -> None:
    solved = solve("add")
    good = [make_review("add", GOOD, 2), make_review("add", GOOD, 13)]
    assert due_days(make_progress(solved, reviews=tuple(good))) == 13 + 46
    assert due_days(make_progress(solved, reviews=(good[0], make_review("add", AGAIN, 13)))) == 13 + 2
    assert due_days(make_progress(solved, reviews=tuple(reversed(good)))) == 13 + 46


def test_reviews_of_something_else_do_not_count() -> None:
    other = (make_review("double", GOOD, 2), make_review("ancient", GOOD, 2))
    same_name = Review(at=after(2), kind="reading", subject_id="add", rating=GOOD)
    assert due_days(make_progress(solve("add"), reviews=(*other, same_name))) == 2


def test_only_what_is_solved_or_done_and_still_in_the_course_is_reviewed() -> None:
    progress = make_progress(
        ExerciseProgress(exercise_id="add", status="tried", attempts=1),
        solve("ancient"),
        toy_paper=ReadingProgress(state="reading", minutes=0, notes=(), changed_at=SOLVED_AT, done_at=SOLVED_AT),
        toy_gone=ReadingProgress(state="done", minutes=0, notes=(), changed_at=SOLVED_AT, done_at=SOLVED_AT),
        reviews=(make_review("add", GOOD, 1),),
    )
    assert find_due(CONTENT, progress, after(400)) == ()


def test_a_reading_that_is_done_starts_as_good_from_when_it_was_first_done() -> None:
    read = ReadingProgress(state="done", minutes=9, notes=(), changed_at=after(50), done_at=SOLVED_AT)
    (due,) = find_due(CONTENT, make_progress(toy_paper=read), after(2))
    assert (due.kind, due.subject, due.title, due.minutes, due.days_due) == ("reading", "toy-paper", "A paper", 10, 0)


def test_what_is_stamped_in_the_future_has_not_happened_yet() -> None:
    """A clock that was wrong once must neither end a review for years nor break anything."""
    ahead = make_review("add", GOOD, 3000)
    progress = make_progress(solve("add"), solve("double", after(3000)), reviews=(ahead,))
    assert [due.subject for due in find_due(CONTENT, progress, after(5))] == ["add"]
    assert find_review(CONTENT, progress, after(5), "exercise", "double") is None
    assert find_due(CONTENT, progress, after(-5)) == ()


def test_reviews_before_the_first_solve_are_replayed_in_their_order() -> None:
    """Two logs that were merged may hold a review that is older than the pass this one knows of."""
    progress = make_progress(solve("add"), reviews=(make_review("add", EASY, -30),))
    in_order = begin_memory("exercise", "add", EASY, after(-30).date()).rate(GOOD, SOLVED_AT.date())
    assert find_review(CONTENT, progress, after(90), "exercise", "add").due_on == in_order.due_on  # type: ignore[union-attr]


def test_what_comes_next_is_listed_soonest_first_up_to_the_limit() -> None:
    progress = make_progress(solve("add", failed_before_solved=0), solve("double"), solve("halve"), solve("negate"))
    coming = find_coming(CONTENT, progress, SOLVED_AT, 3)
    assert [(due.subject, due.days_due) for due in coming] == [("double", -2), ("halve", -2), ("negate", -2)]
    assert [due.subject for due in find_coming(CONTENT, progress, after(2), 3)] == ["add"]


def test_no_interval_is_longer_than_a_year() -> None:
    memory = begin_memory("exercise", "add", EASY, date(2026, 1, 1))
    for _ in range(5):
        before = memory.due_on
        memory = memory.rate(EASY, before)
    assert (memory.due_on - before).days == LONGEST_INTERVAL_DAYS


def test_a_log_of_thousands_of_reviews_of_one_subject_costs_no_more_than_its_newest() -> None:
    first_kept = 3000 - MOST_REPLAYED
    reviews = tuple(make_review("add", AGAIN if n == first_kept else GOOD, 1 + n / 1000) for n in range(3000))
    kept = make_progress(solve("add"), reviews=reviews)
    newest = make_progress(
        solve("add", reviews[-MOST_REPLAYED].at, revealed="gave_up"), reviews=reviews[1 - MOST_REPLAYED :]
    )
    (memory,), (same,) = (load_memories(CONTENT, p, after(50)) for p in (kept, newest))
    assert (memory.due_on, memory.card.stability) == (same.due_on, same.card.stability)


def test_the_same_log_gives_the_same_reviews_every_time() -> None:
    progress = make_progress(solve("add"), solve("double"), reviews=(make_review("add", HARD, 4),))
    assert find_due(CONTENT, progress, after(90)) == find_due(CONTENT, progress, after(90))


@pytest.mark.parametrize(("minutes", "review"), [(1, 3), (5, 3), (20, 8), (60, 24)])
def test_a_review_of_an_exercise_takes_two_fifths_of_the_first_time(minutes: int, review: int) -> None:
    assert estimate_minutes(msgspec.structs.replace(make_exercise("add"), minutes=minutes)) == review


@pytest.mark.parametrize(("minutes", "review"), [(5, 3), (30, 6), (60, 10), (150, 10)])
def test_a_review_of_a_reading_takes_ten_minutes_at_most(minutes: int, review: int) -> None:
    assert estimate_minutes(msgspec.structs.replace(LECTURE, minutes=minutes)) == review
    assert estimate_minutes(TALK) == 3


@pytest.mark.parametrize(
    ("progress", "imported"),
    [
        ("Progress(exercises={}, readings={}, last_started=None, attempts=0)", False),
        (
            "Progress(exercises={'add': ExerciseProgress(exercise_id='add', status='solved', first_solved_at=now)}, "
            "readings={}, last_started=None, attempts=0)",
            False,
        ),
        (
            "Progress(exercises={'add': ExerciseProgress(exercise_id='add', status='solved', "
            "first_solved_at=now - timedelta(days=1))}, readings={}, last_started=None, attempts=0)",
            True,
        ),
    ],
    ids=["nothing solved", "solved today", "solved yesterday"],
)
def test_fsrs_is_imported_only_when_something_could_be_due(progress: str, imported: bool) -> None:
    code = (
        "import sys\nfrom datetime import datetime, timedelta, UTC\nfrom grader.plan.reviews import find_due\n"
        "from grader.progress.records import Progress, ExerciseProgress\nfrom tests.test_planner import make_content\n"
        f"now = datetime(2026, 3, 1, 12, tzinfo=UTC)\nfind_due(make_content(), {progress}, now)\n"
        "print('fsrs' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{imported}\n"


def test_what_was_solved_with_a_clock_of_long_ago_is_due_today_and_not_for_decades() -> None:
    """An empty battery resets a clock to 1970 or the year it was made: how long ago it was solved is not known."""
    for year in (1970, 2005, 2018, 2024):
        wrong = datetime(year, 1, 1, 12, tzinfo=UTC)
        progress = make_progress(solve("add", wrong), toy_paper=make_reading(wrong))
        due = find_due(CONTENT, progress, after(5))
        assert sorted((one.subject, one.days_due) for one in due) == [("add", 0), ("toy-paper", 0)]
        assert {one.reason.partition(";")[0] for one in due} == {"a review is due today"}
        reviewed = make_progress(solve("add", wrong), reviews=(make_review("add", GOOD, 5),))
        right = begin_memory("exercise", "add", GOOD, after(5).date())
        assert find_review(CONTENT, reviewed, after(5), "exercise", "add").due_on == right.due_on  # type: ignore[union-attr]


def make_reading(done_at: datetime) -> ReadingProgress:
    return ReadingProgress(state="done", minutes=9, notes=(), changed_at=done_at, done_at=done_at)
