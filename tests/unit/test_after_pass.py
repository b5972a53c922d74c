"""After a pass: what it taught, the next chapter, the open question and the time; before one, nothing of it."""

import io
import math
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.core.models import Exercise, Question
from grader.course import Content, load_content
from grader.course.lint import lint
from grader.plan.after_pass import AfterPass, AskedQuestion, Onward, describe_after_pass, find_onward
from grader.progress.records import Progress, ReadingProgress
from grader.text.console import make_console
from grader.view.after_pass import render_after_pass
from tests.support.linted_course import GOOD
from tests.support.steps_course import STEPS, write_steps_course
from tests.support.study import REPOSITORY
from tests.support.toy_course import ADD, COURSE, READING_LIST, TOY_COURSE, replace_once, write_toy_course

TAUGHT = "Adding one is a step. Two steps are 2. It comes back in every loop."


def progress_of(**states: str) -> Progress:
    readings = {
        name.replace("_", "-"): ReadingProgress(state=state, minutes=0, notes=(), changed_at=None)  # type: ignore[arg-type]
        for name, state in states.items()
    }
    return Progress(exercises={}, readings=readings, last_started=None, attempts=0)


NOTHING = progress_of()


def load(tmp_path: Path, **changes: str) -> Content:
    files = {{"course": COURSE, "readings": READING_LIST, "add": ADD}[name]: text for name, text in changes.items()}
    return load_content(write_toy_course(tmp_path, files))


# Where it goes on


def test_a_pass_leads_to_the_chapter_after_its_own_with_time_and_address(tmp_path: Path) -> None:
    content = load(tmp_path, add=replace_once(TOY_COURSE[ADD], "chapter: 90", "chapter: 0"))
    assert find_onward(content, NOTHING, content.exercises["e01_add"]) == Onward(
        reading="toy-lecture",
        kind="lecture",
        title="A toy lecture",
        minutes=30,
        chapter="building",
        t=90,
        url="https://www.youtube.com/watch?v=abcdefghijk&t=90s",
    )


def units_with_both(readings: str) -> str:
    return replace_once(TOY_COURSE[COURSE], "readings: [toy-lecture]", f"readings: [{readings}]").replace(
        "  readings:\n  - toy-paper\n", ""
    )


def test_the_end_of_a_lecture_leads_to_the_next_open_reading_of_the_unit(tmp_path: Path) -> None:
    content = load(tmp_path, course=units_with_both("toy-lecture, toy-paper"))
    add = content.exercises["e01_add"]
    paper = Onward("toy-paper", "paper", "A toy paper", 60, None, None, "https://example.org/toy.pdf")
    assert find_onward(content, NOTHING, add) == paper
    assert find_onward(content, progress_of(toy_paper="reading"), add) == paper
    assert find_onward(content, progress_of(toy_paper="done"), add) is None


def test_a_reading_before_the_lecture_is_taken_when_none_behind_it_is_open(tmp_path: Path) -> None:
    content = load(tmp_path, course=units_with_both("toy-paper, toy-lecture"))
    found = find_onward(content, NOTHING, content.exercises["e01_add"])
    assert found is not None
    assert found.reading == "toy-paper"


def test_an_exercise_without_a_chapter_leads_to_another_reading_than_its_own(tmp_path: Path) -> None:
    content = load(tmp_path)
    assert find_onward(content, NOTHING, content.exercises["e02_double"]) is None  # its paper is all there is


def test_every_exercise_of_the_course_leads_somewhere_else_than_where_it_is() -> None:
    content = load_content(REPOSITORY)
    for name, exercise in content.exercises.items():
        found = find_onward(content, NOTHING, exercise)
        assert found is not None, name
        starts = [ref.chapter for ref in exercise.readings if ref.id == found.reading]
        assert found.t is None or all(start is not None and start < found.t for start in starts), name
        assert found.url is None or found.url.startswith("http"), name


# What is told


def describe(content: Content, minutes_spent: float | None, question: Question | None = None) -> AfterPass:
    return describe_after_pass(content, NOTHING, content.exercises["e01_add"], question, minutes_spent=minutes_spent)


@pytest.mark.parametrize("minutes", [None, math.nan, math.inf, -1.0])
def test_an_unknown_time_is_not_told(tmp_path: Path, minutes: float | None) -> None:
    after = describe(load(tmp_path), minutes)
    assert after.minutes_spent is None
    assert "time" not in show(after)


