"""A progress log of any length, made up."""

import hashlib
import random
from datetime import datetime, timedelta
from pathlib import Path

from grader.core.models import Exercise
from grader.core.verdict import CheckResult, add_up, name_verdict
from grader.course import Content
from grader.progress import NewAttempt, ProgressStore
from grader.progress.logical import to_logical
from grader.progress.rows import attempt_to_row, details_of, to_micros
from grader.progress.transfer import Event


def fill_log(
    path: Path, content: Content, attempts: int, end: datetime, *, days: int = 360, share: float = 1.0, seed: int = 1
) -> None:
    """Write a log of that many attempts at the first `share` of the exercises, over the days up to `end`."""
    chance = random.Random(seed)
    names = [name for unit in content.units for name in unit.exercises]
    names = names[: max(1, round(share * len(names)))]
    events: list[Event] = []
    moments = _choose_moments(attempts, days, end, chance)
    for number, moment in enumerate(moments):
        place = number * len(names) // attempts
        exercise = content.exercises[names[place]]
        first, last = -(-place * attempts // len(names)), -(-(place + 1) * attempts // len(names)) - 1
        done = (number - first) / max(1, last - first)
        if number == first:
            began_us = to_micros(moment - timedelta(minutes=12))
            events.append(Event("starts", {"at_us": began_us, "exercise_id": exercise.id}))
        if chance.random() < 0.05:
            seen_us = to_micros(moment - timedelta(minutes=2))
            events.append(Event("hints", {"at_us": seen_us, "exercise_id": exercise.id, "number": 1}))
        # The last exercise is still being worked on, so that the course is not over.
        passes = number == last and place < len(names) - 1
        events.append(_make_attempt(exercise, moment, done, chance, passes=passes))
    readings = [name for unit in content.units for name in unit.readings]
    for name, moment in zip(readings[: round(share * len(readings))], moments[:: max(1, attempts // 60)], strict=False):
        said = {"state": chance.choice(["done", "done", "reading"]), "minutes": 20, "note": b"Read it again."}
        events.append(Event("reading_events", {"at_us": to_micros(moment), "reading_id": name, **said}))
    with ProgressStore.open(path) as store:
        store.merge_log(lambda: events)


def _choose_moments(attempts: int, days: int, end: datetime, chance: random.Random) -> list[datetime]:
    """Choose evenings, more on some days than on others, none on a third of them."""
    evenings = [day for day in range(1, days) if chance.random() < 0.66] or [1]
    weights = [chance.random() ** 2 for _ in evenings]
    chosen = sorted(chance.choices(evenings, weights, k=attempts), reverse=True)
    moments, before = [], None
    for day in chosen:
        start = (end - timedelta(days=day)).replace(hour=17, minute=chance.randrange(60), second=0, microsecond=0)
        moment = start if before is None or start > before else before + timedelta(minutes=chance.uniform(1, 9))
        moments.append(moment)
        before = moment
    return moments


_TEXT = b"def answer(x):\n    return x\n" * 80


def _make_attempt(
    exercise: Exercise,
    moment: datetime,
    done: float,
    chance: random.Random,
    *,
    passes: bool,
) -> Event:
    limit = len(exercise.checks) * (0.3 + 0.7 * done)
    checks = tuple(
        CheckResult(
            check.id,
            check.title,
            "passed" if passes or (k < limit and chance.random() < 0.85 and k < len(exercise.checks) - 1) else "failed",
            check.points,
            "" if passes else "called answer(tensor([...])), expected 1.5, got -1.5; " * 12,
            None,
            0.01,
        )
        for k, check in enumerate(exercise.checks)
    )
    score, most = add_up(checks)
    attempt = NewAttempt(
        exercise_id=exercise.id,
        verdict=name_verdict(checks),
        score=score,
        max_score=most,
        seed=1,
        device="cpu",
        corpus=None,
        elapsed_s=chance.uniform(0.2, 3.0),
        submission="",
        submission_path=f"{exercise.id}.py",
        checks=checks,
        isolation={},
    )
    row = attempt_to_row(attempt, at_us=to_micros(moment), submission_sha256=hashlib.sha256(_TEXT).digest())
    return Event("attempts", to_logical(row, details_of(attempt)), _TEXT)
