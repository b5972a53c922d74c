"""What is recorded comes back, whichever database keeps it."""

import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.core.errors import ProgressError, UsageError
from grader.core.verdict import CheckResult
from grader.progress import (
    Attempt,
    ExerciseProgress,
    NewAttempt,
    Progress,
    ProgressStore,
    ReadingProgress,
    Review,
    ReviewWork,
)
from grader.progress.schema import APPEND_ONLY
from grader.progress.texts import Packer

MakeAttempt = Callable[..., NewAttempt]
Query = Callable[[str], list[tuple[Any, ...]]]


def test_a_new_log_holds_no_progress(store: ProgressStore) -> None:
    assert store.load_progress() == Progress(exercises={}, readings={}, last_started=None, attempts=0)
    assert store.load_attempts("e02_fold") == []
    assert store.notices == ()


def test_an_attempt_comes_back_with_every_field(store: ProgressStore, make_attempt: MakeAttempt, clock: Any) -> None:
    new = make_attempt(seed=2**64 - 1)
    attempt_id = store.record_attempt(new)
    assert store.load_attempts("e02_fold") == [
        Attempt(
            attempt_id=attempt_id,
            at=clock.at(1),
            exercise_id="e02_fold",
            verdict="failed",
            score=2,
            max_score=5,
            seed=2**64 - 1,
            device="cpu",
            corpus="names.txt",
            elapsed_s=1.25,
            submission_path="/home/ann/fold.py",
            checks=new.checks,
            isolation={"landlock": True, "net": False},
        )
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("x = '\0'\r\n", id="nul"),
        pytest.param("'\ud800 \udcff'", id="lone surrogates"),
        pytest.param("# 🙂 é 数\N{COMBINING ACUTE ACCENT}", id="beyond ascii"),
        pytest.param("# padding\n" * 104_858, id="1 MiB"),
    ],
)
def test_any_text_survives_wherever_a_learner_can_put_it(
    store: ProgressStore, make_attempt: MakeAttempt, text: str
) -> None:
    check = CheckResult(id="c", title=text, status="crashed", points=1, message=text, cause=text, elapsed_s=0.0)
    attempt_id = store.record_attempt(make_attempt(submission=text, submission_path=text, corpus=text, checks=(check,)))
    store.record_reading("r1", note=text)
    loaded = store.load_attempts("e02_fold")[0]
    assert store.load_submission(attempt_id) == text
    assert (loaded.submission_path, loaded.corpus, loaded.checks) == (text, text, (check,))
    assert store.load_progress().readings["r1"].notes == (text,)


def test_attempts_come_newest_first_up_to_the_limit_and_for_one_exercise_only(
    store: ProgressStore, make_attempt: MakeAttempt
) -> None:
    ids = [store.record_attempt(make_attempt(score=score)) for score in range(4)]
    store.record_attempt(make_attempt(exercise_id="e03_other"))
    loaded = store.load_attempts("e02_fold", limit=3)
    assert [attempt.attempt_id for attempt in loaded] == [ids[3], ids[2], ids[1]]
    assert [attempt.score for attempt in loaded] == [3, 2, 1]
    assert [attempt.checks for attempt in loaded] == [make_attempt().checks] * 3


def test_checks_keep_their_order(store: ProgressStore, make_attempt: MakeAttempt) -> None:
    first, second = make_attempt().checks
    store.record_attempt(make_attempt(checks=(second, first)))
    assert store.load_attempts("e02_fold")[0].checks == (second, first)


def test_an_attempt_without_checks_is_kept(store: ProgressStore, make_attempt: MakeAttempt) -> None:
    store.record_attempt(make_attempt(checks=()))
    assert store.load_attempts("e02_fold")[0].checks == ()


def test_each_attempt_gives_back_its_own_submission(store: ProgressStore, make_attempt: MakeAttempt) -> None:
    ids = [store.record_attempt(make_attempt(submission=text)) for text in ("a", "b", "a")]
    assert [store.load_submission(attempt_id) for attempt_id in ids] == ["a", "b", "a"]


