"""Gradescope's results: points for each check, and never more than was earned, whatever ends the grade."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from os import environ
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from grader.cli.grade.report import GradeReport
from grader.core.errors import ProgressError, UsageError
from grader.core.verdict import Verdict
from grader.formats import gradescope
from tests.conftest import REPOSITORY, TOY_COURSE, Study
from tests.test_cli import RIGHT, WRONG
from tests.test_formats import EXERCISE, HOSTILE, make_check, make_verdict, verdicts

ZERO = {"score": 0, "tests": [], "visibility": "visible", "stdout_visibility": "hidden", "output_format": "text"}
#: What Gradescope documents: key -> its type.
TOP = {
    "score": int, "output": str, "execution_time": float, "tests": list, "extra_data": dict, "visibility": str,
    "stdout_visibility": str, "output_format": str,
}  # fmt: skip
TEST = {
    "number": str, "name": str, "score": int, "max_score": int, "status": str, "output": str, "output_format": str,
    "visibility": str,
}  # fmt: skip


def read_results(text: str) -> dict[str, Any]:
    """Read results.json as strictly as it is documented."""
    results: dict[str, Any] = json.loads(text)
    for part, types in [(results, TOP), *((test, TEST) for test in results["tests"])]:
        assert {key: type(value) for key, value in part.items()} == {key: types[key] for key in part}
        assert part["visibility"] in gradescope.VISIBILITIES
        assert part["output_format"] == "text"
    assert all(test["status"] in ("passed", "failed") for test in results["tests"])
    assert all(0 <= test["score"] <= test["max_score"] for test in results["tests"])
    assert ("score" in results) != bool(results["tests"])  # else one would decide over the other
    assert results["stdout_visibility"] == "hidden"
    return results


def test_each_check_has_its_points_its_message_and_when_it_is_shown() -> None:
    verdict = make_verdict(
        make_check("passed", id="a"), make_check("errored", "raised E\n" + HOSTILE, "a cause", id="b")
    )
    text = gradescope.render(verdict, visibility="after_due_date", of_checks={"b": "hidden"})
    results = read_results(text)
    (first, second) = results.pop("tests")
    assert first == {
        "number": "1",
        "name": "double(x) is twice x",
        "score": 2,
        "max_score": 2,
        "status": "passed",
        "output": "",
        "output_format": "text",
        "visibility": "after_due_date",
    }
    assert (second["score"], second["status"], second["visibility"]) == (0, "failed", "hidden")
    assert second["output"].startswith("[errored] raised E\nx\n          ::error::forged\n")
    assert second["output"].endswith("\nlikely    a cause")
    assert "\\x1b[31m \\x00" in second["output"]
    assert results == {
        "output": "graded\n1.5 s on cpu, seed 7, isolation layers off: own user",
        "execution_time": 1.5,
        "extra_data": {"exercise": "t01_double", "verdict": "failed", "seed": 7},
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "output_format": "text",
    }


def test_the_text_above_tests_that_are_kept_back_does_not_tell_the_score() -> None:
    verdict = make_verdict(make_check("passed", id="a"), make_check("failed", id="b"))
    kept = (
        gradescope.render(verdict, visibility="hidden"),
        gradescope.render(verdict, of_checks={"a": "after_due_date"}),
    )
    assert [json.loads(text)["output"].partition("\n")[0] for text in kept] == ["graded", "graded"]
    shown = json.loads(gradescope.render(verdict))["output"]
    assert shown.startswith("not solved yet: 1 of 2 checks, 2 of 4 points\n")


def test_a_fault_of_ours_is_said_to_be_one() -> None:
    results = read_results(gradescope.render(make_verdict(make_check("grader_fault"))))
    assert results["output"].endswith("\nYour instructor has to look at it, and run the autograder again.")


@given(verdicts)
def test_the_results_stay_as_documented_whatever_was_written(verdict: Verdict) -> None:
    results = read_results(gradescope.render(verdict))
    assert sum(test["score"] for test in results["tests"]) == verdict.score


# --- a zero before anything else ---


@pytest.fixture
def results(home: Path) -> Path:
    return home / "results.json"


def load(results: Path) -> dict[str, Any]:
    return read_results(results.read_text())


def test_a_grade_replaces_the_zero_it_began_with(study: Study, home: Path, results: Path) -> None:
    (home / "their.py").write_text(RIGHT)
    arguments = ["grade", "t01_double", "--submission", "their.py", "--format", "gradescope", "--output", str(results)]
    done = study(*arguments, "--visibility", "after_published")
    assert (done.returncode, done.stdout) == (0, "")
    told = load(results)
    assert [(test["score"], test["visibility"]) for test in told["tests"]] == [
        (2, "after_published"),
        (1, "after_published"),
        (1, "after_published"),
    ]
    assert told["output"].startswith("graded\n")
    (home / "their.py").write_text(WRONG)
    assert study(*arguments).returncode == 1
    assert [test["score"] for test in load(results)["tests"]] == [0, 1, 0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no exercise has been started yet\nnext: study next"),
        (["t99"], "there is no exercise `t99`"),
        (["t01", "--submission", "none.py"], "there is no file none.py"),
        (["t01", "--submission", "."], ". is a folder\nnext: study grade t01_double --submission FILE.py"),
        (["t01", "--submission", "bytes.py"], "bytes.py:1:1: byte 0xff is not UTF-8"),
        (["t01"], "study/t01_double.py is not there yet\nnext: study start t01_double"),
        (["t01", "--visibility", "double=hidden"], "t01_double has no check `double`\nnext: one of: doubles,"),
        (["--all"], "--format gradescope tells of one exercise; --all takes text, json or junit"),
    ],
)
def test_what_cannot_be_graded_is_a_zero_that_says_why(
    study: Study, home: Path, results: Path, arguments: list[str], said: str
) -> None:
    (home / "bytes.py").write_bytes(b"\xff")
    done = study("grade", *arguments, "--format", "gradescope", "--output", str(results))
    assert done.returncode == 2
    told = load(results)
    assert told.pop("output").startswith(said)
    assert told == ZERO


def begin(home: Path, results: Path) -> subprocess.Popen[bytes]:
    """Begin a grade that takes a while, and wait until its zero is there."""
    (home / "slow.py").write_text("while True: pass\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "grade", "t01", "--submission", "slow.py", "--format", "gradescope",
         "--output", str(results)],
        env={**environ, "PYTHONPATH": str(REPOSITORY), "STUDY_COURSE": str(TOY_COURSE)},
    )  # fmt: skip
    deadline_s = time.monotonic() + 60
    while not results.exists() and time.monotonic() < deadline_s:
        time.sleep(0.01)
    return process


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (signal.SIGKILL, -signal.SIGKILL, gradescope.UNFINISHED),
        (signal.SIGTERM, 130, "the grade was stopped before its end"),
    ],
)
def test_a_grade_that_is_killed_leaves_a_zero(
    home: Path, results: Path, number: signal.Signals, code: int, said: str
) -> None:
    process = begin(home, results)
    process.send_signal(number)
    assert process.wait(60) == code
    assert load(results) == ZERO | {"output": said}
    assert sorted(file.name for file in home.glob("*.json*")) == ["results.json"]


def guarded(results: Path, act: Callable[[GradeReport], None]) -> dict[str, Any]:
    report = GradeReport.choose("gradescope", results, [], as_json=False)
    with report.guard():
        assert load(results) == ZERO | {"output": gradescope.UNFINISHED}
        act(report)
    return load(results)


def test_a_fault_of_study_leaves_a_zero(results: Path) -> None:
    def fail(report: GradeReport) -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        guarded(results, fail)
    assert load(results) == ZERO | {"output": "a fault of study itself: KeyError: 'x'"}


def test_a_grade_that_was_made_stays_where_only_the_progress_log_fails(results: Path, home: Path) -> None:
    def tell_and_fail(report: GradeReport) -> None:
        report.tell_verdict(EXERCISE, make_verdict(make_check("passed")), home / "a.py", "", lambda: None)
        raise ProgressError("the log is full")

    with pytest.raises(ProgressError):
        guarded(results, tell_and_fail)
    assert [test["score"] for test in load(results)["tests"]] == [2]


# --- where it goes, and whose settings are obeyed ---


def test_without_output_it_goes_where_gradescope_looks_if_that_is_there(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradescope, "RESULTS", str(home / "results/results.json"))
    with pytest.raises(UsageError, match=r"there is no folder .*/results, so say where the results go"):
        GradeReport.choose("gradescope", None, [], as_json=False)
    (home / "results").mkdir()
    with GradeReport.choose("gradescope", None, [], as_json=False).guard():
        pass
    assert load(home / "results/results.json") == ZERO | {"output": gradescope.UNFINISHED}


def test_on_standard_output_there_is_one_result(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError), GradeReport.choose("gradescope", Path("-"), [], as_json=False).guard():
        raise UsageError("no such file", hint="name another")
    assert read_results(capsys.readouterr().out) == ZERO | {"output": "no such file\nnext: name another"}


def test_a_workspace_that_came_with_the_submission_is_not_obeyed(
    study: Study, home: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = home / "submission"
    (theirs / ".study").mkdir(parents=True)
    (theirs / "t01_double.py").write_text(RIGHT)
    monkeypatch.chdir(theirs)
    done = study("grade", "t01", "--submission", "t01_double.py", "--format", "gradescope", "--output", str(results))
    assert done.returncode == 2
    said = f"t01_double.py lies in the workspace {theirs}, whose settings may come with it"
    assert load(results) == ZERO | {"output": f"{said}\nnext: run it from another folder: cd /autograder"}


def test_the_learners_code_can_neither_read_nor_write_the_results(study: Study, home: Path, results: Path) -> None:
    (home / "their.py").write_text(
        f"try:\n    open({str(results)!r}, 'w').write('forged')\nexcept OSError as error:\n    print(error)\n"
        "def double(x):\n    return 3 * x\n"
    )
    done = study("grade", "t01", "--submission", "their.py", "--format", "gradescope", "--output", str(results))
    assert done.returncode == 1
    assert [test["score"] for test in load(results)["tests"]] == [0, 1, 0]
