"""Compare `study next` on small and large courses, in turn: `python -m benchmarks.next [--rounds N] [--sizes N ...]`.

The courses are made up, but every file a real one has is there: each exercise has a statement of about 1 kB, hints,
6 checks, 5 mutants and a reading of its own. Each row is the median over the rounds of the command's wall time; the
ratios are to the smallest course and to `python -c pass` of the same round. The first run of each course, which has
to read every file, is given beside it, with the size of what it keeps.
"""

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.grade import REPOSITORY, time_command
from tests.support.large_course import write_course

YARDSTICK = "python -c pass"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1_000, 10_000])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        base = {name: value for name, value in os.environ.items() if not name.startswith(("STUDY_", "XDG_"))} | {
            "HOME": str(folder),
            "PYTHONPATH": str(REPOSITORY),
        }
        study_next = [sys.executable, "-m", "grader", "next"]
        commands = {YARDSTICK: ([sys.executable, "-c", "pass"], base)}
        first_s: dict[str, float] = {}
        for size in options.sizes:
            write_course(folder / f"course-{size}", size)
            name = f"study next, {size}"
            # A home for each, so that no course's index can stand in another's way.
            environ = base | {"HOME": str(folder / f"home-{size}"), "STUDY_COURSE": str(folder / f"course-{size}")}
            commands[name] = (study_next, environ)
            first_s[name] = time_command(study_next, environ, folder)
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(options.rounds):
            for name, (command, environ) in commands.items():
                times[name].append(time_command(command, environ, folder))
        kept_bytes = {f"study next, {size}": _size_of(folder / f"home-{size}") for size in options.sizes}
    show(times, first_s, kept_bytes)


def _size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def show(times: dict[str, list[float]], first_s: dict[str, float], kept_bytes: dict[str, int]) -> None:
    """Print medians, the first run of each course, and the ratios."""
    smallest = next(iter(first_s))
    print(f"median wall seconds of {len(times[smallest])} rounds, min to max; the first run; what it keeps")
    for name, seconds in times.items():
        row = f"  {name:<20} {statistics.median(seconds):7.3f}   ({min(seconds):.3f} to {max(seconds):.3f})"
        first = f"   {first_s[name]:8.2f} s   {kept_bytes[name] / 1e6:7.2f} MB" if name in first_s else ""
        print(row + first)
    print("ratios, round by round: median")
    for name in first_s:
        to_smallest, to_python = (
            statistics.median(a / b for a, b in zip(times[name], times[yardstick], strict=True))
            for yardstick in (smallest, YARDSTICK)
        )
        print(f"  {name} / {smallest}: {to_smallest:.2f}; / {YARDSTICK}: {to_python:.2f}")
    print("goal: the largest course under 2.00 times the smallest")


if __name__ == "__main__":
    main()
