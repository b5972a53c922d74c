"""Several processes share one log, and any of them may be killed at any moment."""

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from grader.progress import NewAttempt, ProgressStore

MakeAttempt = Callable[..., NewAttempt]
Spawn = Callable[..., Any]


def test_every_attempt_that_was_reported_survives_the_kill_of_its_process(
    location: Path | str, make_attempt: MakeAttempt, spawn: Spawn
) -> None:
    template = make_attempt(submission="x" * 50_000)
    reported: dict[int, str] = {}
    luck = random.Random(20260301)  # how far each process gets
    for _ in range(3):
        writer = spawn("write_attempts.py", location, attempt=msgspec.to_builtins(template), count=1_000_000)
        lines = [writer.stdout.readline() for _ in range(luck.randint(1, 20))]
        time.sleep(luck.uniform(0, 0.01))  # an attempt takes a few ms: the kill meets any moment of it
        writer.kill()
        rest, errors = writer.communicate()
        assert errors == ""
        for line in [*lines, *rest.splitlines(keepends=True)]:
            if line.endswith("\n"):  # the last line may have been cut by the kill
                attempt_id, number = line.split()
                reported[int(attempt_id)] = f"{template.submission}{number}"
    assert len(reported) >= 3
    with ProgressStore.open(location) as store:
        assert store.notices == ()
        assert {number: store.load_submission(number) for number in reported} == reported
        attempts = store.load_attempts(template.exercise_id, limit=1_000_000)
        assert {attempt.attempt_id for attempt in attempts} >= set(reported)
        assert [attempt.checks for attempt in attempts] == [template.checks] * len(attempts)
        assert store.load_progress().attempts == len(attempts)


def test_two_processes_that_write_at_once_both_succeed(
    location: Path | str, make_attempt: MakeAttempt, spawn: Spawn
) -> None:
    templates = [make_attempt(exercise_id=exercise_id) for exercise_id in ("e01", "e02")]
    writers = [
        spawn("write_attempts.py", location, attempt=msgspec.to_builtins(template), count=50) for template in templates
    ]
    printed = [writer.communicate() for writer in writers]
    assert [errors for _, errors in printed] == ["", ""]
    ids = [[int(line.split()[0]) for line in output.splitlines()] for output, _ in printed]
    with ProgressStore.open(location) as store:
        for exercise_id, written in zip(("e01", "e02"), ids, strict=True):
            loaded = store.load_attempts(exercise_id, limit=100)
            assert [attempt.attempt_id for attempt in reversed(loaded)] == written
            assert [attempt.checks for attempt in loaded] == [make_attempt().checks] * 50
        assert store.load_progress().attempts == 100


def test_a_log_can_be_created_by_several_at_once(tmp_path: Path) -> None:
    # Threads with a connection each lock one another out just as processes do, and start together
    # precisely enough to meet the moment in which the file becomes a WAL database.
    rounds, threads = 30, 3
    together = threading.Barrier(threads)
    failures: list[BaseException] = []

    def create(name: str) -> None:
        for number in range(rounds):
            together.wait()
            try:
                with ProgressStore.open(tmp_path / f"{number}.db") as store:
                    store.record_start(name)
            except BaseException as error:
                failures.append(error)

    workers = [threading.Thread(target=create, args=(f"e{number}",)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    for number in range(rounds):
        with ProgressStore.open(tmp_path / f"{number}.db") as store:
            assert sorted(store.load_progress().exercises) == ["e0", "e1", "e2"]
