"""After a pass the command tells what it taught, the open question and the time; before one, nothing of it."""

import json
from pathlib import Path

import pytest

from tests.support.steps_course import STEPS, write_steps_course
from tests.support.study import Study
from tests.support.warm_engine import WarmEngine

TAUGHT = "Adding one is a step. Two steps are 2. It comes back in every loop."


@pytest.fixture
def study(study: Study, warm_engine: WarmEngine) -> Study:
    """Run the command, which grades by an engine that is warm."""
    return warm_engine.lend(study)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    root = write_steps_course(tmp_path / "course")
    (root / "exercises/e01_steps/exercise.yaml").write_text(STEPS + f'taught: "{TAUGHT}"\n')
    return root


def test_what_an_exercise_taught_is_told_after_a_pass_and_never_before(course: Path, study: Study, home: Path) -> None:
    environ = {"STUDY_COURSE": str(course)}
    told = ""
    for command in ("next", "show steps", "start steps", "hint steps", "list", "progress"):
        for as_json in ([], ["--json"]):
            done = study(*command.split(), *as_json, **environ)
            assert done.returncode == 0
            told += done.stdout + done.stderr
    file = home / "study/e01_steps.py"
    failed = study("grade", "--json", **environ)
    assert "after" not in json.loads(failed.stdout)
    assert "Adding one is" not in told + failed.stdout
    assert '"taught"' not in told + failed.stdout
    file.write_text("def step(a):\n    return a + 1\n")
    shown = study("grade", **environ).stdout.splitlines()
    assert shown[shown.index(f"taught    {TAUGHT}") :] == [
        f"taught    {TAUGHT}",
        "time      took you less than a minute, estimated 5",
        "compare   study solution e01_steps --diff",
        "next: study next",
    ]
    verdict = json.loads(study("grade", "--json", **environ).stdout)
    assert list(verdict)[-2:] == ["pictures", "after"]
    assert verdict["after"] == {
        "taught": TAUGHT,
        "onward": None,
        "question": None,
        "minutes_spent": pytest.approx(0, abs=1),
        "minutes_estimated": 5,
        "compare": "study solution e01_steps --diff",
    }