def test_a_text_graded_twice_is_kept_once(store: ProgressStore, make_attempt: MakeAttempt, query: Query) -> None:
    store.record_attempt(make_attempt(submission="x = 1"))
    store.record_attempt(make_attempt(submission="x = 1"))
    assert query("SELECT COUNT(*) FROM submissions") == [(1,)]


def test_an_unknown_attempt_is_the_users_mistake(store: ProgressStore) -> None:
    with pytest.raises(UsageError, match="There is no attempt 41 in the progress log"):
        store.load_submission(41)


def test_an_exercise_goes_from_started_to_tried_to_solved(
    store: ProgressStore, make_attempt: MakeAttempt, clock: Any
) -> None:
    store.record_start("e02_fold")
    started = ExerciseProgress(exercise_id="e02_fold", status="started", started_at=clock.at(1))
    assert store.load_progress().exercises == {"e02_fold": started}

    store.record_attempt(make_attempt(score=2))
    assert store.load_progress().exercises["e02_fold"] == ExerciseProgress(
        exercise_id="e02_fold",
        status="tried",
        attempts=1,
        best_score=2,
        max_score=5,
        started_at=clock.at(1),
        last_attempt_at=clock.at(2),
    )

    store.record_attempt(make_attempt(verdict="passed", score=5))
    store.record_attempt(make_attempt(verdict="passed", score=5))
    store.record_attempt(make_attempt(score=0))
    assert store.load_progress() == Progress(
        exercises={
            "e02_fold": ExerciseProgress(
                exercise_id="e02_fold",
                status="solved",
                attempts=4,
                best_score=5,
                max_score=5,
                started_at=clock.at(1),
                first_solved_at=clock.at(3),
                last_attempt_at=clock.at(5),
                failed_before_solved=1,
            )
        },
        readings={},
        last_started="e02_fold",
        attempts=4,
    )


def test_a_grader_fault_is_kept_but_never_counts(store: ProgressStore, make_attempt: MakeAttempt) -> None:
    store.record_attempt(make_attempt(verdict="grader_fault", score=4))
    assert store.load_progress() == Progress(
        exercises={"e02_fold": ExerciseProgress(exercise_id="e02_fold", status="started")},
        readings={},
        last_started=None,
        attempts=0,
    )
    assert [attempt.verdict for attempt in store.load_attempts("e02_fold")] == ["grader_fault"]


def test_the_best_score_is_the_largest_share_and_keeps_its_own_maximum(
    store: ProgressStore, make_attempt: MakeAttempt
) -> None:
    store.record_attempt(make_attempt(score=0, max_score=0))
    store.record_attempt(make_attempt(score=5, max_score=5))
    store.record_attempt(make_attempt(score=8, max_score=20))  # the exercise has grown in the meantime
    best = store.load_progress().exercises["e02_fold"]
    assert (best.best_score, best.max_score) == (5, 5)


def test_a_pass_after_giving_up_is_solved_and_tells_of_it(store: ProgressStore, make_attempt: MakeAttempt) -> None:
    store.record_reveal("e02_fold", gave_up=True)
    store.record_attempt(make_attempt(verdict="passed", score=5))
    store.record_reveal("e02_fold", gave_up=False)
    exercise = store.load_progress().exercises["e02_fold"]
    assert (exercise.status, exercise.revealed) == ("solved", "gave_up")


def test_a_solution_looked_at_after_the_pass_is_told_apart(store: ProgressStore, make_attempt: MakeAttempt) -> None:
    store.record_attempt(make_attempt(verdict="passed", score=5))
    store.record_reveal("e02_fold", gave_up=False)
    assert store.load_progress().exercises["e02_fold"].revealed == "after_pass"


def test_the_highest_hint_counts_even_before_a_start(store: ProgressStore) -> None:
    for number in (1, 3, 2):
        store.record_hint("e02_fold", number)
    assert store.load_progress().exercises == {
        "e02_fold": ExerciseProgress(exercise_id="e02_fold", status="started", hints_shown=3)
    }


