"""Compare whole commands, in turn, in one run: `python -m benchmarks.grade [--rounds N] [--study PATH]`.

Each row is the median over the rounds of one command's wall time, its ratio to the yardstick of the same round, and
the processor time it took with all that it started, a grading server's engines included. The yardsticks:
`python -c pass`, `python -c "import torch"`, and plain pytest on the same checks, learner and judge in one process
(benchmarks/plain_pytest). What is not the checks' own work, by pytest's report of them, is the engine's overhead.

Two exercises are graded: the smallest of the tests' toy course, whose checks take a few milliseconds, and one of the
course. The warm grades go through a server of the benchmark's own. With --study an installed `study` is measured
instead of this checkout's `python -m grader`, and the yardsticks are those of the Python it is installed for.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parent.parent
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
#: After a grade the server's engine is gone within milliseconds.
_REAP_PATIENCE_S = 10.0


class SmallExercise(NamedTuple):
    """An exercise to grade: its course, its folder's name, and a mutant that its checks find."""

    course: Path
    name: str
    wrong: str
    #: How much of plain pytest's time a warm grade may take, as the benchmark tells.
    warm_goal: float

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return self.course / "exercises" / self.name


TOY = SmallExercise(REPOSITORY / "tests/toys/course", "t01_double", wrong="squares", warm_goal=0.05)
REAL = SmallExercise(REPOSITORY, "e02_batchnorm_fold", wrong="mean_not_scaled", warm_goal=0.10)


class Spent(NamedTuple):
    """What one command took: seconds on the clock, and of processors."""

    wall_s: float
    cpu_s: float


def time_command(command: Sequence[str], environ: Mapping[str, str], cwd: Path, *, expected: int = 0) -> float:
    """Run a command to its end; returns wall seconds.

    Raises:
        SystemExit: If it ends with another code than expected: it then measures something else.
    """
    return measure_command(command, environ, cwd, expected=expected).wall_s


def measure_command(command: Sequence[str], environ: Mapping[str, str], cwd: Path, *, expected: int = 0) -> Spent:
    """Run a command to its end, as `time_command` does; returns its processor time as well."""
    before_s = _children_cpu_s()
    started_s = time.perf_counter()
    done = subprocess.run(command, env=dict(environ), cwd=cwd, capture_output=True, text=True, check=False)
    elapsed_s = time.perf_counter() - started_s
    if done.returncode != expected:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return Spent(elapsed_s, _children_cpu_s() - before_s)


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def clean_environment(home: Path) -> dict[str, str]:
    """Return an environment with an empty home, in which nothing that changes what is measured is left."""
    left_out = ("STUDY_", "XDG_", "PYTHON", "PYTEST_", "CI")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    settings = {"OMP_NUM_THREADS": "1", "STUDY_OFFLINE": "1", "STUDY_SERVER": "off"}
    return kept | settings | {"HOME": str(home), "XDG_RUNTIME_DIR": str(home)}


def prepare_plain_pytest(folder: Path, exercise: SmallExercise) -> Path:
    """Lay out an exercise's checks as plain pytest wants them."""
    folder.mkdir()
    shutil.copy(REPOSITORY / "benchmarks/plain_pytest/conftest.py", folder / "conftest.py")
    shutil.copy(exercise.folder / "checks.py", folder / "test_checks.py")
    return folder


