"""Courses beside the main one: joined with it, found among the installed packages, and graded."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from grader.core.errors import ContentError, UsageError
from grader.course import Content, load_content
from grader.course import installed as installed_module
from grader.course.code import read_solution
from grader.course.installed import Offer, find_offers, locate_offer
from grader.course.packs import Pack, UnusablePack, join_courses, list_packs
from grader.engine.client import Engine
from tests.conftest import REPOSITORY, Study
from tests.steps_course import EXECUTED, install, write_steps_course
from tests.support.jobs import make_job
from tests.toy_course import ADD, COURSE, READING_LIST, write_toy_course
from tests.warm_engine import WarmEngine


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


def join(main: Content, *packs: Pack) -> Content:
    """Join courses of which none is left out."""
    content, left_out = join_courses(main, packs)
    assert left_out == ()
    return content


# Joining


def test_pack_goes_by_its_name_and_so_do_the_links_inside_it(main: Content, tmp_path: Path) -> None:
    root = write_toy_course(tmp_path / "more")
    joined = join(main, Pack("more", str(root)))
    assert list(joined.exercises) == ["e01_add", "e02_double", "more_e01_add", "more_e02_double"]
    assert list(joined.readings) == ["toy-lecture", "toy-paper", "more-toy-lecture", "more-toy-paper"]
    assert [(course.id, course.title) for course in joined.courses] == [("toys", "Toys"), ("more-toys", "Toys")]
    assert [(unit.id, unit.readings, unit.exercises) for unit in joined.units] == [
        ("first", ("toy-lecture",), ("e01_add",)),
        ("second", ("toy-paper",), ("e02_double",)),
        ("more-first", ("more-toy-lecture",), ("more_e01_add",)),
        ("more-second", ("more-toy-paper",), ("more_e02_double",)),
    ]
    double = joined.exercises["more_e02_double"]
    assert (double.id, double.prerequisites) == ("more_e02_double", ("more_e01_add",))
    assert [(ref.id, ref.chapter) for ref in joined.exercises["more_e01_add"].readings] == [("more-toy-lecture", 90)]
    assert joined.readings["more-toy-paper"].id == "more-toy-paper"
    assert joined.exercises["e02_double"] == main.exercises["e02_double"]


def test_every_exercise_of_every_course_knows_its_own_folder(main: Content, tmp_path: Path) -> None:
    one, two = write_steps_course(tmp_path / "one"), write_toy_course(tmp_path / "two")
    joined = join(main, Pack("one", str(one)), Pack("two", str(two)))
    assert {name: joined.folder(name) for name in joined.exercises} == {
        "e01_add": Path(main.root, "exercises/e01_add"),
        "e02_double": Path(main.root, "exercises/e02_double"),
        "one_e01_steps": one / "exercises/e01_steps",
        "two_e01_add": two / "exercises/e01_add",
        "two_e02_double": two / "exercises/e02_double",
    }
    assert joined.exercise_folders == tuple(str(root / "exercises") for root in (Path(main.root), one, two))


def test_own_id_of_a_packs_exercise_is_enough_where_no_other_course_has_it(main: Content, tmp_path: Path) -> None:
    packs = [Pack(name, str(write_steps_course(tmp_path / name))) for name in ("one", "two")]
    toys = Pack("toys", str(write_toy_course(tmp_path / "toys")))
    assert join(main, packs[0], toys).complete("e01_steps") == "one_e01_steps"
    assert join(main, packs[0], toys).complete("e01_add") == "e01_add"  # the main course's
    assert join(main, *packs).complete("e01_steps") == "e01_steps"  # either of two: nothing is guessed
    assert main.complete("e01_steps") == "e01_steps"


def test_without_packs_the_main_course_is_the_content(main: Content) -> None:
    content, left_out = join_courses(main, ())
    assert content is main
    assert left_out == ()


@pytest.mark.parametrize(
    ("pack", "ids", "problem"),
    [
        ("e01", ("add", "paper"), "as `e01` it would have a second exercise `e01_add`"),
        ("toy", ("e01_steps", "paper"), "as `toy` it would have a second reading `toy-paper`"),
        (
            "far",
            ("e01_" + 55 * "x", "paper"),
            f"as `far` it would have the exercise `far_e01_{55 * 'x'}`, which is too long",
        ),
    ],
)
def test_pack_whose_ids_do_not_fit_in_is_left_out(
    main: Content, tmp_path: Path, pack: str, ids: tuple[str, str], problem: str
) -> None:
    added = Pack(pack, str(write_steps_course(tmp_path / pack, *ids)))
    content, left_out = join_courses(main, [added])
    assert left_out == (UnusablePack(added, (problem,)),)
    assert list(content.exercises) == list(main.exercises)


def test_one_folder_is_one_course(main: Content, tmp_path: Path) -> None:
    root = write_steps_course(tmp_path / "one")
    packs = [Pack("one", str(root)), Pack("again", str(root)), Pack("main", main.root)]
    content, left_out = join_courses(main, packs)
    assert [(one.pack.name, one.problems) for one in left_out] == [
        ("again", (f"{root} is the course `one` already",)),
        ("main", (f"{main.root} is the main course already",)),
    ]
    assert list(content.exercises) == ["e01_add", "e02_double", "one_e01_steps"]


def test_exercise_whose_file_is_gone_leaves_its_pack_out_and_no_other(main: Content, tmp_path: Path) -> None:
    """The index knows only when it is asked for the exercise that a file beside it is gone."""
    one, two = (write_steps_course(tmp_path / name) for name in ("one", "two"))
    packs = [Pack("one", str(one)), Pack("two", str(two))]
    cache = tmp_path / "cache"
    assert join_courses(main, packs, cache)[1] == ()
    (one / "exercises/e01_steps/stub.py").unlink()
    content, left_out = join_courses(main, packs, cache)
    file = one / "exercises/e01_steps/exercise.yaml"
    text = (
        "stub.py is missing beside this file; create e01_steps/stub.py, or write it here under `stub:`, or mark what the "
        "learner writes in the solution (`# solution: begin`, `# solution: end`)"
    )
    assert left_out == (UnusablePack(packs[0], (f"{file}:1:1: {text}",)),)
    assert list(content.exercises) == ["e01_add", "e02_double", "two_e01_steps"]
    # It may be repaired at any time, so no learner's code sees it in the meantime.
    assert content.exercise_folders[1] == str(one / "exercises")


def test_packs_are_those_added_in_their_order_and_then_those_installed(packages: Path) -> None:
    root = install(packages, "walks", "steps = walks:")
    offers = [Offer(name, "walks:", "walks", str(packages)) for name in ("b", "steps", "up-down")]
    added = [("steps", "/courses/mine"), ("a", "/courses/a"), ("near", "courses/near"), ("no good", "/courses/x")]
    rule = "cannot be the name of a course: up to 20 small letters and digits, the first a letter"
    assert list_packs(added, offers) == (
        Pack("steps", "/courses/mine"),
        Pack("a", "/courses/a"),
        Pack("near", "courses/near", problem="`courses/near` is not an absolute path"),
        Pack("no good", "/courses/x", problem=f"`no good` {rule}"),
        Pack("b", str(root), "walks"),
        Pack("up-down", str(root), "walks", f"`up-down` {rule}"),
        Pack("steps", str(root), "walks", "you have added another course as `steps`"),
    )


@pytest.mark.parametrize(
    "link", ["exercises", "curriculum", READING_LIST, ADD, "exercises/e01_add/mutants/subtracts.py"]
)
def test_course_made_of_links_is_refused(main: Content, tmp_path: Path, link: str) -> None:
    """What a link leads to may change, or lie where a learner's code can read it."""
    root = write_toy_course(tmp_path / "toys").resolve()
    elsewhere = tmp_path / "elsewhere"
    (root / link).rename(elsewhere)
    (root / link).symlink_to(elsewhere)
    pack = Pack("more", str(root))
    left_out = join_courses(main, [pack])[1]
    problem = f"{root / link}: a symbolic link; put the file or folder itself there"
    assert left_out == (UnusablePack(pack, (problem,)),)


