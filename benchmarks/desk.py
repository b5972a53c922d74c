"""Time what a learner types all day on a long log: `python -m benchmarks.desk [--rounds N] [--attempts N]`.

The log is made up: that many attempts over the whole course and the last year, each with all its checks, some hints and
readings between them. Each row is the best of the rounds, for the whole process, in seconds and as a ratio to
`python -c pass` of the same rounds; then the size of the page that `study progress --web` writes.
"""

import argparse
import hashlib
import os
import random
import statistics
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.grade import REPOSITORY, time_command
from grader.core.models import Exercise
from grader.core.verdict import CheckResult, add_up, name_verdict
from grader.course import Content, find_content_root, load_content
from grader.progress import NewAttempt, ProgressStore
from grader.progress.logical import to_logical
from grader.progress.rows import attempt_to_row, details_of, to_micros
from grader.progress.transfer import Event

YARDSTICK = "python -c pass"
COMMANDS = {
    "study next": ["next"],
    "study progress": ["progress"],
    "study list": ["list"],
    "study progress --web": ["progress", "--web", "--no-open"],
}
GOALS_S = {"study next": 0.25, "study progress": 0.25, "study list": 0.25, "study progress --web": 1.0}
GOAL_BYTES = 1_000_000


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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--attempts", type=int, default=5_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("STUDY_", "XDG_"))} | {
            "HOME": str(folder),
            "PYTHONPATH": str(REPOSITORY),
        }
        marker = folder / "study" / ".study"
        marker.mkdir(parents=True)
        fill_log(marker / "study.db", load_content(find_content_root()), options.attempts, datetime.now(UTC))
        commands = {YARDSTICK: [sys.executable, "-c", "pass"]} | {
            name: [sys.executable, "-m", "grader", *arguments] for name, arguments in COMMANDS.items()
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(options.rounds + 1):  # the first round fills the index of the course, and is not counted
            for name, command in commands.items():
                times[name].append(time_command(command, environ, folder))
        page_bytes = (marker / "progress.html").stat().st_size
    show({name: seconds[1:] for name, seconds in times.items()}, options.attempts, page_bytes)


def show(times: dict[str, list[float]], attempts: int, page_bytes: int) -> None:
    """Print the best and the median of each command, ratios and goals."""
    print(
        f"{attempts:,} attempts in the log; wall seconds of {len(times[YARDSTICK])} rounds: best, median; ratio; goal"
    )
    for name, seconds in times.items():
        ratio = min(seconds) / min(times[YARDSTICK])
        goal = f"   under {GOALS_S[name]:.2f} s" if name in GOALS_S else ""
        print(f"  {name:<22} {min(seconds):6.3f} {statistics.median(seconds):6.3f}   {ratio:5.1f}{goal}")
    print(f"  the page: {page_bytes:,} bytes   under {GOAL_BYTES:,}")


if __name__ == "__main__":
    main()
