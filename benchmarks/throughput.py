"""Grade many submissions of a small exercise against a loop of plain pytest: `python -m benchmarks.throughput`.

The submissions are all different, half of them right and half wrong, and every verdict is checked. They go through a
grading server, sandbox on, as many at once as there are cores. The loop of plain pytest processes would take many
minutes and is sampled: before each part of the grades, a right and a wrong one of the same submissions.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from multiprocessing.pool import ThreadPool
from pathlib import Path

from benchmarks.grade import (
    REAL,
    REPOSITORY,
    TOY,
    SmallExercise,
    clean_environment,
    plain_pytest,
    prepare_plain_pytest,
    time_command,
)
from grader.core.models import Exercise
from grader.core.verdict import Verdict
from grader.course import load_content
from grader.engine.client import Engine
from tests.support.jobs import make_job
from tests.support.warm_engine import WarmEngine

PARTS = 4


class Submission:
    """One of the submissions: its text, and whether it is right."""

    def __init__(self, small: SmallExercise, number: int) -> None:
        self.number = number
        self.is_right = number % 2 == 0
        self.text = f"# submission {number}\n" + (small.folder / "solution.py").read_text()
        if not self.is_right:
            self.text += "\n\n" + (small.folder / "mutants" / f"{small.wrong}.py").read_text()


def grade(exercise: Exercise, small: SmallExercise, submission: Submission) -> Verdict:
    """Grade through the server that is in reach.

    Raises:
        SystemExit: If the verdict is wrong, was not made by the server, or was made without the sandbox.
    """
    engine = Engine()
    try:
        job = make_job(exercise, small.folder, submission.text, seed=submission.number)
        verdict = engine.grade(job)
    finally:
        engine.stop()
    if not engine.warm:
        raise SystemExit(f"submission {submission.number} was not graded by the server")
    if (verdict.verdict == "passed") != submission.is_right:
        raise SystemExit(f"submission {submission.number} got the wrong verdict: {verdict}")
    return verdict


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--exercise", choices=[TOY.name, REAL.name], default=TOY.name)
    options = parser.parse_args()
    small = TOY if options.exercise == TOY.name else REAL
    exercise = load_content(small.course).exercises[small.name]
    cores = len(os.sched_getaffinity(0))
    submissions = [Submission(small, number) for number in range(options.submissions)]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        checks = plain_pytest(sys.executable, prepare_plain_pytest(folder / "plain", small))
        file = folder / "answer.py"
        environ = clean_environment(folder) | {
            "PYTHONPATH": str(REPOSITORY),
            "STUDY_PLAIN_EXERCISE": str(small.folder),
            "STUDY_PLAIN_SUBMISSION": str(file),
        }

        def run_plain(submission: Submission) -> float:
            file.write_text(submission.text)
            return time_command(checks, environ, folder, expected=0 if submission.is_right else 1)

        warm = WarmEngine()
        plain_s: list[float] = []
        rates: list[tuple[float, float]] = []
        off: set[str] = set()
        try:
            with warm.in_reach(), ThreadPool(cores) as pool:
                for submission in submissions[:2]:  # fills caches
                    run_plain(submission)
                    grade(exercise, small, submission)
                for part in range(PARTS):
                    chosen = submissions[part::PARTS]
                    samples = [run_plain(s) for s in submissions[2 * part : 2 * part + 2]]
                    started_s = time.perf_counter()
                    verdicts = pool.map(lambda s: grade(exercise, small, s), chosen, chunksize=1)
                    rates.append((len(chosen) / (time.perf_counter() - started_s), 1 / statistics.mean(samples)))
                    plain_s += samples
                    off |= {layer for verdict in verdicts for layer, on in verdict.isolation.items() if not on}
        finally:
            warm.close()
    print(
        f"{len(submissions)} submissions of {small.name}, half of them right, {cores} at once; every verdict is as it"
    )
    print(f"should be; sandbox layers off: {', '.join(sorted(off)) or 'none'}")
    print(f"  grading server      {statistics.median(rate for rate, _ in rates):7.2f} a second")
    print(f"  loop of pytest      {statistics.median(rate for _, rate in rates):7.2f} a second")
    print(f"  (from {len(plain_s)} runs of {min(plain_s):.2f} to {max(plain_s):.2f} s)")
    print(f"ratio, part by part: median {statistics.median(a / b for a, b in rates):.1f}   (goal: at least 20)")


if __name__ == "__main__":
    main()
