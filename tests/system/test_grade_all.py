"""Grading everything solved again: what is broken since is named, and every attempt is recorded."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, cast

import pytest

from grader.engine.client import Cancelled
from grader.grading.pool import GradePool, count_cores
from grader.grading.run import GradeRun
from grader.progress import ProgressStore
from tests.support.passes import log_pass
from tests.support.processes import wait_for_descendants, wait_until_gone
from tests.support.study import REPOSITORY, RIGHT, TOY_COURSE, WRONG, Study
from tests.support.warm_engine import WarmEngine

TOOLBOX = (TOY_COURSE / "exercises/t02_toolbox/solution.py").read_text(encoding="utf-8")


@pytest.fixture
def study(study: Study, warm_engine: WarmEngine) -> Study:
    """Run the command, which grades by an engine that is warm."""
    return warm_engine.lend(study)


def load_newest(home: Path, exercise_id: str) -> tuple[str, int]:
    """Return the verdict and the seed of the newest attempt."""
    with ProgressStore.open(home / "study/.study/study.db") as store:
        newest = store.load_attempts(exercise_id)[0]
        return newest.verdict, newest.seed


def test_what_is_solved_still_and_what_is_broken_are_told_in_the_order_of_the_course(study: Study, home: Path) -> None:
    log_pass(home, "t02_toolbox", TOOLBOX)
    log_pass(home, "t01_double", WRONG)
    done = study("grade", "--all", "--seed", "3", "--jobs", "2")
    assert done.stdout == (
        "  ✗ t01_double   regressed\n"
        "      first to fail: double(x) is twice x\n"
        "      study grade t01_double --seed 3\n"
        "  ✓ t02_toolbox  still solved\n"
        "\n"
        "of 2 solved: 1 still solved, 1 regressed\n"
        "next: study grade t01_double --seed 3\n"
    )
    assert done.returncode == 1
    assert load_newest(home, "t01_double") == ("failed", 3)
    assert load_newest(home, "t02_toolbox") == ("passed", 3)
    known = json.loads(study("progress", "--json").stdout)["exercises"]
    assert [(known[name]["status"], known[name]["attempts"]) for name in sorted(known)] == [("solved", 2)] * 2


def test_all_solved_still_ends_with_0(study: Study, home: Path) -> None:
    log_pass(home, "t01_double", RIGHT)
    done = study("grade", "--all")
    assert (done.returncode, done.stdout) == (
        0,
        "  ✓ t01_double  still solved\n\nof 1 solved: 1 still solved\nnext: study next\n",
    )


def test_json_gives_every_verdict(study: Study, home: Path) -> None:
    log_pass(home, "t01_double", WRONG)
    log_pass(home, "t02_toolbox", None)
    done = study("grade", "--all", "--json", "--seed", "3")
    assert done.returncode == 1
    regressed, missing = json.loads(done.stdout)["exercises"]
    verdict = regressed.pop("verdict")
    assert regressed == {
        "exercise": "t01_double",
        "state": "regressed",
        "message": "first to fail: double(x) is twice x",
        "hint": "study grade t01_double --seed 3",
    }
    assert (verdict["verdict"], verdict["seed"], len(verdict["checks"])) == ("failed", 3, 3)
    assert missing == {
        "exercise": "t02_toolbox",
        "state": "file_missing",
        "message": "study/t02_toolbox.py",
        "hint": "study start t02_toolbox",
        "verdict": None,
    }


def test_what_cannot_be_graded_is_told_and_not_recorded(study: Study, home: Path) -> None:
    log_pass(home, "t01_double", None)
    (home / "study/t01_double.py").write_bytes(b"\xff")
    log_pass(home, "t09_gone", RIGHT)
    done = study("grade", "--all")
    assert done.stdout == (
        "  – t01_double  not gradable\n"
        f"      {home}/study/t01_double.py:1:1: byte 0xff is not UTF-8\n"
        "      save the file with the encoding UTF-8\n"
        "  – t09_gone    not gradable\n"
        "      the course no longer has it\n"
        "\n"
        "of 2 solved: 2 not gradable\n"
        "next: save the file with the encoding UTF-8\n"
    )
    assert done.returncode == 1
    assert json.loads(study("progress", "--json").stdout)["attempts"] == 2


def test_nothing_solved_is_said_and_is_no_failure(study: Study, home: Path) -> None:
    study("start", "t01_double")
    done = study("grade", "--all")
    text = "nothing is solved yet, so there is nothing to grade again\nnext: study next\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, text, "")
    assert json.loads(study("grade", "--all", "--json").stdout) == {"exercises": []}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["double", "--all"],
            "study: --all grades all that you have solved; it cannot be combined with an ID\n"
            "next: study grade --all   or   study grade double\n",
        ),
        (
            ["--all", "--submission", "a.py"],
            "study: --all grades all that you have solved; it cannot be combined with --submission\n"
            "next: study grade --all   or   study grade ID --submission a.py\n",
        ),
        (["--jobs", "2"], "study: --jobs goes with --all\nnext: study grade --all --jobs 2\n"),
    ],
)
def test_options_that_do_not_go_together_are_refused(study: Study, arguments: list[str], message: str) -> None:
    done = study("grade", *arguments)
    assert (done.returncode, done.stderr, done.stdout) == (2, message, "")


def test_device_that_is_not_there_is_said_once(study: Study, home: Path) -> None:
    log_pass(home, "t01_double", RIGHT)
    log_pass(home, "t02_toolbox", TOOLBOX)
    done = study("grade", "--all", "--device", "mps")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(  # before it: which corpus is used
        "study: this machine has no mps device that torch can use (found: cpu)\nnext: study grade --device auto\n"
    )


def test_course_that_is_broken_is_named_with_exit_code_3(study: Study, home: Path, tmp_path: Path) -> None:
    import shutil

    course = shutil.copytree(TOY_COURSE, tmp_path / "course")
    (course / "exercises/t01_double/checks.py").write_text("def test_doubles(:\n")
    log_pass(home, "t01_double", RIGHT)
    done = study("grade", "--all", "--json", STUDY_COURSE=str(course))
    assert done.returncode == 3
    (row,) = json.loads(done.stdout)["exercises"]
    assert (row["state"], row["verdict"]) == ("course_invalid", None)


def test_interrupt_records_what_is_finished_and_leaves_no_process(study: Study, home: Path) -> None:
    log_pass(home, "t01_double", RIGHT)
    endless = TOOLBOX.replace("    return sum(values)", "    while values:\n        pass\n    return sum(values)")
    log_pass(home, "t02_toolbox", endless)
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "grade", "--all", "--jobs", "1"],
        env=os.environ | {"STUDY_COURSE": str(TOY_COURSE), "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while load_newest(home, "t01_double")[1] == 0:
        assert process.poll() is None
    engines = wait_for_descendants(process.pid, at_least=2)
    process.send_signal(signal.SIGINT)
    shown, complaint = process.communicate(timeout=60)
    assert complaint.splitlines()[-1] == "stopped: 1 of 2 graded, and this attempt is recorded"
    assert shown == (
        "  ✓ t01_double  still solved\n\nof 2 solved: 1 still solved, 1 not graded\nnext: study grade --all\n"
    )
    assert process.returncode == 130
    wait_until_gone(engines)
    assert json.loads(study("progress", "--json").stdout)["attempts"] == 3


class FakeRun:
    """Finishes once as many runs as there are parties go on at the same time, or when it is cancelled."""

    def __init__(self, meeting: threading.Barrier) -> None:
        self._meeting = meeting
        self._cancelled = False

    def finish(self, *, wait: bool) -> str:
        try:
            self._meeting.wait(timeout=20)
        except threading.BrokenBarrierError:
            if self._cancelled:
                raise Cancelled from None
            return "nobody came"
        return "verdict"

    def cancel(self) -> None:
        self._cancelled = True
        self._meeting.abort()


def make_pool(runs: list[FakeRun], jobs: int) -> GradePool:
    pool = GradePool(jobs)
    pool.add(cast("list[GradeRun]", runs))
    return pool


def test_as_many_grades_as_jobs_go_on_at_once() -> None:
    meeting = threading.Barrier(3)
    pool = make_pool([FakeRun(meeting) for _ in range(3)], 3)
    assert [cast(Any, future.result()) for _, future in pool.follow()] == ["verdict"] * 3
    pool.stop()


def test_stopped_pool_gives_what_finished_and_not_what_was_cancelled() -> None:
    alone, never = threading.Barrier(1), threading.Barrier(2)
    runs = [FakeRun(alone), FakeRun(alone), FakeRun(never)]
    pool = make_pool(runs, 1)
    following = pool.follow()
    assert next(following)[0] is cast(Any, runs[0])
    pool.stop()
    left_over = [run for run, _ in pool.left_over()]
    assert left_over in ([], [cast(Any, runs[1])])  # the second may or may not have come to its turn
    assert cast(Any, runs[2]) not in left_over


def test_there_is_a_core_to_grade_on() -> None:
    assert count_cores() == len(os.sched_getaffinity(0))


def test_what_was_solved_with_a_file_elsewhere_is_graded_from_the_text_that_the_log_keeps(
    study: Study, home: Path
) -> None:
    elsewhere = home / "elsewhere.py"
    elsewhere.write_text(RIGHT)
    assert study("grade", "t01_double", "--submission", str(elsewhere)).returncode == 0
    elsewhere.unlink()
    done = study("grade", "--all")
    assert (done.returncode, done.stdout) == (
        0,
        "  ✓ t01_double  still solved\n\nof 1 solved: 1 still solved\nnext: study next\n",
    )
    assert (
        "t01_double: study/t01_double.py is not there; the text that passed last, of elsewhere.py, is graded"
        in done.stderr
    )
    with ProgressStore.open(home / "study/.study/study.db") as store:
        texts = [store.load_submission(attempt.attempt_id) for attempt in store.load_attempts("t01_double")]
    assert texts == [RIGHT, RIGHT]
