"""A course of one exercise, in a folder or as an installed package."""

from pathlib import Path

from grader.course import Content
from grader.course.packs import Pack, join_courses
from tests.support.toy_course import READING_LIST

#: What a package must never get to do in a process of ours that is not the judge.
EXECUTED = "raise SystemExit('the code of a pack was executed')\n"
STEPS = """\
id: e01_steps
title: "Steps"
readings: [{id: step-paper}]
difficulty: 1
minutes: 5
statement: "Write `step`."
hints: ["Add one."]
checks: [{id: one, title: "One step"}]
mutants: [{id: stays, says: "It stays.", caught_by: one}]
"""


def write_steps_course(root: Path, exercise_id: str = "e01_steps", reading_id: str = "step-paper") -> Path:
    """Write a course of one exercise, which has no id in common with the toy course."""
    folder = f"exercises/{exercise_id}"
    files = {
        READING_LIST: f"readings:\n- {{id: {reading_id}, kind: paper, title: A, track: t, minutes: 5}}\n",
        "curriculum/steps.yaml": 'id: steps\ntitle: "Steps"\nsummary: "S."\nunits:\n'
        f"- {{id: walking, title: Walking, summary: S, readings: [{reading_id}], exercises: [{exercise_id}]}}\n",
        f"{folder}/exercise.yaml": STEPS.replace("e01_steps", exercise_id).replace("step-paper", reading_id),
        f"{folder}/stub.py": "def step(a):\n    raise NotImplementedError\n",
        f"{folder}/solution.py": "def step(a):\n    return a + 1\n",
        f"{folder}/checks.py": "def test_one(submission):\n    assert submission.step(1) == 2\n",
        f"{folder}/mutants/stays.py": "def step(a):\n    return a\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root.resolve()


def install(packages: Path, package: str, entry: str, *, init: str = EXECUTED) -> Path:
    """Lay out an installed package that holds a course and offers it by an entry point."""
    root = write_steps_course(packages / package)
    (root / "__init__.py").write_text(init)
    metadata = packages / f"{package}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "entry_points.txt").write_text(
        f"[console_scripts]\nwalk = {package}:main\n\n[study.courses]\n{entry}\n"
    )
    return root


def join(main: Content, *packs: Pack) -> Content:
    """Join courses of which none is left out."""
    content, left_out = join_courses(main, packs)
    assert left_out == ()
    return content
