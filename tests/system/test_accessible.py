"""On a terminal that shows only ASCII, or is read aloud, `study doctor` and `study watch` say all they have to say."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

from tests.support.study import REPOSITORY, RIGHT, TOY_COURSE, Study


def test_doctor_says_in_words_what_is_not_as_it_should_be(study: Study) -> None:
    shown = study("doctor", STUDY_ASCII="1", STUDY_NAMES_FILE="nowhere.txt").stdout
    assert shown.isascii()
    bad = [row for row in shown.splitlines() if row.startswith("FAIL ")]
    good = [row for row in shown.splitlines() if row.startswith("ok ")]
    assert bad
    assert all("[not as it should be]" in row for row in bad)
    assert not any("[not as it should be]" in row for row in good)
    assert shown.splitlines()[-1] == (
        f"{len(bad)} of {len(bad) + len(good)} findings "
        f"{'is not as it' if len(bad) == 1 else 'are not as they'} should be"
    )


def test_watching_on_a_dumb_terminal_only_appends_lines(study: Study, home: Path) -> None:
    assert study("start", "t01_double").returncode == 0
    (home / "study/t01_double.py").write_text(RIGHT)
    ours, theirs = pty.openpty()
    environ = {"STUDY_COURSE": str(TOY_COURSE), "PYTHONPATH": str(REPOSITORY), "TERM": "dumb"}
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "watch"],
        env=os.environ | environ,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    until_s = time.monotonic() + 120
    while time.monotonic() < until_s:
        if select.select([ours], [], [], 1)[0]:
            try:
                shown += os.read(ours, 2**16)
            except OSError:  # it has ended
                break
    assert process.wait(timeout=60) == 0
    os.close(ours)
    text = shown.decode("ascii").replace("\r\n", "\n")
    assert "\x1b" not in text
    assert "\r" not in text
    assert "checking t01_double: 3 checks\n" in text
    assert "  ok double(x) is twice x  (2 points)\n" in text
    assert "solved: 4 of 4 points\n" in text
    assert text.endswith("next: study next\n")
