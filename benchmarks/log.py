"""Measure the progress log: its size, what export and import need, and whether a long one slows commands down.

    python -m benchmarks.log [--attempts N] [--rounds N]

The log is made up of a learner's days: texts of about 80 lines in which a few change from one grade to the next, six
checks with messages, and the isolation of this machine. It is written by `ProgressStore`, so the first figure is also
what one record takes. Times are the best of the rounds for the whole process, as a ratio to those on a short log.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.grade import REPOSITORY, time_command
from grader.core.verdict import CheckResult, Status
from grader.course import find_content_root, load_content
from grader.progress import NewAttempt, ProgressStore

SHORT = 1_000
GOAL_BYTES, GOAL_MIB, GOAL_RATIO = 1024, 200, 1.5
COMMANDS = {"study next": ["next"], "study list": ["list"], "study progress": ["progress"]}
ISOLATION = dict.fromkeys(
    ("session", "no_new_privs", "user_namespace", "network", "ipc", "pid", "landlock", "seccomp", "limits"), True
)


def fill(path: Path, names: list[str], attempts: int, end: datetime) -> float:
    """Record that many attempts, 40 at each exercise in turn; returns the seconds they took."""
    chance = random.Random(1)
    first = end - timedelta(minutes=7 * attempts)
    moment = [first]
    lines: list[str] = []
    began = time.perf_counter()
    with ProgressStore.open(path, now=lambda: moment[0]) as store:
        # The disk's own pace is no matter of the log's form, and 100,000 commits would be its.
        store._backend.execute("PRAGMA synchronous = off")
        for number in range(attempts):
            moment[0] = first + timedelta(minutes=7 * number)
            name = names[number // 40 % len(names)]
            if number % 40 == 0:
                store.record_start(name)
                lines = [
                    f"    value_{n} = torch.{chance.choice(_WORDS)}(value_{chance.randrange(80)}, {n})"
                    for n in range(80)
                ]
            for _ in range(3):
                lines[chance.randrange(80)] = f"    value = {chance.choice(_WORDS)}({chance.random():.4f})"
            store.record_attempt(_make_attempt(name, "\n".join(lines), number, chance))
    return time.perf_counter() - began


_WORDS = ("softmax", "matmul", "einsum", "zeros", "stack", "exp", "log", "gather", "scatter_add", "layer_norm")


def _make_attempt(name: str, text: str, number: int, chance: random.Random) -> NewAttempt:
    passed = number % 40 == 39
    statuses: list[Status] = ["passed" if passed or n < 3 else "failed" for n in range(6)]
    checks = tuple(
        CheckResult(
            f"check_{n}",
            f"The answer has the right value in case {n}",
            status,
            2,
            ""
            if status == "passed"
            else f"answer(tensor([[{chance.random():.4f}, {chance.random():.4f}]])): expected "
            f"{chance.random():.6f}, got {chance.random():.6f} at (0, {n}); largest error {chance.random():.3g} " * 2,
            None if status == "passed" else "the sum runs over the wrong axis",
            chance.uniform(0.001, 0.1),
        )
        for n, status in enumerate(statuses)
    )
    return NewAttempt(
        exercise_id=name, verdict="passed" if passed else "failed", score=2 * statuses.count("passed"), max_score=12,
        seed=chance.randrange(2**31), device="cpu", corpus=None, elapsed_s=chance.uniform(0.1, 3), submission=text,
        submission_path=f"/home/learner/study/{name}.py", checks=checks, isolation=ISOLATION,
    )  # fmt: skip


def _measure_memory(arguments: list[str], environ: dict[str, str], folder: Path) -> tuple[float, float]:
    """Return the peak MiB of a command and its seconds."""
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    began = time.perf_counter()
    command = [sys.executable, "-c", code, sys.executable, "-m", "grader", *arguments]
    done = subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024, time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attempts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    content = load_content(find_content_root())
    names = [name for unit in content.units for name in unit.exercises]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        environs = {
            size: {name: value for name, value in os.environ.items() if not name.startswith(("STUDY_", "XDG_"))}
            | {"HOME": str(folder / str(size)), "PYTHONPATH": str(REPOSITORY)}
            for size in (SHORT, options.attempts)
        }
        for size in environs:
            log = folder / str(size) / "study" / ".study" / "study.db"
            log.parent.mkdir(parents=True)
            spent = fill(log, names, size, datetime.now(UTC))
            each = log.stat().st_size / size
            print(
                f"{size:>9,} attempts: {each:6.0f} bytes each (goal: {GOAL_BYTES:,}), {spent / size * 1e3:.2f} ms to record"
            )
        size = options.attempts
        exported = folder / "log.gz"
        memory, spent = _measure_memory(["export", str(exported)], environs[size], folder)
        print(
            f"export: {memory:.0f} MiB (goal: {GOAL_MIB}), {spent:.1f} s, {exported.stat().st_size / size:.0f} bytes each"
        )
        fresh = environs[size] | {"STUDY_DATABASE": str(folder / "fresh.db")}
        memory, spent = _measure_memory(["import", str(exported)], fresh, folder)
        print(f"import: {memory:.0f} MiB (goal: {GOAL_MIB}), {spent:.1f} s")
        shutil.copyfile(log, folder / "copy.db")
        _show_times(environs, folder, options.rounds)


def _show_times(environs: dict[int, dict[str, str]], folder: Path, rounds: int) -> None:
    times: dict[tuple[str, int], list[float]] = {(name, size): [] for name in COMMANDS for size in environs}
    for _ in range(rounds + 1):  # the first fills the index of the course
        for name, size in times:
            command = [sys.executable, "-m", "grader", *COMMANDS[name]]
            times[name, size].append(time_command(command, environs[size], folder))
    short, long = environs
    for name in COMMANDS:
        best = {size: min(times[name, size][1:]) for size in environs}
        print(
            f"{name:<16} {best[short]:.3f} s at {short:,}, {best[long]:.3f} s at {long:,}: "
            f"ratio {best[long] / best[short]:.2f} (goal: {GOAL_RATIO})"
        )


if __name__ == "__main__":
    main()