def test_course_that_may_not_be_read_is_left_out(
    main: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_steps_course(tmp_path / "one")
    scandir = os.scandir

    def refuse(path: Any) -> Any:
        if str(path) == str(root / "exercises"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    pack = Pack("one", str(root))
    assert join_courses(main, [pack])[1] == (
        UnusablePack(pack, (f"{root}/exercises cannot be read: Permission denied",)),
    )


def test_refused_pack_says_everything_at_once(tmp_path: Path, main: Content) -> None:
    root = write_toy_course(tmp_path / "toys", {COURSE: "id: 5 5\n"}).resolve()
    pack = Pack("more", str(root))
    with pytest.raises(ContentError) as caught:
        load_content(root)
    assert join_courses(main, [pack])[1] == (
        UnusablePack(pack, tuple(f"{root}/{text}" for text in caught.value.problems)),
    )


# Installed packages


def test_offers_of_packages_are_found_by_their_entry_points(packages: Path, tmp_path: Path) -> None:
    install(packages, "walks", "# a comment = none\nsteps=walks\n\n[other]\nx = y")
    install(packages, "runs", "fast = runs.course:")
    (packages / "plain-1.0.dist-info").mkdir()
    later = tmp_path / "dist-packages"
    install(later, "shadow", "fast = shadow")
    assert find_offers([str(packages), str(later), str(tmp_path / "gone")], tmp_path / "cache") == (
        Offer("fast", "runs.course:", "runs", str(packages)),
        Offer("steps", "walks", "walks", str(packages)),
    )


def test_packages_are_not_looked_through_again_until_one_comes_or_goes(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scans: list[str] = []
    scan = installed_module._scan
    monkeypatch.setattr(installed_module, "_scan", lambda folder: scans.append(folder) or scan(folder))
    cache = tmp_path / "cache"
    assert find_offers([str(packages)], cache) == ()
    assert find_offers([str(packages)], cache) == ()
    assert len(scans) == 1
    install(packages, "walks", "steps = walks")
    found = (Offer("steps", "walks", "walks", str(packages)),)
    assert [find_offers([str(packages)], cache) for _ in range(2)] == [found, found]
    assert len(scans) == 2
    for file in cache.iterdir():
        file.write_bytes(file.read_bytes()[:-3])
    assert find_offers([str(packages)], cache) == found
    (tmp_path / "file").write_text("")
    assert find_offers([str(packages)], tmp_path / "file" / "cache") == found


@pytest.mark.parametrize(
    ("value", "place"),
    [("walks", ""), ("walks:", ""), ("walks.inner", "inner"), ("walks.inner:thing", "inner"), ("walks.module", "")],
)
def test_offer_leads_to_a_folder_and_nothing_is_executed(packages: Path, value: str, place: str) -> None:
    root = install(packages, "walks", f"steps = {value}")
    (root / "inner").mkdir()
    (root / "inner/__init__.py").write_text(EXECUTED)
    (root / "module.py").write_text(EXECUTED)
    assert locate_offer(Offer("steps", value, "walks", str(packages))) == root / place


def test_package_is_the_installed_one_and_not_one_in_the_current_folder(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = install(packages, "walks", "steps = walks")
    (tmp_path / "here/walks").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path / "here"))
    assert locate_offer(Offer("steps", "walks", "walks", str(packages))) == root


def test_editable_package_is_found_where_it_lies(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = install(tmp_path / "src", "walks", "steps = walks")
    monkeypatch.syspath_prepend(str(tmp_path / "src"))
    assert locate_offer(Offer("steps", "walks", "walks", str(packages))) == root


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("../../etc", "`../../etc` is not the name of a package"),
        ("", "`` is not the name of a package"),
        ("walks..inner", "`walks..inner` is not the name of a package"),
        ("nowhere", "there is no folder of the package `nowhere`"),
        ("walks.nowhere", "there is no folder of the package `walks.nowhere`"),
        ("single", "there is no folder of the package `single`"),
    ],
)
def test_offer_that_leads_nowhere_says_so(packages: Path, value: str, message: str) -> None:
    install(packages, "walks", "steps = walks")
    (packages / "single.py").write_text(EXECUTED)
    with pytest.raises(UsageError) as caught:
        locate_offer(Offer("steps", value, "walks", str(packages)))
    assert caught.value.message == message


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
