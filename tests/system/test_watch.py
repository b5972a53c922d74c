"""`study watch` as it runs on a terminal of its own, and as a program reads it."""

import fcntl
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.progress import ProgressStore
from tests.support.processes import descendants, wait_for_descendants, wait_until_gone
from tests.support.study import REPOSITORY, RIGHT, TOY_COURSE, WRONG, Study

SLOW = "import time\n\n\ndef double(x):\n    time.sleep(1234)\n"


# The command on a terminal


class Terminal:
    """`study` on a pseudo-terminal of 80 columns, with everything it prints."""

    def __init__(self, *arguments: str) -> None:
        self._screen, self._keyboard = os.openpty()
        fcntl.ioctl(self._keyboard, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.mode_before = self.mode()
        self._printed = b""
        self._read = 0
        take_terminal = (
            "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", take_terminal, sys.executable, "-m", "grader", *arguments],
            env=os.environ | {"STUDY_COURSE": str(TOY_COURSE), "PYTHONPATH": str(REPOSITORY), "TERM": "xterm"},
            stdin=self._keyboard, stdout=self._keyboard, stderr=self._keyboard, start_new_session=True,
        )  # fmt: skip

    def mode(self) -> list[object]:
        return termios.tcgetattr(self._keyboard)

    def press(self, keys: str) -> None:
        os.write(self._screen, keys.encode())

    def read_until(self, text: str) -> str:
        """Return what was printed from the last such call up to `text`, without colours."""
        until_s = time.monotonic() + 60
        while text not in (unread := self._screen_text()[self._read :]):
            left_s = until_s - time.monotonic()
            assert left_s > 0, f"{text!r} did not come; on the screen: {unread}"
            if select.select([self._screen], [], [], left_s)[0]:
                self._printed += os.read(self._screen, 2**16)
        length = unread.index(text) + len(text)
        self._read += length
        return unread[:length]

    def _screen_text(self) -> str:
        text = self._printed.decode("utf-8", "replace").replace("\r\n", "\n")
        return re.sub(r"\x1b\[[\d;]*m", "", text)

    def wait(self) -> int:
        return self.process.wait(timeout=60)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._screen)
        os.close(self._keyboard)


@pytest.fixture
def terminal(study: Study) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def run(*arguments: str) -> Terminal:
        opened.append(Terminal(*arguments))
        return opened[-1]

    yield run
    for one in opened:
        one.close()


KEYS = "waiting for a save   n next   h hint   r rerun   q quit\n"


def load_attempts(home: Path) -> list[tuple[str, str]]:
    """Return the verdict and the text of each attempt, the first one first."""
    with ProgressStore.open(home / "study/.study/study.db") as store:
        attempts = reversed(store.load_attempts("t01_double"))
        return [(a.verdict, store.load_submission(a.attempt_id)) for a in attempts]


def test_watch_from_a_failure_over_keys_to_a_pass(study: Study, home: Path, terminal: Callable[..., Terminal]) -> None:
    study("start", "t01_double")
    file = home / "study/t01_double.py"
    file.write_text(WRONG)
    watch = terminal("watch")
    shown = watch.read_until(KEYS)
    assert shown.startswith("watching study/t01_double.py: every save is graded\n")
    assert "not solved yet: 1 of 3 checks, 1 of 4 points" in shown
    assert "since the last grade" not in shown
    watch.press("n")
    assert "Type   study grade t01_double\n" in watch.read_until(KEYS)
    watch.press("h")
    assert "Add it to itself." in watch.read_until(KEYS)
    file.write_bytes(b"\xff")
    assert "t01_double.py:1:1: byte 0xff is not UTF-8\nnext: save the file" in watch.read_until(KEYS)
    changed = "def double(x):\n    x *= 2\n    return x\n"
    file.write_text(changed)
    shown = watch.read_until(KEYS)
    assert shown.endswith(
        "since the last grade\n"
        "  now passing     double(x) is twice x\n"
        "                  The dtype is kept\n"
        f"  now failing     x itself is not changed\n{KEYS}"
    )
    beside = home / "study/.t01_double.py.tmp"
    beside.write_text(RIGHT)
    beside.rename(file)
    shown = watch.read_until("next: study next")
    assert "solved: 4 of 4 points" in shown
    assert watch.wait() == 0
    assert watch.mode() == watch.mode_before
    assert load_attempts(home) == [("failed", WRONG), ("failed", changed), ("passed", RIGHT)]
    assert json.loads(study("progress", "--json").stdout)["exercises"]["t01_double"]["hints_shown"] == 1