def show(after: AfterPass) -> str:
    file = io.StringIO()
    make_console(file).print(render_after_pass(after))
    return file.getvalue()


ONWARD = Onward("toy-lecture", "lecture", "A toy lecture", 30, "building", 90, "https://example.org/?t=90s")
FULL = AfterPass(TAUGHT, ONWARD, AskedQuestion("why", "Why \x1b[2J?"), 23.6, 20, "study solution e01_add --diff")


def test_all_of_it_is_shown_like_this() -> None:
    assert show(FULL) == (
        "\n"
        f"taught    {TAUGHT}\n"
        "goes on   at 1:30 of the lecture: “building”\n"
        "          https://example.org/?t=90s\n"
        "time      took you 24 min, estimated 20\n"
        "compare   study solution e01_add --diff\n"
        "\n"
        "a question  Why \\x1b[2J?\n"
    )


def test_a_next_reading_is_shown_with_its_command() -> None:
    paper = Onward("toy-paper", "paper", "A toy paper", 60, None, None, None)
    after = AfterPass(None, paper, None, 0.2, 20, "study solution e01_add --diff")
    assert show(after) == (
        "\n"
        "read      A toy paper  (about 60 min, study read toy-paper)\n"
        "time      took you less than a minute, estimated 20\n"
        "compare   study solution e01_add --diff\n"
    )


@pytest.fixture
def course(tmp_path: Path) -> Path:
    root = write_steps_course(tmp_path / "course")
    (root / "exercises/e01_steps/exercise.yaml").write_text(STEPS + f'taught: "{TAUGHT}"\n')
    return root


# What lint says about it


def lint_taught(tmp_path: Path, taught: str) -> list[str]:
    changes: Mapping[str, str | None] = {**GOOD, ADD: f"{GOOD[ADD]}{taught}"}
    (report,) = lint(write_toy_course(tmp_path, changes))
    return [problem.text for problem in report.problems]


@pytest.mark.parametrize(
    ("taught", "problems"),
    [
        (f'taught: "{TAUGHT}"\n', []),
        ('taught: "   "\n', ["`taught` is empty; write some text"]),
        ('taught: ""\n', ["`taught` is empty; write some text"]),
        (
            'taught: "One. Two. Three? Four!"\n',
            ["what the exercise taught has 4 sentences; say it in 3 at most"],
        ),
        (
            f'taught: "{"a" * 400}."\n',
            ["what the exercise taught has 401 characters; say it in 400 at most"],
        ),
        ('taught: "No end"\n', ["what the exercise taught does not end in a full stop; add it"]),
        (
            'taught: "It is 2.5 in the end."\nquestions:\n- {id: q, asks: "A?", points: ["B."], number: 2.5, within: 0.1}\n',
            ["what the exercise taught gives away the number 2.5, which its question asks for; leave it out"],
        ),
    ],
)
def test_lint_wants_it_short_whole_and_without_an_answer(tmp_path: Path, taught: str, problems: list[str]) -> None:
    assert lint_taught(tmp_path, taught) == problems


def test_lint_asks_for_it_in_the_course_that_comes_with_study_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lint_taught(tmp_path, "") == []
    monkeypatch.setattr("grader.course.lint.find_content_root", lambda: tmp_path.resolve())
    missing = "the exercise does not say what it taught; add `taught:`, see `study schema`"
    (report,) = lint(tmp_path)
    assert [(problem.path, problem.text) for problem in report.problems] == [
        ("exercises/e01_add/exercise.yaml", missing),
        ("exercises/e02_double/exercise.yaml", missing),
    ]


def test_what_our_exercises_taught_repeats_nothing_they_say_elsewhere() -> None:
    """Seven words in a row that stand in the statement, a hint, a mistake or an answer say nothing new."""
    exercises = load_content(REPOSITORY).exercises.values()
    assert [name for exercise in exercises for name in _repeated(exercise)] == []


def _repeated(exercise: Exercise) -> list[str]:
    said = [exercise.statement, *exercise.hints, *(mutant.says for mutant in exercise.mutants)]
    said += [text for question in exercise.questions for text in (question.asks, *question.points)]
    known = [" ".join(text.lower().split()) for text in said]
    words = (exercise.taught or "").lower().split()
    runs = (" ".join(words[i : i + 7]) for i in range(len(words) - 6))
    return [f"{exercise.id}: {run}" for run in runs if any(run in text for text in known)]
