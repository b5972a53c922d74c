"""`study course`: packs are added, listed and removed, and never in the way of the other courses."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.cli.author import course as courses
from grader.core.errors import WorkspaceError
from grader.files.workspace import AddedCourse, Settings, Workspace
from tests.support.passes import log_pass
from tests.support.steps_course import STEPS, write_steps_course
from tests.support.study import REPOSITORY, Study
from tests.support.toy_course import (
    ADD,
    COURSE,
    DOUBLE,
    READING_LIST,
    TOY_COURSE,
    problems_of,
    replace_once,
    write_toy_course,
)

TOY_IDS = ("e01_add", "e02_double")
TRUST = (
    "Its YAML is data, but its Python (checks, reference) runs on this machine when its exercises are graded, the "
    "checks outside the sandbox and as you: add only packs of people you trust.\n"
)


def test_course_is_added_listed_used_and_removed(study: Study, home: Path) -> None:
    write_steps_course(home / "My-Steps 2")
    added = study("course", "add", "My-Steps 2", toy=False)
    assert (added.returncode, added.stderr) == (0, f"made the workspace {home}/study (the default)\n")
    assert added.stdout == (
        f"added mysteps2: 1 exercise, 1 reading in My-Steps 2\n{TRUST}next: study list --unit mysteps2\n"
    )
    listed = study("course", "list", toy=False)
    assert listed.stdout.splitlines()[1] == ("✓ mysteps2             1 exercise, 1 reading          My-Steps 2")
    assert listed.stdout.startswith("✓ main course          ")
    started = study("start", "e01_steps", toy=False)
    assert started.stdout.splitlines()[0] == "wrote  study/mysteps2_e01_steps.py"
    (home / "study/mysteps2_e01_steps.py").write_text("def step(a):\n    return a + 1\n")
    graded = study("grade", toy=False)
    assert (graded.returncode, graded.stdout.splitlines()[0]) == (0, "mysteps2_e01_steps  Steps")
    removed = study("course", "remove", "mysteps2", toy=False)
    assert removed.stdout == "removed mysteps2; its folder, your files and your progress are as they were\n"
    assert Workspace(home / "study", "").load_settings() == Settings()
    gone = study("grade", "mysteps2_e01_steps", toy=False)
    assert gone.stderr.splitlines()[0].startswith("study: there is no exercise `mysteps2_e01_steps`")
    again = study("course", "add", "My-Steps 2", toy=False)
    assert again.returncode == 0
    assert study("list", "--unit", "mysteps2", "--status", "solved", toy=False).stdout.splitlines()[1] == (
        "  ✓ mysteps2_e01_steps           Steps  5 min, difficulty 1, solved"
    )


def test_each_command_has_json_of_its_own(study: Study, home: Path) -> None:
    root = write_steps_course(home / "steps")
    added = study("course", "add", "steps", "--name", "s2", "--json", toy=False)
    assert json.loads(added.stdout) == {
        "name": "s2", "path": str(root), "exercises": 1, "readings": 1, "notice": TRUST.rstrip()
    }  # fmt: skip
    rows = json.loads(study("course", "list", "--json", toy=False).stdout)["courses"]
    assert [(row["name"], row["path"]) for row in rows] == [(None, str(REPOSITORY)), ("s2", str(root))]
    assert rows[1] == {
        "name": "s2", "package": None, "exercises": 1, "readings": 1, "problems": [], "path": str(root)
    }  # fmt: skip
    removed = study("course", "remove", "s2", "--json", toy=False)
    assert json.loads(removed.stdout) == {"name": "s2", "path": str(root)}
    written = study("course", "new", "mine", "--json", toy=False)
    assert json.loads(written.stdout) == {"path": str(home / "mine")}


def test_new_course_can_be_added(study: Study, home: Path) -> None:
    written = study("course", "new", "mine", toy=False)
    assert (written.returncode, written.stdout) == (0, "wrote mine\nnext: study new ID --course mine\n")
    added = study("course", "add", "mine", toy=False)
    assert (added.returncode, added.stdout.splitlines()[0]) == (0, "added mine: 0 exercises, 1 reading in mine")


def test_first_course_added_comes_first_after_the_main_one(study: Study, home: Path) -> None:
    for name in ("zebra", "ape"):
        write_steps_course(home / name)
        study("course", "add", name, toy=False)
    rows = json.loads(study("list", "--json", toy=False).stdout)["exercises"]
    assert [row["id"] for row in rows][-2:] == ["zebra_e01_steps", "ape_e01_steps"]
    assert len(rows) > 5


def test_progress_stays_with_its_exercise_whatever_packs_come_and_go(study: Study, home: Path) -> None:
    def statuses() -> dict[str, str]:
        rows = json.loads(study("list", "--json", toy=False).stdout)["exercises"]
        return {row["id"]: row["status"] for row in rows if row["id"].endswith("_e01_steps")}

    for name in ("one", "two"):
        write_steps_course(home / name)
    study("course", "add", "one", toy=False)
    study("start", "e01_steps", toy=False)
    assert statuses() == {"one_e01_steps": "started"}
    study("course", "add", "two", toy=False)
    assert statuses() == {"one_e01_steps": "started", "two_e01_steps": "open"}
    either = study("start", "e01_steps", toy=False)
    assert either.stderr == (
        "study: `e01_steps` fits 2 exercises: one_e01_steps (Walking), two_e01_steps (Walking)\nnext: type more of the id\n"
    )
    study("course", "remove", "one", toy=False)
    assert statuses() == {"two_e01_steps": "open"}
    study("course", "add", "one", toy=False)
    assert statuses() == {"two_e01_steps": "open", "one_e01_steps": "started"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "nowhere is not there\nnext: name the folder that holds reading_list.yaml\n"),
        (["file"], "file is not a folder\nnext: name the folder that holds reading_list.yaml\n"),
        (["loop"], "loop is not a folder\nnext: name the folder that holds reading_list.yaml\n"),
        (["b\udcff"], "the path {}/b? is not UTF-8, and cannot be kept\nnext: rename the folder\n"),
        (
            ["empty"],
            "{}/empty holds no reading_list.yaml\n"
            "next: name the folder that holds it   (study course new PATH writes a small course)\n",
        ),
        ([str(REPOSITORY)], f"{REPOSITORY} is the course that study uses already\nnext: study list\n"),
        (["steps"], "steps is added already, as `steps`\nnext: study course remove steps   gives it up\n"),
        (["link"], "steps is added already, as `steps`\nnext: study course remove steps   gives it up\n"),
        (
            ["other/../steps/../other/steps"],
            "there is a course `steps` already: it is in steps\nnext: study course add other/steps --name NAME\n",
        ),
        (
            ["other/steps", "--name", "My_Steps"],
            "`My_Steps` cannot be the name of a course: up to 20 small letters and digits, the first a letter\n"
            "next: study course add PATH --name NAME\n",
        ),
        (
            ["123"],
            "no name can be made of `123`: names are small letters and digits, the first a letter\n"
            "next: study course add PATH --name NAME\n",
        ),
    ],
)
def test_what_cannot_be_added_is_said_and_nothing_is_kept(
    study: Study, home: Path, arguments: list[str], message: str
) -> None:
    for name in ("steps", "other/steps", "123", "b\udcff"):
        write_steps_course(home / name)
    (home / "file").write_text("")
    (home / "empty").mkdir()
    (home / "loop").symlink_to("loop")
    (home / "link").symlink_to("steps")
    workspace = Workspace(home / "study", "")
    workspace.create()
    before = Settings(courses=(AddedCourse("steps", str(home / "steps")),))
    workspace.save_settings(before)
    done = study("course", "add", *arguments, toy=False)
    assert (done.returncode, done.stderr) == (2, "study: " + message.format(home))
    assert workspace.load_settings() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["remove", "steps"], "study: no course `steps` has been added\nnext: study course list\n"),
        (["add"], "study: Missing argument 'PATH'.\nnext: study course add --help\n"),
        (["remove"], "study: Missing argument 'NAME'.\nnext: study course remove --help\n"),
    ],
)
def test_other_bad_input_is_said_too(study: Study, home: Path, arguments: list[str], message: str) -> None:
    done = study("course", *arguments, toy=False)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)
    assert not (home / "study").exists()


def test_broken_course_is_refused_with_all_that_is_wrong(study: Study, home: Path) -> None:
    changes = {
        COURSE: replace_once(TOY_COURSE[COURSE], "[e01_add]", "[e01_ad]"),
        DOUBLE: replace_once(TOY_COURSE[DOUBLE], "difficulty: 2", "difficulty: 9"),
    }
    write_toy_course(home / "toys", changes)
    done = study("course", "add", "toys", toy=False)
    assert (done.returncode, done.stdout) == (3, "")
    problems = problems_of(home / "toys")
    assert len(problems) == 2
    listed = "".join(f"{home}/toys/{problem}\n" for problem in problems)
    assert done.stderr == f"{listed}course: 2 problems\nnext: correct these lines, then run it again\n"
    assert not (home / "study").exists()


def test_course_whose_code_cannot_grade_is_refused_and_one_with_short_texts_is_not(study: Study, home: Path) -> None:
    checks, mutant = "exercises/e01_add/checks.py", "exercises/e01_add/mutants/subtracts.py"
    changes = {checks: "def test_small(submission):\n    assert submission\n", mutant: "def add(a, b:\n"}
    write_toy_course(home / "toys", changes)
    done = study("course", "add", "toys", toy=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        f"{home}/toys/exercises/e01_add/exercise.yaml:14:7: checks.py has no `test_negative`; write it, or give this "
        "check a `call:`\n"
        f"{home}/toys/{mutant}:1:8: this is no Python: '(' was never closed; correct this line\n"
        "course: 2 problems\nnext: correct these lines, then run it again\n"
    )
    assert not (home / "study").exists()
    write_toy_course(home / "toys2")
    assert study("course", "add", "toys2", toy=False).returncode == 0
    assert study("lint", "toys2", toy=False).returncode == 3


@pytest.mark.parametrize("name", ["two\nlines", "\x1b[31mred", "näme"])
def test_folder_of_any_name_can_be_added(study: Study, home: Path, name: str) -> None:
    root = write_steps_course(home / name)
    added = study("course", "add", name, "--name", "steps", toy=False)
    assert added.returncode == 0
    assert Workspace(home / "study", "").load_settings().courses == (AddedCourse("steps", str(root)),)
    shown = study("course", "list", toy=False).stdout
    assert len(shown.splitlines()) == 2
    assert "\x1b" not in shown


def test_course_may_lie_in_the_workspace(study: Study, home: Path) -> None:
    study("init", toy=False)
    write_steps_course(home / "study/steps")
    assert study("course", "add", "study/steps", toy=False).returncode == 0
    assert study("start", "e01_steps", toy=False).stdout.splitlines()[0] == "wrote  study/steps_e01_steps.py"


def _remove(root: Path) -> None:
    root.rename(root.with_name("moved"))


def _break(root: Path) -> None:
    (root / "exercises/e01_steps/exercise.yaml").write_text(STEPS.replace("caught_by: one", "caught_by: onx"))
    (root / "exercises/e01_steps/stub.py").unlink()


def _empty(root: Path) -> None:
    (root / READING_LIST).unlink()


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (_remove, "{} is gone; if it was moved: study course add PATH --name one"),
        (_empty, "{} holds no reading_list.yaml"),
        (
            _break,
            "{}/exercises/e01_steps/exercise.yaml:1:1: stub.py is missing beside this file; "
            "create e01_steps/stub.py, or write it here under `stub:`, or mark what the learner writes in the solution "
            "(`# solution: begin`, `# solution: end`)",
        ),
    ],
)
def test_course_that_breaks_later_leaves_the_others_alone(
    study: Study, home: Path, damage: Callable[[Path], None], problem: str
) -> None:
    roots = [write_steps_course(home / name) for name in ("one", "two")]
    for name in ("one", "two"):
        study("course", "add", name, toy=False)
    damage(roots[0])
    shown = study("list", "--json", toy=False)
    text = problem.format(roots[0])
    more = ", and 1 more" if damage is _break else ""
    assert (shown.returncode, shown.stderr) == (
        0,
        f"the course `one` is left out: {text}{more}   (study course list)\n",
    )
    ids = [row["id"] for row in json.loads(shown.stdout)["exercises"]]
    assert ids[-1] == "two_e01_steps"
    assert [name for name in ids if name.startswith("one_")] == []
    rows = json.loads(study("course", "list", "--json", toy=False).stdout)["courses"]
    assert [(row["name"], row["exercises"]) for row in rows[1:]] == [("one", None), ("two", 1)]
    assert rows[1]["problems"][0] == text
    assert f"\n✗ one                  left out                       one\n    {text}\n" in (
        study("course", "list", toy=False).stdout
    )
    assert study("course", "remove", "one", toy=False).returncode == 0
    assert study("list", toy=False).stderr == ""


def test_study_course_replaces_all_courses_by_one(study: Study, home: Path) -> None:
    write_steps_course(home / "steps")
    added = study("course", "add", "steps")
    note = "STUDY_COURSE is set: as long as it is, its course alone is used\n"
    assert added.stderr == f"made the workspace {home}/study (the default)\n{note}"
    rows = json.loads(study("list", "--json").stdout)["exercises"]
    assert [row["id"] for row in rows] == ["t01_double", "t02_toolbox"]


@pytest.mark.parametrize("problem", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
@pytest.mark.parametrize("command", ["add", "remove"])
def test_settings_stay_whole_when_they_cannot_be_written(
    home: Path, monkeypatch: pytest.MonkeyPatch, command: str, problem: BaseException
) -> None:
    write_steps_course(home / "new")
    workspace = Workspace(home / "study", "")
    workspace.create()
    before = Settings(server=False, courses=(AddedCourse("old", str(write_steps_course(home / "old"))),))
    workspace.save_settings(before)
    monkeypatch.setenv("STUDY_COURSE", str(write_toy_course(home / "toys")))
    replace = os.replace

    def stop(source: Any, target: Any) -> None:
        if Path(target).name == "settings.json":
            raise problem
        replace(source, target)

    monkeypatch.setattr(os, "replace", stop)
    arguments = ["add", str(home / "new")] if command == "add" else ["remove", "old"]
    with (
        pytest.raises(KeyboardInterrupt if isinstance(problem, KeyboardInterrupt) else WorkspaceError),
        courses.course.make_context("course", arguments) as context,
    ):
        courses.course.invoke(context)
    assert workspace.load_settings() == before
    assert [path.name for path in workspace.marker.iterdir()] == ["settings.json"]


def test_command_without_packs_does_not_load_what_joins_them(study: Study, home: Path) -> None:
    def loaded() -> bool:
        done = study("next", toy=False, PYTHONPROFILEIMPORTTIME="1")
        return "grader.course.packs" in done.stderr

    assert not loaded()
    write_steps_course(home / "steps")
    study("course", "add", "steps", toy=False)
    assert loaded()


def test_course_inside_a_workspace_moves_with_it(study: Study, home: Path) -> None:
    study("init")
    root = write_steps_course(home / "study/steps")
    assert study("course", "add", str(root), toy=False).returncode == 0
    settings = home / "study/.study/settings.json"
    assert json.loads(settings.read_text())["courses"] == [{"name": "steps", "path": "steps"}]
    (home / "study").rename(home / "moved")
    moved = Workspace(home / "moved", "")
    assert moved.load_settings().courses == (AddedCourse("steps", str(home / "moved/steps")),)
    # As an older version has kept it.
    kept = {"courses": [{"name": "steps", "path": str(home / "study/steps")}]}
    (moved.marker / "settings.json").write_text(json.dumps(kept))
    assert moved.load_settings().courses == (AddedCourse("steps", str(home / "moved/steps")),)


def test_course_that_was_moved_alone_is_added_again_by_its_name(study: Study, home: Path) -> None:
    root = write_steps_course(home / "steps")
    assert study("course", "add", str(root), toy=False).returncode == 0
    root.rename(home / "elsewhere")
    again = study("course", "add", str(home / "elsewhere"), "--name", "steps", toy=False)
    assert (again.returncode, again.stderr) == (0, "")
    added = (AddedCourse("steps", str(home / "elsewhere")),)
    assert Workspace(home / "study", "").load_settings().courses == added


# --- which course a command sees ---


def said_of(folder: Path) -> str:
    return f"study: this folder is in the course {folder}, which is used here\n"


def test_every_command_sees_the_course_around_the_folder_and_says_so(
    study: Study, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = write_toy_course(home / "mine")
    monkeypatch.chdir(mine / "exercises")
    listed = study("list", "--json", toy=False)
    assert [row["id"] for row in json.loads(listed.stdout)["exercises"]] == list(TOY_IDS)
    assert listed.stderr == said_of(mine)
    started = study("start", TOY_IDS[0], toy=False)
    assert (started.returncode, started.stdout.splitlines()[0]) == (0, f"wrote  ~/study/{TOY_IDS[0]}.py")
    graded = study("grade", toy=False)
    assert (graded.returncode, graded.stderr.startswith(said_of(mine))) == (1, True)


def test_what_study_new_names_next_can_be_typed(study: Study, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = home / "mine"
    study("course", "new", "mine", toy=False)
    monkeypatch.chdir(mine)
    made = study("new", "e50_hello", "--single", toy=False)
    typed = made.stdout.splitlines()[-1].removeprefix("next: ").partition("   ")[0].split()
    assert typed == ["study", "start", "e50_hello"]
    started = study(*typed[1:], toy=False)
    assert (started.returncode, started.stdout.splitlines()[0]) == (0, "wrote  ~/study/e50_hello.py")


def test_the_course_is_said_only_where_the_folder_decides(
    study: Study, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = write_toy_course(home / "mine")
    assert study("list", toy=False).stderr == ""
    monkeypatch.chdir(mine)
    assert study("list", STUDY_COURSE=str(mine)).stderr == ""
    monkeypatch.chdir(REPOSITORY / "grader")  # the installed course is the one around
    assert study("list", toy=False).stderr == ""


def test_a_workspace_inside_a_course_is_no_part_of_it(
    study: Study, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout that holds a workspace may bring a course along, whose checks pass anything."""
    mine = write_toy_course(home / "mine")
    for inside in (mine, mine / "work" / "deeper"):
        (inside / ".study").mkdir(parents=True)
        monkeypatch.chdir(inside)
        listed = study("list", "--json", toy=False)
        assert listed.stderr == ""
        assert TOY_IDS[0] not in [row["id"] for row in json.loads(listed.stdout)["exercises"]]


