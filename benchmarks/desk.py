"""Time what a learner types all day on a long log: `python -m benchmarks.desk [--rounds N] [--attempts N]`.

The log is made up: that many attempts over the whole course and the last year, each with all its checks, some hints and
readings between them. Each row is the best of the rounds, for the whole process, in seconds and as a ratio to
`python -c pass` of the same rounds; then the size of the page that `study progress --web` writes.
"""

import argparse
import os
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.grade import REPOSITORY, time_command
from grader.course import find_content_root, load_content
from tests.support.long_log import fill_log

YARDSTICK = "python -c pass"
COMMANDS = {
    "study next": ["next"],
    "study progress": ["progress"],
    "study list": ["list"],
    "study progress --web": ["progress", "--web", "--no-open"],
}
GOALS_S = {"study next": 0.25, "study progress": 0.25, "study list": 0.25, "study progress --web": 1.0}
GOAL_BYTES = 1_000_000


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
