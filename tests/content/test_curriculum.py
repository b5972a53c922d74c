"""The course that comes with study: whole, in order, and nothing in it that belongs to a learner."""

import importlib.util
import re

from grader.core.models import Reading
from grader.course import Content, find_content_root, load_content
from tests.support.study import REPOSITORY


def load() -> Content:
    return load_content(find_content_root())


def test_course_holds_every_reading_and_unit() -> None:
    """No reading is lost: 138 of them in 8 lecture units and 19 tracks, the lectures first."""
    content = load()
    assert len(content.readings) == 138
    assert [(course.id, len(course.units)) for course in content.courses] == [("zero-to-hero", 8), ("papers", 19)]


def test_every_lecture_of_the_course_has_chapters() -> None:
    """An exercise can point to the minute of a lecture that it belongs to."""
    lectures = [reading for reading in load().readings.values() if _is_lecture(reading)]
    assert [(reading.id.split("-")[1], reading.chapters[0].t) for reading in lectures] == [
        (str(n), 0) for n in range(1, 9)
    ]
    assert all(len(reading.chapters) >= 2 for reading in lectures)


def _is_lecture(reading: Reading) -> bool:
    return reading.id.startswith("zth-") and reading.kind == "lecture"


def test_every_unit_leads_somewhere() -> None:
    """A unit holds something to read, and says what one can do after it."""
    assert [unit.id for unit in load().units if not unit.readings] == []


def test_reading_list_holds_no_state_of_a_learner() -> None:
    """What somebody has read belongs into their progress log, not into the list."""
    text = (find_content_root() / "reading_list.yaml").read_text(encoding="utf-8")
    assert re.findall(r"^\s*-?\s*(?:done|sources)\s*:", text, re.MULTILINE) == []


def test_the_index_of_exercises_is_the_course_in_its_order() -> None:
    spec = importlib.util.spec_from_file_location("exercise_index", REPOSITORY / ".ci" / "exercise_index.py")
    assert spec is not None
    assert spec.loader is not None
    index = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(index)
    written = (REPOSITORY / "exercises" / "README.md").read_text(encoding="utf-8")
    assert written == index.write_index(load_content(REPOSITORY)), "run python .ci/exercise_index.py"
