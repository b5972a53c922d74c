"""What a grade does when something it needs is killed from outside: it is made again, and says so."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import Place, grade_processes, kill, wait_until
from tests.support.study import RIGHT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")
#: Long enough to be hit, and sleeping: a check may take 2.5 s.
SLOW = "import time\n\n\ndef double(x):\n    time.sleep(0.5)\n    return 2 * x\n"
#: The same while it is imported.
SLOW_TO_IMPORT = f"import time\n\ntime.sleep(1)\n\n\n{RIGHT}"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place without a server."""
    place = Place(tmp_path, STUDY_SERVER="off", COLUMNS="200")
    yield place
    place.close()


def grade_and_kill(place: Place, role: str, *, once_there_is: str) -> tuple[int, str]:
    """Grade cold, kill the process of a role as soon as that of another is there; returns exit code and errors."""
    with place.popen("grade", "--json") as client:
        wait_until(lambda: grade_processes(client.pid)[once_there_is], once_there_is)
        assert kill(grade_processes(client.pid)[role][0])
        _, err = client.communicate(timeout=60)
    return client.returncode, err


@pytest.mark.parametrize("role", ["check", "worker"])
def test_check_whose_process_is_killed_from_outside_is_run_again(place: Place, role: str) -> None:
    place.begin(SLOW)
    assert grade_and_kill(place, role, once_there_is="check") == (0, "")


def test_import_whose_process_is_killed_from_outside_is_done_again(place: Place) -> None:
    place.begin(SLOW_TO_IMPORT)
    assert grade_and_kill(place, "worker", once_there_is="worker") == (0, "")


def test_cold_engine_that_is_killed_is_started_once_more_and_that_is_said(place: Place) -> None:
    place.begin(SLOW)
    told = "study: torch was started again for this grade: the grading process ended before its verdict\n"
    assert grade_and_kill(place, "engine", once_there_is="check") == (0, told)


def test_grade_without_the_server_that_is_gone_says_why_it_is_slow(place: Place) -> None:
    place.environ["STUDY_SERVER"] = "on"
    place.begin(RIGHT)
    kill(place.serve())
    done = place.study("grade")
    told = "study: torch was started again for this grade: the grading server does not answer\n"
    assert (done.returncode, done.stderr) == (0, told)


def test_grade_from_a_program_that_waits_for_no_child_is_right(place: Place) -> None:
    place.begin(RIGHT)
    done = subprocess.run(
        [sys.executable, "-m", "grader", "grade"],
        env=place.environ,
        cwd=place.home,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN),
    )
    assert (done.returncode, done.stderr) == (0, "")