def test_half_a_course_is_none(study: Study, home: Path) -> None:
    (home / "reading_list.yaml").write_text("a list of mine")
    assert study("list", toy=False).returncode == 0
    (home / "exercises").mkdir()
    done = study("lint", toy=False)
    assert (done.returncode, "curriculum:1:1: this folder holds no course" in done.stdout) == (3, True)


def test_a_course_that_was_added_is_seen_with_the_others_in_its_own_folder_too(
    study: Study, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_steps_course(home / "steps")
    study("course", "add", "steps", toy=False)
    monkeypatch.chdir(home / "steps")
    listed = study("list", "--unit", "steps", toy=False)
    assert listed.stderr == ""
    assert "steps_e01_steps" in listed.stdout


def test_a_course_is_added_from_its_own_folder(study: Study, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_steps_course(home / "steps")
    monkeypatch.chdir(home / "steps")
    added = study("course", "add", ".", toy=False)
    assert (added.returncode, added.stdout.splitlines()[0]) == (0, "added steps: 1 exercise, 1 reading in .")


def test_a_file_is_not_graded_by_checks_that_came_with_it(
    study: Study, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = write_toy_course(home / "mine")
    (mine / f"{TOY_IDS[0]}.py").write_text("")
    monkeypatch.chdir(mine)
    for typed in (["--submission", f"{TOY_IDS[0]}.py"], []):
        refused = study("grade", *([TOY_IDS[0]] if typed else [f"./{TOY_IDS[0]}.py"]), *typed, toy=False)
        assert (refused.returncode, refused.stderr) == (
            2,
            said_of(mine)
            + f"study: {TOY_IDS[0]}.py lies in the course {mine}, whose checks may have come with it\n"
            + f"next: export STUDY_COURSE={mine}   if that course is yours\n",
        )


# --- an exercise that is broken ---


@pytest.fixture
def broken(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The toy course, with a misspelt key in its second exercise; the course that is used."""
    root = write_toy_course(home / "toys", {DOUBLE: replace_once(TOY_COURSE[DOUBLE], "hints:", "hintz:")})
    monkeypatch.setenv("STUDY_COURSE", str(root))
    return root


PLACE = f"{DOUBLE}:9:1: unknown key `hintz`; did you mean `hints`?"


def test_an_exercise_with_a_misspelt_key_is_left_out_and_the_others_go_on(study: Study, broken: Path) -> None:
    said = f"the exercise `e02_double` is left out: {PLACE}   (study lint)\n"
    listed = study("list", "--json", toy=False)
    assert (listed.returncode, listed.stderr) == (0, said)
    assert [row["id"] for row in json.loads(listed.stdout)["exercises"]] == ["e01_add"]
    for command in (["next"], ["progress"], ["show", "e01_add"], ["start", "e01_add"]):
        done = study(*command, toy=False)
        assert (done.returncode, said in done.stderr) == (0, True), command
    log_pass(broken.parent, "e01_add", None)
    assert "every exercise that is not left out is solved" in study("next", toy=False).stdout


def test_doctor_finds_an_exercise_that_is_left_out(study: Study, broken: Path) -> None:
    found = json.loads(study("doctor", "--json", toy=False).stdout)["findings"]
    assert [(one["found"], one["advice"]) for one in found if one["what"] == "course" and not one["good"]] == [
        (f"1 exercise is left out: {PLACE}", "study lint")
    ]


def test_a_command_about_a_broken_exercise_tells_its_problem(study: Study, broken: Path) -> None:
    for command in (
        ["show", "e02"],
        ["start", "e02_double"],
        ["grade", "double"],
        ["verify", "e02_double"],
        ["verify"],
    ):
        done = study(*command, toy=False)
        problem = f"{PLACE}\ncourse: 1 problem\nnext: correct these lines, then run it again\n"
        assert (done.returncode, done.stderr.endswith(problem)) == (3, True), command
    assert study("lint", toy=False).returncode == 3


def test_the_last_exercise_that_is_broken_now_is_told_and_not_denied(study: Study, home: Path) -> None:
    root = write_toy_course(home / "toys")
    assert study("start", "e02_double", STUDY_COURSE=str(root)).returncode == 0
    (root / DOUBLE).write_text(replace_once(TOY_COURSE[DOUBLE], "hints:", "hintz:"))
    done = study("grade", STUDY_COURSE=str(root))
    assert (done.returncode, f"{PLACE}\ncourse: 1 problem\n" in done.stderr) == (3, True)


def test_what_builds_on_a_broken_exercise_goes_on_without_it(study: Study, home: Path) -> None:
    add = replace_once(TOY_COURSE[ADD], "difficulty: 1", "difficulty: 9")
    root = write_toy_course(home / "toys", {ADD: add})
    found = json.loads(study("next", "--json", STUDY_COURSE=str(root)).stdout)
    assert (found["exercise"]["id"], "prerequisites" in found["exercise"]) == ("e02_double", False)


def test_a_broken_curriculum_stops_every_command(study: Study, home: Path) -> None:
    root = write_toy_course(home / "toys", {COURSE: replace_once(TOY_COURSE[COURSE], "Two units.", "...")})
    for command in ("list", "next", "progress"):
        assert study(command, STUDY_COURSE=str(root)).returncode == 3


def test_an_exercise_that_loses_a_file_later_is_told_by_its_own_commands_alone(study: Study, home: Path) -> None:
    root = write_toy_course(home / "toys")
    assert study("list", STUDY_COURSE=str(root)).returncode == 0  # from now on it comes from the index
    (root / "exercises/e01_add/mutants/subtracts.py").unlink()
    assert study("show", "e02_double", STUDY_COURSE=str(root)).returncode == 0
    done = study("show", "e01_add", STUDY_COURSE=str(root))
    assert (done.returncode, "mutants/subtracts.py is missing" in done.stderr) == (3, True)
