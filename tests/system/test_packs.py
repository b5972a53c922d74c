"""Courses beside the main one are used by the commands, and graded like it."""

import json
import os
from pathlib import Path

import pytest

from grader.course import Content, load_content
from grader.course.code import read_solution
from grader.course.packs import Pack
from grader.engine.client import Engine
from tests.support.jobs import make_job
from tests.support.steps_course import install, join, write_steps_course
from tests.support.study import REPOSITORY, Study
from tests.support.toy_course import write_toy_course
from tests.support.warm_engine import WarmEngine


@pytest.fixture
def main(tmp_path: Path) -> Content:
    """The toy course, as the main one."""
    return load_content(write_toy_course(tmp_path / "main").resolve())


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder that packages are installed into."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    return folder


def test_installed_course_is_used_without_running_its_package(study: Study, packages: Path) -> None:
    root = install(packages, "walks", "steps = walks:")
    path = f"{REPOSITORY}{os.pathsep}{packages}"
    listed = study("course", "list", "--json", toy=False, PYTHONPATH=path)
    assert (listed.returncode, listed.stderr) == (0, "")
    assert json.loads(listed.stdout)["courses"][1:] == [
        {"name": "steps", "package": "walks", "exercises": 1, "readings": 1, "problems": [], "path": str(root)}
    ]
    shown = study("list", "--unit", "steps-", toy=False, PYTHONPATH=path)
    assert shown.stdout == "Walking  [steps-walking]\n    steps_e01_steps              Steps  5 min, difficulty 1\n"
    removed = study("course", "remove", "steps", toy=False, PYTHONPATH=path)
    assert removed.stderr == "study: `steps` comes with the package walks\nnext: pip uninstall walks\n"


# Grading


def test_exercise_of_a_pack_is_graded_as_what_it_is_called_here(
    main: Content, tmp_path: Path, warm_engine: WarmEngine
) -> None:
    content = join(main, Pack("one", str(write_steps_course(tmp_path / "one"))))
    exercise = content.exercises["one_e01_steps"]
    folder = content.folder(exercise.id)
    right = warm_engine.grade(exercise, folder, read_solution(exercise, folder))
    assert (right.exercise, right.verdict, right.score) == ("one_e01_steps", "passed", 1)
    wrong = warm_engine.grade(exercise, folder, "def step(a):\n    return a\n")
    assert (wrong.verdict, wrong.checks[0].cause) == ("failed", "It stays.")


@pytest.mark.parametrize("linked", [False, True], ids=["as they are called", "through a symbolic link"])
def test_no_course_can_be_read_by_a_learners_code_even_among_the_packages(
    main: Content, tmp_path: Path, packages: Path, monkeypatch: pytest.MonkeyPatch, linked: bool
) -> None:
    """Folders of libraries are readable to a worker, by each of their names; a course in one of them is not."""
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.setenv("LD_LIBRARY_PATH", str((tmp_path / "link" if linked else tmp_path) / packages.name))
    monkeypatch.setenv("STUDY_SERVER", "off")
    one = install(packages, "walks", "one = walks", init="")
    two = write_toy_course(packages / "two")
    content = join(main, Pack("one", str(one), "walks"), Pack("two", str(two)))
    files = [str(folder / "solution.py") for folder in map(content.folder, content.exercises)]
    files += [path.replace(str(tmp_path), f"{tmp_path}/link") for path in files if linked]
    spying = (
        "def step(a):\n    seen = []\n"
        f"    for path in {[*files, str(packages / 'plain.txt')]}:\n"
        f"        try:\n            seen.append((path[{len(str(tmp_path))}:], open(path).read(3)))\n        except OSError:\n            pass\n"
        "    raise ValueError(str(seen))\n"
    )
    (packages / "plain.txt").write_text("plain")

    def spy(hidden: tuple[str, ...]) -> str:
        exercise = content.exercises["one_e01_steps"]
        verdict = Engine(own=True).grade(make_job(exercise, content.folder(exercise.id), spying, hidden=hidden))
        if not (verdict.isolation["landlock"] or verdict.isolation["mount_namespace"]):
            pytest.skip("not provable here: neither landlock nor mount_namespace is on (study doctor says why)")
        return verdict.checks[0].message.splitlines()[0]

    beside = f"('/{packages.name}/plain.txt', 'pla')"
    names = ["", "/link"] if linked else [""]
    other = "".join(
        f"('{root}/{packages.name}/two/exercises/{name}/solution.py', 'def'), "
        for root in names
        for name in ("e01_add", "e02_double")
    )
    assert spy(content.exercise_folders) == f"`step` raised ValueError: [{beside}]"
    assert spy(()) == f"`step` raised ValueError: [{other}{beside}]"  # so that it is the list that hides them
