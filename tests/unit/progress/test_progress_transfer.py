"""Merging logs, on each of the databases a log can be in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.progress import NewAttempt, ProgressStore
from grader.progress import transfer as transfer_module
from tests.support.log_files import NOW, export, merge, read_events


@pytest.fixture
def file_log(tmp_path: Path, make_attempt: Callable[..., NewAttempt]) -> bytes:
    """The file of another log, with an event of every kind."""
    with ProgressStore.open(tmp_path / "other" / "study.db", now=lambda: NOW) as store:
        store.record_start("e02_fold")
        store.record_hint("e02_fold", 2)
        store.record_attempt(make_attempt(submission="\udcff\0", seed=2**64 - 1))
        store.record_attempt(make_attempt(submission="\udcff\0", seed=2**64 - 1))
        store.record_reveal("e02_fold", gave_up=False)
        store.record_reset("e02_fold", "backup.py")
        store.record_answer("e02_fold", "why", "because", number_right=True)
        store.record_reading("paper", state="queued", note="a\0b \ud800")
        return export(store)


def test_a_log_is_merged_and_comes_back_as_the_same_file(store: ProgressStore, file_log: bytes) -> None:
    added = merge(store, file_log)
    assert added == {
        "answers": 1, "attempts": 2, "hints": 1, "reading_events": 1, "resets": 1, "reveals": 1, "starts": 1
    }  # fmt: skip
    assert export(store) == file_log
    assert set(merge(store, file_log).values()) == {0}
    attempts = store.load_attempts("e02_fold")
    assert [(attempt.seed, len(attempt.checks)) for attempt in attempts] == [(2**64 - 1, 2), (2**64 - 1, 2)]
    assert store.load_submission(attempts[0].attempt_id) == "\udcff\0"
    assert store.load_progress().readings["paper"].notes == ("a\0b \ud800",)


def test_what_is_recorded_after_a_merge_is_numbered_on(
    store: ProgressStore, file_log: bytes, make_attempt: Callable[..., NewAttempt]
) -> None:
    merge(store, file_log)
    number = store.record_attempt(make_attempt(exercise_id="e03"))
    assert [attempt.attempt_id for attempt in store.load_attempts("e03")] == [number]


def test_a_merge_that_fails_halfway_leaves_the_log_as_it_was(
    store: ProgressStore, file_log: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.record_start("e01")
    before = read_events(store)
    insert, calls = transfer_module._insert, []

    def stop(*arguments: object) -> int:
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return insert(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(transfer_module, "_insert", stop)
    with pytest.raises(KeyboardInterrupt):
        merge(store, file_log)
    assert read_events(store) == before
