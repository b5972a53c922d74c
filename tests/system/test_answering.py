"""Open questions: asked after a pass, kept whatever is answered, and the points shown afterwards."""

import json
from pathlib import Path

import pytest

from grader.core.models import Question
from grader.plan.questions import judge_number
from grader.progress import ProgressStore
from grader.text.numbers import find_numbers
from tests.support.passes import PASSED
from tests.support.steps_course import STEPS, write_steps_course
from tests.support.study import Study
from tests.support.warm_engine import WarmEngine

ASKED = """\
questions:
- id: how_far
  asks: "How far does one step from 1.5 lead?"
  points: ["Adding one to 1.5 gives 2.5."]
  number: 2.5
  within: 0.01
- id: why
  asks: "Why is \\x1b[31mnothing[/] else needed?"
  points: ["[bold]One step[/] is all there is.", "A second point."]
"""


@pytest.fixture
def study(study: Study, warm_engine: WarmEngine) -> Study:
    """Run the command, which grades by an engine that is warm."""
    return warm_engine.lend(study)


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> Path:
    """A course whose exercise asks two questions."""
    root = write_steps_course(tmp_path / "course")
    (root / "exercises/e01_steps/exercise.yaml").write_text(STEPS + ASKED)
    return root


@pytest.fixture
def solved(course: Path, study: Study, home: Path) -> Study:
    """`study` with that exercise solved."""

    def run(*arguments: str, **environ: str):  # type: ignore[no-untyped-def]
        return study(*arguments, STUDY_COURSE=str(course), **environ)

    (home / "study/.study").mkdir(parents=True)
    with ProgressStore.open(home / "study/.study/study.db") as store:
        store.record_attempt(PASSED)
    return run


def test_a_pass_leads_to_the_first_question_and_what_is_answered_is_asked_no_more(
    course: Path, study: Study, home: Path
) -> None:
    environ = {"STUDY_COURSE": str(course)}
    assert study("start", "steps", **environ).returncode == 0
    (home / "study/e01_steps.py").write_text("def step(a):\n    return a + 1\n")
    passed = study("grade", "--seed", "1", **environ)
    assert passed.stdout.splitlines()[-4:] == [
        "compare   study solution e01_steps --diff",
        "",
        "a question  How far does one step from 1.5 lead?",
        "next: study answer e01_steps",
    ]
    for text in ("2.5", "Because."):
        assert study("answer", "--text", text, **environ).returncode == 0
    again = study("grade", "--seed", "1", **environ)
    assert again.stdout.splitlines()[-1] == "next: study next"


def answers(home: Path) -> list[tuple[str, str, bool | None]]:
    with ProgressStore.open(home / "study/.study/study.db") as store:
        return [(a.question_id, a.text, a.number_right) for a in store.load_answers("e01_steps")]


def test_an_answer_is_kept_and_then_the_points_of_a_good_one_are_shown(solved: Study, home: Path) -> None:
    first = solved("answer", "--text", "It leads to 2.5, of course")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == (
        "the number is right: 2.5\n"
        "a good answer says\n"
        "  - Adding one to 1.5 gives 2.5.\n"
        "next: study answer e01_steps   (another question)\n"
    )
    second = solved("answer", "steps", "--text", "Because.")
    assert second.stdout == (
        "a good answer says\n  - [bold]One step[/] is all there is.\n  - A second point.\nnext: study next\n"
    )
    assert answers(home) == [("how_far", "It leads to 2.5, of course", True), ("why", "Because.", None)]
    nothing = solved("answer")
    assert nothing.stderr == "study: no question is open: each is asked once its exercise is solved\nnext: study next\n"


def test_a_wrong_number_is_kept_too_but_the_question_stays_open_and_its_points_hidden(
    solved: Study, home: Path
) -> None:
    done = solved("answer", "--text", "3, or minus 7")
    assert done.returncode == 0
    assert done.stdout.startswith("3 is not the number; the question stays open\nnext: study answer e01_steps ")
    assert "Adding one" not in done.stdout
    missing = solved("answer", "--text", "two and a half", "--json")
    data = json.loads(missing.stdout)
    assert (data["number_right"], data["open"], data.get("points")) == (False, ["how_far", "why"], None)
    assert [row[2] for row in answers(home)] == [False, False]
    shown = solved("answer", "e01_steps", "--question", "how_far", "--points")
    assert "  - Adding one to 1.5 gives 2.5.\n" in shown.stdout
    assert len(answers(home)) == 2


def test_a_question_is_asked_only_after_a_pass(course: Path, study: Study, home: Path) -> None:
    done = study("answer", "steps", "--text", "2.5", STUDY_COURSE=str(course))
    assert (done.returncode, done.stderr) == (
        2,
        "study: e01_steps is not solved yet; its questions are asked after a pass\nnext: study start e01_steps\n",
    )
    assert "How far" not in study("show", "steps", STUDY_COURSE=str(course)).stdout
    assert "questions" not in json.loads(study("show", "steps", "--json", STUDY_COURSE=str(course)).stdout)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--text", "  "], "study: the answer is empty; nothing was kept\n"),
        (["--text", "x" * 10_001], "study: the answer has more than 10,000 characters; a few sentences are enough\n"),
        (["--question", "who"], "study: e01_steps has no question `who`; its questions: how_far, why\n"),
    ],
)
def test_what_is_no_answer_is_refused_and_not_kept(
    solved: Study, home: Path, arguments: list[str], message: str
) -> None:
    done = solved("answer", "steps", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(message)
    assert answers(home) == []


def test_an_exercise_without_questions_says_so(study: Study) -> None:
    done = study("answer", "t01_double", "--text", "x")
    assert done.stderr == "study: t01_double asks no open question\nnext: study next\n"


def test_an_answer_comes_from_standard_input_or_the_editor(solved: Study, home: Path, tmp_path: Path) -> None:
    assert solved("answer").returncode == 2  # standard input is empty here
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "about 2.5\n# not this" >"$1"\n')
    editor.chmod(0o755)
    done = solved("answer", "--edit", EDITOR=str(editor))
    assert done.returncode == 0, done.stderr
    assert answers(home) == [("how_far", "about 2.5", True)]
    broken = solved("answer", "--edit", EDITOR=str(tmp_path / "none"))
    assert broken.returncode == 2
    assert broken.stderr.startswith("study: the editor did not work: ")


def test_show_lists_the_questions_of_what_is_solved(solved: Study) -> None:
    assert "Questions\n  How far does one step from 1.5 lead?  [how_far]\n" in solved("show", "steps").stdout


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("log 27 = 3.2958.", [27.0, 3.2958]),
        ("from -1e-3 to +.5, \u22122", [-0.001, 0.5, -2.0]),
        ("e22, 3x, v1.2 and x3 name things", []),
        ("1e999 is no float", []),
    ],
)
def test_numbers_are_found_as_people_write_them(text: str, numbers: list[float]) -> None:
    assert find_numbers(text) == numbers


def test_a_number_is_right_within_the_distance_allowed() -> None:
    question = Question("q", "?", ("p",), number=3.3, within=0.05)
    assert [judge_number(question, text) for text in ("3.25", "3.36", "none", "5 or 3.3")] == [True, False, False, True]
    assert judge_number(Question("q", "?", ("p",)), "3.3") is None