def test_only_a_start_changes_what_was_started_last(
    store: ProgressStore, make_attempt: MakeAttempt, clock: Any
) -> None:
    store.record_start("e01")
    store.record_start("e02")
    store.record_attempt(make_attempt(exercise_id="e01"))
    assert store.load_progress().last_started == "e02"
    store.record_start("e01")
    progress = store.load_progress()
    assert (progress.last_started, progress.exercises["e01"].started_at) == ("e01", clock.at(1))


def test_a_reading_keeps_its_last_state_all_minutes_and_all_notes(store: ProgressStore, clock: Any) -> None:
    store.record_reading("r1", note="first")
    assert store.load_progress().readings == {
        "r1": ReadingProgress(state=None, minutes=0, notes=("first",), changed_at=clock.at(1))
    }
    store.record_reading("r1", state="queued")
    store.record_reading("r1", state="reading", minutes=20, note="second")
    store.record_reading("r2", state="done")
    store.record_reading("r1", minutes=5)
    assert store.load_progress().readings == {
        "r1": ReadingProgress(state="reading", minutes=25, notes=("first", "second"), changed_at=clock.at(5)),
        "r2": ReadingProgress(state="done", minutes=0, notes=(), changed_at=clock.at(4), done_at=clock.at(4)),
    }


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "Nothing to record about r1: give a state, minutes or a note"),
        ({"minutes": -1}, "The minutes spent on r1 cannot be negative: -1"),
    ],
)
def test_a_reading_that_says_nothing_is_refused(store: ProgressStore, given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        store.record_reading("r1", **given)
    assert caught.value.message == message
    assert store.load_progress().readings == {}


def test_a_reset_is_logged_with_its_backup(store: ProgressStore, query: Query) -> None:
    store.record_reset("e02_fold", "fold.py.1")
    assert query("SELECT exercise_id, backup FROM resets") == [("e02_fold", b"fold.py.1")]


def test_moments_are_kept_to_the_microsecond_and_come_back_in_utc(location: Path | str) -> None:
    moment = datetime(2026, 7, 1, 1, 2, 3, 999_999, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    with ProgressStore.open(location, now=lambda: moment) as store:
        store.record_start("e01")
        started_at = store.load_progress().exercises["e01"].started_at
    assert (started_at, started_at.tzinfo if started_at else None) == (moment, UTC)


def test_everything_is_there_when_the_log_is_opened_again(location: Path | str, make_attempt: MakeAttempt) -> None:
    with ProgressStore.open(location) as store:
        store.record_start("e02_fold")
        attempt_id = store.record_attempt(make_attempt())
        store.record_reading("r1", state="done")
        before = store.load_progress(), store.load_attempts("e02_fold")
    with ProgressStore.open(location) as store:
        assert (store.load_progress(), store.load_attempts("e02_fold")) == before
        assert store.load_submission(attempt_id) == make_attempt().submission


def test_an_attempt_that_could_not_be_read_back_is_refused(
    store: ProgressStore, make_attempt: MakeAttempt, query: Query
) -> None:
    good, _ = make_attempt().checks
    broken = msgspec.structs.replace(good, points=None)
    with pytest.raises(ProgressError, match="cannot keep this attempt: Expected `int`, got `None`"):
        store.record_attempt(make_attempt(checks=(good, broken)))
    assert query("SELECT COUNT(*) FROM attempts") == [(0,)]


def _refuse(*arguments: object) -> None:
    raise RuntimeError("no details")


def test_an_attempt_that_fails_halfway_leaves_nothing_behind(
    store: ProgressStore, make_attempt: MakeAttempt, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Packer, "add_details", _refuse)
    with pytest.raises(RuntimeError, match="no details"):
        store.record_attempt(make_attempt())
    monkeypatch.undo()
    tables = ("attempts", "attempt_details", "submissions")
    assert [query(f"SELECT COUNT(*) FROM {table}") for table in tables] == [[(0,)]] * 3
    assert store.record_attempt(make_attempt()) > 0


def test_the_database_itself_refuses_to_change_the_log(
    store: ProgressStore, make_attempt: MakeAttempt, query: Query
) -> None:
    store.record_attempt(make_attempt())
    store.record_start("e01")
    store.record_hint("e01", 1)
    store.record_reveal("e01", gave_up=True)
    store.record_reset("e01", "backup")
    store.record_reading("r1", note="note")
    columns = {
        "submissions": "sha256",
        "attempts": "score",
        "attempt_details": "packed",
        "starts": "at_us",
        "hints": "number",
        "reveals": "gave_up",
        "resets": "backup",
        "reading_events": "note",
    }
    for table, column in columns.items():
        for change in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            with pytest.raises(Exception, match="the progress log is append-only"):
                query(change)


def test_a_row_cannot_be_replaced_by_another_with_its_number(
    store: ProgressStore, make_attempt: MakeAttempt, query: Query, location: Path | str
) -> None:
    """SQLite's REPLACE deletes without a delete trigger."""
    store.record_attempt(make_attempt())
    store.record_start("e01")
    store.record_review("exercise", "e01", 3)
    before = store.load_progress()
    rows = {table: query(f"SELECT * FROM {table}") for table in APPEND_ONLY}
    columns = dict.fromkeys(APPEND_ONLY, "at_us") | {"submissions": "packed", "attempt_details": "packed"}
    for table in APPEND_ONLY:
        key = "attempt_id" if table == "attempt_details" else "id"
        if isinstance(location, Path):
            changes = [f"{words} {table} SELECT * FROM {table}" for words in ("INSERT OR REPLACE INTO", "REPLACE INTO")]
        else:
            words = "" if key == "attempt_id" else "OVERRIDING SYSTEM VALUE "
            changes = [
                f"INSERT INTO {table} {words}SELECT * FROM {table} ON CONFLICT ({key}) DO UPDATE SET {columns[table]} = excluded.{columns[table]}"
            ]
        for change in changes:
            if rows[table] or not isinstance(location, Path):
                with pytest.raises(Exception, match="the progress log is append-only"):
                    query(change)
    if isinstance(location, Path):  # by what else is unique there
        with pytest.raises(sqlite3.IntegrityError, match="the progress log is append-only"):
            query("INSERT OR REPLACE INTO submissions (sha256, packed) SELECT sha256, x'00' FROM submissions")
    assert {table: query(f"SELECT * FROM {table}") for table in APPEND_ONLY} == rows
    assert store.load_progress() == before


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        ProgressStore.open("mysql://ann@example.org/study")
    assert (caught.value.message, caught.value.hint) == (
        "A progress log cannot be kept in a database of the kind mysql://",
        "name a SQLite file or a postgresql:// URL",
    )


def test_a_url_without_the_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UsageError) as caught:
        ProgressStore.open("postgresql://ann@example.org/study")
    assert (caught.value.message, caught.value.hint) == (
        "A progress log in PostgreSQL needs the driver psycopg, which is not installed",
        'pip install "study-grader[postgres]"',
    )


def test_answers_count_as_answered_once_the_number_is_right(store: ProgressStore) -> None:
    store.record_answer("e02_fold", "b", "4", number_right=False)
    store.record_answer("e02_fold", "a", "\ud800 \0", number_right=None)
    assert store.load_progress().exercises["e02_fold"] == ExerciseProgress(
        exercise_id="e02_fold", status="started", answered=("a",)
    )
    store.record_answer("e02_fold", "b", "5", number_right=True)
    assert store.load_progress().exercises["e02_fold"].answered == ("a", "b")
    assert [a.text for a in store.load_answers("e02_fold")] == ["4", "\ud800 \0", "5"]


def test_only_what_came_before_the_first_pass_tells_how_it_was_solved(
    store: ProgressStore, make_attempt: MakeAttempt
) -> None:
    store.record_hint("e02_fold", 1)
    store.record_attempt(make_attempt())
    store.record_attempt(make_attempt(verdict="grader_fault"))
    open_yet = store.load_progress().exercises["e02_fold"]
    assert (open_yet.failed_before_solved, open_yet.hints_before_solved) == (0, 0)
    store.record_attempt(make_attempt(verdict="passed", score=5))
    store.record_hint("e02_fold", 2)
    store.record_attempt(make_attempt())
    solved = store.load_progress().exercises["e02_fold"]
    assert (solved.failed_before_solved, solved.hints_before_solved, solved.hints_shown) == (1, 1, 2)


def test_a_reading_is_done_since_it_was_first_said_to_be(store: ProgressStore, clock: Any) -> None:
    for state in ("reading", "done", "reading", "done"):
        store.record_reading("r1", state=state)
    known = store.load_progress().readings["r1"]
    assert (known.done_at, known.changed_at) == (clock.at(2), clock.at(4))


def test_reviews_come_back_by_their_moment_whatever_their_order_in_the_log(location: Path | str, clock: Any) -> None:
    moments = iter([clock.at(9), clock.at(3), clock.at(3)])
    with ProgressStore.open(location):
        pass
    with ProgressStore.open(location, now=lambda: next(moments)) as store:
        store.record_review("exercise", "e01", 1, attempts=4, hints=2, revealed=True)
        store.record_review("reading", "r1", 3)
        store.record_review("exercise", "e02", 4)
        assert store.load_progress().reviews == (
            Review(at=clock.at(3), kind="reading", subject_id="r1", rating=3),
            Review(at=clock.at(3), kind="exercise", subject_id="e02", rating=4),
            Review(at=clock.at(9), kind="exercise", subject_id="e01", rating=1, attempts=4, hints=2, revealed=True),
        )


@pytest.mark.parametrize(("kind", "rating"), [("exercise", 0), ("exercise", 5), ("lecture", 3)])
def test_the_database_itself_refuses_a_rating_that_is_none(store: ProgressStore, kind: Any, rating: int) -> None:
    with pytest.raises(ProgressError):
        store.record_review(kind, "e01", rating)
    assert store.load_progress().reviews == ()


@pytest.mark.parametrize("table", ["reviews", "review_starts"])
def test_a_review_can_be_neither_changed_nor_deleted(store: ProgressStore, query: Query, table: str) -> None:
    store.record_review("exercise", "e01", 3)
    store.record_review_start("e01")
    for change in (f"UPDATE {table} SET at_us = 0", f"DELETE FROM {table}"):
        with pytest.raises(Exception, match="append-only"):
            query(change)


def test_the_work_of_a_review_counts_from_the_newest_hand_out_and_on_its_file_alone(
    store: ProgressStore, make_attempt: MakeAttempt
) -> None:
    in_review = make_attempt(submission_path="/home/ann/study/review/e02_fold.py")
    store.record_reveal("e02_fold", gave_up=False)
    store.record_hint("e02_fold", 1)
    store.record_review_start("e02_fold")
    store.record_attempt(in_review)
    store.record_review_start("e02_fold")
    assert store.count_review_work("e02_fold", "/review/e02_fold.py") == ReviewWork(attempts=0, hints=0, revealed=False)
    store.record_attempt(in_review)
    store.record_attempt(make_attempt(verdict="grader_fault", submission_path=in_review.submission_path))
    store.record_attempt(make_attempt())
    store.record_review_start("e03")
    store.record_hint("e02_fold", 2)
    store.record_hint("e03", 1)
    store.record_reveal("e02_fold", gave_up=False)
    assert store.count_review_work("e02_fold", "/review/e02_fold.py") == ReviewWork(attempts=1, hints=1, revealed=True)


def test_what_is_solved_stays_solved_when_a_review_fails(store: ProgressStore, make_attempt: MakeAttempt) -> None:
    store.record_attempt(make_attempt(verdict="passed", score=5))
    store.record_review_start("e02_fold")
    store.record_attempt(make_attempt(submission_path="/home/ann/study/review/e02_fold.py"))
    store.record_review("exercise", "e02_fold", 1, attempts=1, revealed=True)
    progress = store.load_progress()
    assert (progress.exercises["e02_fold"].status, progress.last_started) == ("solved", None)
