"""The course is shown as exactly this text: what is next, lists, one exercise, one reading."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import RenderableType

from grader.core.models import Reading
from grader.course import Content, load_content
from grader.plan.next_step import NextStep, ReadingStep, plan_next
from grader.progress import ExerciseProgress, Progress, ReadingProgress
from grader.text.console import make_console
from grader.view import next_step as plan
from tests.support.toy_course import write_toy_course


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print as into a pipe, whatever the developer's terminal is told."""
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


def show(renderable: RenderableType) -> str:
    file = io.StringIO()
    make_console(file).print(renderable)
    return file.getvalue()


@pytest.fixture
def content(tmp_path: Path) -> Content:
    """The toy course."""
    return load_content(write_toy_course(tmp_path))


NOTHING = Progress(exercises={}, readings={}, last_started=None, attempts=0)
SOME = Progress(
    exercises={
        "e01_add": ExerciseProgress(exercise_id="e01_add", status="solved", attempts=2, revealed="after_pass"),
        "e02_double": ExerciseProgress(exercise_id="e02_double", status="tried", attempts=1, revealed="gave_up"),
        "gone": ExerciseProgress(exercise_id="gone", status="solved", attempts=1),
    },
    readings={
        name: ReadingProgress(state=state, minutes=minutes, notes=notes, changed_at=datetime(2024, 1, 1, tzinfo=UTC))
        for name, state, minutes, notes in (
            ("toy-lecture", "reading", 35, ("Watch [again].", "\x1b[31mred")),
            ("toy-paper", "done", 0, ()),
            ("gone", "done", 5, ()),
        )
    },
    last_started="e01_add",
    attempts=4,
)


def test_next_step_is_shown_with_reading_reasons_and_command(content: Content) -> None:
    """What to watch from which minute, what to solve, why, and what to type."""
    assert show(plan.render_next(plan_next(content, NOTHING))) == (
        "Watch  A toy lecture\n"
        "       from 1:30: “building”\n"
        "       https://www.youtube.com/watch?v=abcdefghijk&t=90s\n"
        "Solve  e01_add  Add two numbers\n"
        "       it is the first open exercise of “First steps”\n"
        "       it builds on no other exercise\n"
        "       about 10 minutes, difficulty 1 of 5\n"
        "Type   study start e01_add\n"
    )
    assert show(plan.render_next(plan_next(content, SOME))) == (
        "Read   A toy paper  (done)\n"
        "       https://example.org/toy.pdf\n"
        "Solve  e02_double  Double a number\n"
        "       you have begun it, and graded it 1 time\n"
        "       what it builds on is solved: e01_add\n"
        "       about 20 minutes, difficulty 2 of 5\n"
        "Type   study grade e02_double\n"
    )


def test_reading_without_an_address_is_told_by_its_note() -> None:
    """What lies nowhere on the net is at least described."""
    talk = Reading("toy-talk", "topic", "A talk", "toys", 5, note="Ask [Ada].")
    step = NextStep(None, None, ReadingStep(talk, None, None, "queued"), (), "study read toy-talk --done")
    assert show(plan.render_next(step)) == (
        "Read   A talk  (queued)\n       Ask [Ada].\nType   study read toy-talk --done\n"
    )


def test_end_of_the_course_is_one_line() -> None:
    """Nothing left to type."""
    assert show(plan.render_next(NextStep(None, None, None, ("all done",), None))) == "       all done\n"


def test_exercises_are_listed_by_unit_with_their_status(content: Content) -> None:
    """Units without a match are left out; no match at all says what to type."""
    first = "First steps  [first]\n  ✓ e01_add                      Add two numbers  10 min, difficulty 1, solved\n"
    second = "Second steps  [second]\n  · e02_double                   Double a number  20 min, difficulty 2, tried\n"
    none = "no exercise fits; `study list` shows all of them\n"
    listed = {
        (unit, status): show(plan.render_list(content, SOME, unit, status))
        for unit, status in ((None, None), ("sec", None), (None, "solved"), ("sec", "solved"), (None, "open"))
    }
    assert listed == {
        (None, None): first + second,
        ("sec", None): second,
        (None, "solved"): first,
        ("sec", "solved"): none,
        (None, "open"): none,
    }


def test_readings_are_listed_by_unit_with_their_state(content: Content) -> None:
    """A mark and a word tell begun from done."""
    second = "Second steps  [second]\n  ✓ toy-paper                                A toy paper  done\n"
    begun = "First steps  [first]\n  · toy-lecture                              A toy lecture  reading\n"
    assert show(plan.render_readings(content, SOME, None)) == begun + second
    assert show(plan.render_readings(content, NOTHING, "second")) == second.replace("✓", " ").replace("  done", "")
    assert show(plan.render_readings(content, SOME, "x")) == "no unit fits; `study list --readings` shows all of them\n"


def test_exercise_is_shown_with_its_readings_and_checks(content: Content) -> None:
    """All a learner needs to begin, and no hint, check code or mutant."""
    assert show(plan.render_exercise(content, content.exercises["e01_add"], "open", "study/e01_add.py")) == (
        "e01_add  Add two numbers\n"
        "10 min, difficulty 1 of 5, open\n"
        "\n"
        "Write `add`.\n"
        "\n"
        "To read\n"
        "  A toy lecture, from 1:30: “building”\n"
        "  https://www.youtube.com/watch?v=abcdefghijk&t=90s\n"
        "\n"
        "Checks\n"
        "  Small numbers  (1 point)\n"
        "  Negative numbers  (2 points)\n"
        "\n"
        "Your file  study/e01_add.py\n"
    )


def test_reading_is_shown_with_chapters_state_and_notes(content: Content) -> None:
    """Each chapter with its minute and address; the learner's own notes below, cleaned."""
    assert show(plan.render_reading(content.readings["toy-lecture"], SOME)) == (
        "toy-lecture  A toy lecture\n"
        "lecture, 2020, about 30 min\n"
        "Ada\n"
        "https://www.youtube.com/watch?v=abcdefghijk\n"
        "What a toy is.\n"
        "      0:00  intro  https://www.youtube.com/watch?v=abcdefghijk\n"
        "      1:30  building  https://www.youtube.com/watch?v=abcdefghijk&t=90s\n"
        "you: reading, 35 min spent\n"
        "  - Watch [again].\n"
        "  - \\x1b[31mred\n"
    )
    assert show(plan.render_reading(content.readings["toy-paper"], NOTHING)) == (
        "toy-paper  A toy paper\npaper, about 60 min\nhttps://example.org/toy.pdf\n"
    )


def test_reading_with_only_a_note_is_noted(content: Content) -> None:
    """A note is no state, but is shown."""
    noted = ReadingProgress(state=None, minutes=0, notes=("Later.",), changed_at=datetime(2024, 1, 1, tzinfo=UTC))
    progress = Progress(exercises={}, readings={"toy-paper": noted}, last_started=None, attempts=0)
    assert show(plan.render_reading(content.readings["toy-paper"], progress)).endswith("\nyou: noted\n  - Later.\n")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0:00"),
        (9, "0:09"),
        (75, "1:15"),
        (3599, "59:59"),
        (3600, "1:00:00"),
        (3690, "1:01:30"),
        (120, "2:00"),
        (3725, "1:02:05"),
    ],
)
def test_place_in_a_video_is_written_like_a_clock(seconds: int, shown: str) -> None:
    """As the player shows it."""
    assert plan.clock(seconds) == shown
