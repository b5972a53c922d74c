"""docs/python-api.md: its programs run as they are printed there, and give the verdicts that they promise."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import grader.grading
from grader.core.errors import UsageError
from grader.course import find_content_root, load_content
from grader.course.code import read_stub
from tests.support.study import REPOSITORY
from tests.support.warm_engine import WarmEngine

PAGE = (REPOSITORY / "docs" / "python-api.md").read_text(encoding="utf-8")
PROGRAMS = dict(re.findall(r"^`([\w.]+)`:\n\n```python\n(.*?)^```$", PAGE, re.M | re.S))
CONTENT = load_content(find_content_root())
STUB = read_stub(CONTENT.exercises["e10_numerical_gradient"], CONTENT.folder("e10_numerical_gradient"))
EXERCISE = find_content_root() / "exercises" / "e10_numerical_gradient"


def run(name: str, folder: Path, engine: WarmEngine) -> str:
    (folder / name).write_text(PROGRAMS[name])
    done = subprocess.run(
        [sys.executable, name],
        cwd=folder,
        env=os.environ | engine.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return done.stdout


def test_one_call_grades_a_file(warm_engine: WarmEngine, home: Path) -> None:
    (home / "answer.py").write_bytes((EXERCISE / "solution.py").read_bytes())
    first, *rest = run("grade_one.py", home, warm_engine).splitlines()
    assert re.fullmatch(r"passed (\d+) of \1 points", first)
    assert rest == []
    (home / "answer.py").write_bytes(STUB.encode())
    failed = run("grade_one.py", home, warm_engine).splitlines()
    assert failed[0].startswith("failed 0 of ")
    assert failed[1].endswith("is not written yet: it raises NotImplementedError")


def test_a_pool_grades_a_class(warm_engine: WarmEngine, home: Path) -> None:
    (home / "class").mkdir()
    (home / "class" / "ada.py").write_bytes((EXERCISE / "solution.py").read_bytes())
    (home / "class" / "bob.py").write_bytes(STUB.encode())
    rows = [line.split() for line in run("grade_class.py", home, warm_engine).splitlines()]
    assert [row[:2] for row in rows] == [["ada.py", "passed"], ["bob.py", "failed"]]
    assert int(rows[0][2]) > int(rows[1][2]) == 0


def test_an_unknown_exercise_is_an_error_with_a_hint(home: Path) -> None:
    with pytest.raises(UsageError) as raised:
        grader.grading.grade("e99_nothing", "answer.py")
    assert (raised.value.message, raised.value.hint) == ("there is no exercise e99_nothing", "study list")


def test_every_name_of_the_api_is_there_and_importing_it_loads_no_torch() -> None:
    code = "import sys, grader.grading as api\nfor name in api.__all__:\n    getattr(api, name)\nprint('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout == "False\n"