def plain_pytest(python: str, folder: Path) -> list[str]:
    """Return the command that runs what `prepare_plain_pytest` laid out."""
    return [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", str(folder)]


def measure_checks(command: list[str], environ: Mapping[str, str], folder: Path) -> float:
    """Run plain pytest once; returns the seconds in the checks' own functions, as its report has them."""
    report = folder / "report.xml"
    time_command([*command, f"--junitxml={report}", "-o", "junit_duration_report=call"], environ, folder)
    cases = ET.parse(report).iter("testcase")
    return sum(float(case.get("time", 0)) for case in cases)


class Server:
    """The grading server of the benchmark: seen from outside, through the command line and /proc."""

    def __init__(self, study: list[str], environ: Mapping[str, str], cwd: Path) -> None:
        self._study, self._environ, self._cwd = study, environ, cwd
        time_command([*study, "server", "start"], environ, cwd)
        self.pid = int(self._status()["pid"])

    def _status(self) -> dict[str, int]:
        command = [*self._study, "server", "status", "--json"]
        done = subprocess.run(command, env=dict(self._environ), cwd=self._cwd, capture_output=True, check=True)
        servers: list[dict[str, int]] = json.loads(done.stdout)["servers"]
        if len(servers) != 1:
            raise SystemExit(f"{len(servers)} grading servers run where there should be one")
        return servers[0]

    def graded(self) -> int:
        """Return how many grades it has made."""
        return self._status()["graded"]

    def measure(self, command: list[str], environ: Mapping[str, str], cwd: Path) -> Spent:
        """Run a command that makes a warm grade; what its engine took counts as well."""
        before_s = self._cpu_s()
        spent = measure_command(command, environ, cwd)
        until_s = time.monotonic() + _REAP_PATIENCE_S
        while Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text() and time.monotonic() < until_s:
            time.sleep(0.002)
        return Spent(spent.wall_s, spent.cpu_s + self._cpu_s() - before_s)

    def _cpu_s(self) -> float:
        """Return the processor time of the server and of all that it has reaped, in ticks of the kernel's clock."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) * TICK_S

    def stop(self) -> None:
        """End it."""
        time_command([*self._study, "server", "stop"], self._environ, self._cwd)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--study", type=Path, help="an installed `study` to measure instead of `python -m grader`")
    options = parser.parse_args()
    installed = options.study and options.study.absolute()  # the commands run in another folder
    python = str(installed.parent / "python") if installed else sys.executable
    study = [str(installed)] if installed else [python, "-m", "grader"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        base = clean_environment(folder) | ({} if installed else {"PYTHONPATH": str(REPOSITORY)})
        warm = base | {"STUDY_SERVER": "on"}
        runs: dict[str, Callable[[], Spent]] = {}

        def add(name: str, command: list[str], environ: Mapping[str, str] = base) -> None:
            runs[name] = lambda: measure_command(command, environ, folder)

        def add_warm(name: str, command: list[str], environ: Mapping[str, str]) -> None:
            runs[name] = lambda: server.measure(command, environ, folder)

        def add_checks(name: str, command: list[str], environ: Mapping[str, str]) -> None:
            runs[name] = lambda: Spent(measure_checks(command, environ, folder), 0.0)

        server = Server(study, warm, folder)
        try:
            add("python -c pass", [python, "-c", "pass"])
            add("import torch", [python, "-c", "import torch"])
            add("study --help", [*study, "--help"])
            add("study next", [*study, "next"])
            for exercise in (TOY, REAL):
                id_ = exercise.name
                answer = str(exercise.folder / "solution.py")
                course = {"STUDY_COURSE": str(exercise.course)}
                plain = {"STUDY_PLAIN_EXERCISE": str(exercise.folder), "STUDY_PLAIN_SUBMISSION": answer}
                checks = plain_pytest(python, prepare_plain_pytest(folder / f"plain-{id_}", exercise))
                grade = [*study, "grade", id_, "--submission", answer]
                add(f"plain pytest {id_}", checks, base | plain)
                add_checks(f"checks alone {id_}", checks, base | plain)
                add_warm(f"grade, warm {id_}", grade, warm | course)
                add(f"grade, cold {id_}", grade, base | course)
            for run in runs.values():  # fills caches: bytecode, the course index
                run()
            graded_before = server.graded()
            spent: dict[str, list[Spent]] = {name: [] for name in runs}
            for _ in range(options.rounds):
                for name, run in runs.items():
                    spent[name].append(run())
            if server.graded() - graded_before != 2 * options.rounds:
                raise SystemExit("some of the warm grades were not: the server did not make them")
        finally:
            with suppress(SystemExit):
                server.stop()
    show(spent, options.rounds)


def show(spent: dict[str, list[Spent]], rounds: int) -> None:
    """Print medians, and the ratios that have a goal."""
    print(f"median of {rounds} rounds: wall seconds, min to max; processor seconds")
    for name, found in spent.items():
        walls = [s.wall_s for s in found]
        cpu = statistics.median(s.cpu_s for s in found)
        row = f"  {name:<34} {statistics.median(walls):7.3f}   ({min(walls):.3f} to {max(walls):.3f})"
        print(row + (f"   {cpu:7.3f}" if cpu else ""))
    print("ratios, round by round: median, minimum; of processor seconds")
    rows: list[tuple[str, str, str]] = [
        ("study next", "python -c pass", "study next under 0.25 s"),
        ("study --help", "python -c pass", ""),
    ]
    for exercise in (TOY, REAL):
        id_ = exercise.name
        rows += [
            (f"grade, warm {id_}", f"plain pytest {id_}", f"at most {exercise.warm_goal:.2f}"),
            (f"grade, cold {id_}", f"plain pytest {id_}", "at most 1.15"),
        ]
    for name, yardstick, goal in rows:
        _show_ratio(f"{name} / {yardstick}", spent[name], spent[yardstick], goal)
    for exercise in (TOY, REAL):
        id_ = exercise.name
        overhead = [
            Spent(whole.wall_s - own.wall_s, whole.cpu_s - own.wall_s)
            for whole, own in zip(spent[f"grade, warm {id_}"], spent[f"checks alone {id_}"], strict=True)
        ]
        _show_ratio(f"overhead of grade, warm {id_} / import torch", overhead, spent["import torch"], "at most 0.081")


def _show_ratio(title: str, found: list[Spent], yardstick: list[Spent], goal: str) -> None:
    walls = [a.wall_s / b.wall_s for a, b in zip(found, yardstick, strict=True)]
    cpu = statistics.median(a.cpu_s / b.cpu_s for a, b in zip(found, yardstick, strict=True))
    print(
        f"  {title}: {statistics.median(walls):.3f}, {min(walls):.3f}; {cpu:.3f}" + (f"   (goal: {goal})" * bool(goal))
    )


if __name__ == "__main__":
    main()
