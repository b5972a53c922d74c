"""How far somebody is, is shown as exactly this text: within 80 columns, and without need of a colour."""

import io
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from rich.cells import cell_len
from rich.console import RenderableType

from grader.course import Content, load_content
from grader.plan.effort import Effort
from grader.progress import ExerciseProgress, Progress, ReadingProgress
from grader.text.console import make_console
from grader.view.progress import hours, render_progress, sum_up_units
from tests.support.toy_course import COURSE, TOY_COURSE, write_toy_course

NO_EFFORT = Effort(total=0, exercises={}, readings={})
SOME_EFFORT = Effort(total=155, exercises={"e01_add": 70, "e02_double": 25, "gone": 15}, readings={"toy-lecture": 45})
SOME = Progress(
    exercises={
        "e01_add": ExerciseProgress(exercise_id="e01_add", status="solved", attempts=2, revealed="after_pass"),
        "e02_double": ExerciseProgress(exercise_id="e02_double", status="tried", attempts=1, revealed="gave_up"),
        "gone": ExerciseProgress(exercise_id="gone", status="solved", attempts=1),
    },
    readings={
        name: ReadingProgress(state="done", minutes=0, notes=(), changed_at=datetime(2024, 1, 1, tzinfo=UTC))
        for name in ("toy-paper", "gone")
    },
    last_started="e01_add",
    attempts=4,
)


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
    return load_content(write_toy_course(tmp_path / "course"))


def test_progress_counts_only_what_the_course_holds(content: Content) -> None:
    """A bar for each unit; what is gone from the course is not counted as done."""
    assert show(render_progress(content, SOME, NO_EFFORT, 0)) == (
        "████████████  1/1    First steps\n"
        "░░░░░░░░░░░░  0/1    Second steps\n"
        "\n"
        "1 of 2 exercises solved, 4 attempts\n"
        "1 of 2 readings done\n"
        "solution looked up: e02_double\n"
    )


def test_time_days_in_a_row_and_what_is_due_are_told(content: Content) -> None:
    due = ["e01_add", "toy-paper", "e02_double", "toy-lecture"]
    shown = show(render_progress(content, SOME, SOME_EFFORT, 3, due=due))
    assert shown.splitlines()[:7] == [
        "████████████  1/1    First steps                                  1:10 of 0:10 h",
        "░░░░░░░░░░░░  0/1    Second steps                                 0:25 of 0:20 h",
        "",
        "3 days in a row",
        "1:50 h on exercises, which are estimated at 0:30 h, and 0:45 h on readings",
        "due for review: e01_add, toy-paper, e02_double, and 1 more   study review",
        "1 of 2 exercises solved, 4 attempts",
    ]


def test_every_line_fits_80_columns(tmp_path: Path) -> None:
    """A title of wide characters, or of several lines, takes no more room than there is."""
    title = "長い" * 40
    text = TOY_COURSE[COURSE].replace("First steps", title).replace("Second steps", "two\\nlines " * 20)
    content = load_content(write_toy_course(tmp_path / "wide", {COURSE: text}))
    shown = show(render_progress(content, SOME, SOME_EFFORT, 1))
    assert max(map(cell_len, shown.splitlines())) == 80
    assert shown.splitlines()[0].startswith("████████████  1/1    長い長い")
    assert shown.splitlines()[0].endswith("...  1:10 of 0:10 h")
    assert shown.splitlines()[1].startswith("░░░░░░░░░░░░  0/1    two lines two lines")


@pytest.mark.parametrize(("done", "filled"), [(0, 0), (1, 0), (4, 1), (39, 11), (40, 12)])
def test_bar_is_full_only_when_all_is_done(done: int, filled: int, content: Content) -> None:
    """39 of 40 is not the end."""
    from grader.view.progress import _render_unit

    unit = sum_up_units(content, SOME, NO_EFFORT)[0]
    shown = _render_unit(msgspec.structs.replace(unit, solved=done, exercises=40))
    assert shown.plain.count("█") == filled


@pytest.mark.parametrize(
    ("minutes", "shown"), [(0, "0:00"), (0.6, "0:01"), (59.6, "1:00"), (125, "2:05"), (6000, "100:00")]
)
def test_time_is_written_in_hours_and_minutes(minutes: float, shown: str) -> None:
    assert hours(minutes) == shown
