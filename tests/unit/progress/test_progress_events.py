"""The log tells when everything happened, and how each check came out, without a text or a message."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from grader.progress import NewAttempt, ProgressStore
from grader.progress.events import AttemptChecks, AttemptEvent, CheckOutcome, Events, ExerciseEvent, ReadingEvent
from grader.progress.rows import to_micros


def test_an_empty_log_has_no_events(store: ProgressStore) -> None:
    assert store.load_events() == Events()
    assert store.load_check_history() == {}


def test_every_event_is_told_with_its_moment(
    store: ProgressStore, clock: Any, make_attempt: Callable[..., NewAttempt]
) -> None:
    store.record_start("e02_fold")
    store.record_attempt(make_attempt())
    store.record_hint("e02_fold", 1)
    store.record_reading("a-paper", state="reading", minutes=25)
    store.record_reading("a-paper", note="a\x00note")
    at = [to_micros(clock.at(number)) for number in range(1, 6)]
    assert store.load_events() == Events(
        attempts=(AttemptEvent(1, at[1], "e02_fold", "failed", 2, 5, 1.25),),
        readings=(ReadingEvent(at[3], "a-paper", "reading", 25), ReadingEvent(at[4], "a-paper", None, None)),
        others=(ExerciseEvent(at[0], "e02_fold", "start"), ExerciseEvent(at[2], "e02_fold", "hint")),
    )


def test_a_review_is_a_start_of_its_exercise_and_a_word_about_its_reading(store: ProgressStore, clock: Any) -> None:
    store.record_review_start("e02_fold")
    store.record_review("exercise", "e02_fold", 3)
    store.record_review("reading", "a-paper", 4)
    at = [to_micros(clock.at(number)) for number in range(1, 4)]
    assert store.load_events() == Events(
        readings=(ReadingEvent(at[2], "a-paper", None, None),), others=(ExerciseEvent(at[0], "e02_fold", "start"),)
    )


def test_the_newest_attempts_at_each_exercise_are_told_check_by_check(
    store: ProgressStore, make_attempt: Callable[..., NewAttempt]
) -> None:
    """Oldest first; a hidden check's title is the one it had in that attempt."""
    attempt = make_attempt()
    passed = tuple(msgspec.structs.replace(check, status="passed") for check in attempt.checks)
    for exercise_id in ("e01", "e02", "e01", "e01"):
        store.record_attempt(msgspec.structs.replace(attempt, exercise_id=exercise_id))
    store.record_attempt(msgspec.structs.replace(attempt, exercise_id="e01", checks=passed))
    forward, bias = "Fold keeps the forward pass", "Fold moves the bias"
    failed = (CheckOutcome("forward", forward, "passed"), CheckOutcome("bias", bias, "failed"))
    done = (CheckOutcome("forward", forward, "passed"), CheckOutcome("bias", bias, "passed"))
    assert store.load_check_history(newest=2) == {
        "e01": (AttemptChecks(4, failed), AttemptChecks(5, done)),
        "e02": (AttemptChecks(2, failed),),
    }


@pytest.mark.parametrize("location", ["sqlite"], indirect=True)
def test_events_are_read_without_checks_and_texts(
    store: ProgressStore, connection_of: Callable[[ProgressStore], Any], make_attempt: Callable[..., NewAttempt]
) -> None:
    store.record_attempt(make_attempt())
    touched: set[tuple[str | None, str | None]] = set()

    def note(action: int, table: str | None, column: str | None, *_: str | None) -> int:
        if action == 20:  # SQLITE_READ
            touched.add((table, column))
        return 0

    connection_of(store).set_authorizer(note)
    store.load_events()
    assert {table for table, _ in touched} == {
        "attempts", "starts", "hints", "reading_events", "review_starts", "reviews"
    }  # fmt: skip
    store.load_check_history()
    assert not {("check_results", "message"), ("submissions", "body"), ("reading_events", "note")} & touched
