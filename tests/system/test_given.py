"""What a stub gives stays as it is while a submission is graded, and a changed copy is named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.course import load_content
from tests.support.toy_course import DOUBLE, TOY_COURSE, write_toy_course
from tests.support.warm_engine import WarmEngine

GIVEN = "def help_out(a):\n    return a + a\n\n\n"
FOLDER = "exercises/e02_double"

Grade = Callable[[str], Any]


@pytest.fixture
def grade(warm_engine: WarmEngine, tmp_path: Path) -> Grade:
    """Grade a submission to the toy exercise whose stub gives `help_out`."""
    changes = {
        f"{FOLDER}/stub.py": GIVEN + TOY_COURSE[f"{FOLDER}/stub.py"],
        f"{FOLDER}/checks.py": "from grader.testing import assert_equal\n\n\ndef test_doubled(submission):\n"
        "    assert_equal(submission.double(3), 6)\n    assert_equal(submission.help_out(4), 8)\n",
    }
    content = load_content(write_toy_course(tmp_path, {DOUBLE: TOY_COURSE[DOUBLE], **changes}))
    exercise = content.exercises["e02_double"]
    return lambda source: warm_engine.grade(exercise, content.folder(exercise.id), source)


def test_what_the_file_leaves_out_is_there(grade: Grade) -> None:
    assert grade("def double(a):\n    return help_out(a)\n").verdict == "passed"
    assert (
        grade(f"{GIVEN.replace('a + a', '(a  +  a)  # as it was')}def double(a):\n    return 2 * a\n").verdict
        == "passed"
    )


def test_a_check_that_goes_through_a_changed_copy_fails_and_names_it(grade: Grade) -> None:
    (check,) = grade("def help_out(a):\n    return 8\n\n\ndef double(a):\n    return 2 * a\n").checks
    assert (check.status, check.message.splitlines()) == (
        "failed",
        [
            "`help_out` in your file is not as it was given, and this check goes through it",
            "called    double(a=3)",
            "expected  what the stub has: study reset writes it again and keeps your file as a backup",
        ],
    )


def test_a_failure_elsewhere_names_the_given_function_that_the_file_changes(grade: Grade) -> None:
    verdict = grade("def help_out(a):\n    return 6\n\n\ndef double(a):\n    return help_out(a + 1)\n")
    assert verdict.verdict == "failed"
    assert verdict.checks[0].message.splitlines()[-1] == (
        "given     `help_out` in your file differs from what was given; the grade uses what was given"
    )
    assert "given" not in grade(f"{GIVEN}def double(a):\n    return 7\n").checks[0].message
