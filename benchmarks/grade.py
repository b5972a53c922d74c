"""Compare whole commands, in turn, in one run: `python -m benchmarks.grade [--rounds N]`.

Each row is the median over the rounds of one command's wall time, and its ratio to the yardstick of the
same round. The yardsticks: `python -c pass`, `python -c "import torch"`, and plain pytest on the same
checks, learner and judge in one process (benchmarks/plain_pytest).
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
EXERCISE = REPOSITORY / "exercises" / "e02_batchnorm_fold"


def time_command(command: list[str], environ: Mapping[str, str], cwd: Path) -> float:
    """Run a command to its end; returns wall seconds.

    Raises:
        SystemExit: If it fails: a failing command measures something else.
    """
    started_s = time.perf_counter()
    done = subprocess.run(command, env=dict(environ), cwd=cwd, capture_output=True, text=True, check=False)
    elapsed_s = time.perf_counter() - started_s
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return elapsed_s


def prepare_plain_pytest(folder: Path) -> Path:
    """Lay out the checks as plain pytest wants them."""
    folder.mkdir()
    shutil.copy(REPOSITORY / "benchmarks/plain_pytest/conftest.py", folder / "conftest.py")
    shutil.copy(EXERCISE / "checks.py", folder / "test_checks.py")
    return folder


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        plain = prepare_plain_pytest(folder / "plain")
        answer = folder / "answer.py"
        shutil.copy(EXERCISE / "solution.py", answer)
        environ = {name: value for name, value in os.environ.items() if not name.startswith("STUDY_")} | {
            "HOME": str(folder),
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(REPOSITORY),
            "STUDY_OFFLINE": "1",
            "STUDY_PLAIN_EXERCISE": str(EXERCISE),
            "STUDY_PLAIN_SUBMISSION": str(answer),
        }
        python = sys.executable
        study = [python, "-m", "grader"]
        commands = {
            "python -c pass": [python, "-c", "pass"],
            "import torch": [python, "-c", "import torch"],
            "plain pytest": [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", str(plain)],
            "study --help": [*study, "--help"],
            "study next": [*study, "next"],
            "study grade (cold)": [*study, "grade", EXERCISE.name, "--submission", str(answer)],
        }
        for command in commands.values():  # fills caches: bytecode, the course index
            time_command(command, environ, folder)
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                times[name].append(time_command(command, environ, folder))
    show(times, rounds)


def show(times: dict[str, list[float]], rounds: int) -> None:
    """Print medians, and the ratios that have a goal."""
    print(f"median wall seconds of {rounds} rounds, min to max")
    for name, seconds in times.items():
        print(f"  {name:<20} {statistics.median(seconds):7.3f}   ({min(seconds):.3f} to {max(seconds):.3f})")
    print("ratios, round by round: median")
    for name, yardstick, goal in (
        ("study grade (cold)", "plain pytest", "at most 1.5"),
        ("study grade (cold)", "import torch", ""),
        ("study next", "python -c pass", "study next under 0.25 s"),
        ("study --help", "python -c pass", ""),
    ):
        ratio = statistics.median(a / b for a, b in zip(times[name], times[yardstick], strict=True))
        print(f"  {name} / {yardstick}: {ratio:.2f}" + (f"   (goal: {goal})" if goal else ""))


if __name__ == "__main__":
    main()