def test_save_during_a_grade_calls_it_off_and_no_trace_of_it_is_left(
    study: Study, home: Path, terminal: Callable[..., Terminal]
) -> None:
    study("start", "t01_double")
    (home / "study/t01_double.py").write_text(SLOW)
    watch = terminal("watch")
    engines = wait_for_descendants(watch.process.pid, at_least=3)
    watch.press("h")
    watch.read_until("Add it to itself.")  # the keyboard answers while the grade goes on
    (home / "study/t01_double.py").write_text(RIGHT)
    watch.read_until("study solution t01_double --diff")
    assert watch.wait() == 0
    wait_until_gone(engines)
    assert load_attempts(home) == [("passed", RIGHT)]


@pytest.mark.parametrize("how", ["q", "\x03", "SIGTERM"])
def test_watch_that_is_left_during_a_grade_leaves_everything_in_order(
    study: Study, home: Path, terminal: Callable[..., Terminal], how: str
) -> None:
    study("start", "t01_double")
    (home / "study/t01_double.py").write_text(SLOW)
    watch = terminal("watch")
    engines = wait_for_descendants(watch.process.pid, at_least=3)
    if how == "SIGTERM":
        watch.process.send_signal(signal.SIGTERM)
    else:
        watch.press(how)
    watch.read_until("stopped watching study/t01_double.py\nnext: study watch t01_double\n")
    assert watch.wait() == 1
    assert watch.mode() == watch.mode_before
    wait_until_gone(engines)
    assert load_attempts(home) == []


def test_keys_are_read_without_enter_and_not_echoed(
    study: Study, home: Path, terminal: Callable[..., Terminal]
) -> None:
    study("start", "t01_double")
    watch = terminal("watch")
    watch.read_until(KEYS)
    local = watch.mode()[3]
    assert isinstance(local, int)
    assert local & (termios.ICANON | termios.ECHO) == 0
    assert local & termios.ISIG
    watch.press("q")
    assert watch.wait() == 1
    assert watch.mode() == watch.mode_before


def test_folder_that_goes_away_ends_the_watch(study: Study, home: Path, terminal: Callable[..., Terminal]) -> None:
    study("start", "t01_double")
    watch = terminal("watch")
    watch.read_until(KEYS)
    (home / "study").rename(home / "elsewhere")
    watch.read_until("study: the folder study is gone\nnext: put it back, then: study start t01_double\n")
    assert watch.wait() == 2
    assert watch.mode() == watch.mode_before


def test_without_a_terminal_watch_prints_one_object_a_grade_and_loads_no_torch(study: Study, home: Path) -> None:
    study("start", "t01_double")
    (home / "study/t01_double.py").write_text(WRONG)
    environ = os.environ | {"STUDY_COURSE": str(TOY_COURSE), "PYTHONPATH": str(REPOSITORY)}
    watch = subprocess.Popen(
        [sys.executable, "-m", "grader", "watch", "double", "--json", "--seed", "5"],
        env=environ | {"PYTHONPROFILEIMPORTTIME": "1"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert watch.stdout is not None
    first = json.loads(watch.stdout.readline())
    assert (first["verdict"], first["seed"], first["changes"]) == ("failed", 5, None)
    (home / "study/t01_double.py").write_text(RIGHT)
    rest, complaints = watch.communicate(timeout=60)
    (second,) = map(json.loads, rest.splitlines())
    assert second["verdict"] == "passed"
    assert second["changes"] == {
        "now_passing": ["doubles", "keeps_dtype"],
        "now_failing": [],
        "now_run_and_failing": [],
        "no_longer_run": [],
        "still_failing": [],
    }
    assert watch.returncode == 0
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in complaints.splitlines()}
    assert "watchfiles" in imported
    assert "torch" not in imported
    assert descendants(os.getpid()) & {watch.pid} == set()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["watch"], "study: no exercise has been started yet\nnext: study next\n"),
        (["watch", "double"], "study: study/t01_double.py is not there yet\nnext: study start t01_double\n"),
        (["watch", "x01"], "study: there is no exercise `x01`\nnext: study list\n"),
    ],
)
def test_what_cannot_be_watched_is_said_as_grade_says_it(study: Study, arguments: list[str], message: str) -> None:
    done = study(*arguments)
    assert (done.returncode, done.stderr, done.stdout) == (2, message, "")


def test_device_that_is_not_there_ends_the_watch(study: Study) -> None:
    study("start", "t01_double")
    done = study("watch", "--device", "mps")
    assert done.returncode == 2
    assert done.stderr.endswith("(found: cpu)\nnext: study grade --device auto\n")
