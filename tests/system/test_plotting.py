"""A grade keeps its pictures, a pass shows the first, and `study show ID --plot` draws them all."""

import json
import os
from pathlib import Path

import pytest

from tests.support.study import REPOSITORY, Study
from tests.support.toy_course import write_toy_course
from tests.support.warm_engine import WarmEngine

CHECKS = """\
def test_doubled(submission, pictures):
    xs = list(range(5))
    pictures.lines("double", "Twice", {"x": xs, "double(x)": [submission.double(x) for x in xs]}, x_label="x")
    pictures.heat_map("table", "A \\x1b[31mtable[bold]", [[1, 2], [3, 4]])
    assert submission.double(3) == 6
"""
RIGHT = "def double(a):\n    return a + a\n"
WRONG = "def double(a):\n    return a * a\n"
FILES = ["e02_double-double.svg", "e02_double-table.svg", "e02_double.json"]


@pytest.fixture
def study(study: Study, warm_engine: WarmEngine) -> Study:
    """Run the command, which grades by an engine that is warm."""
    return warm_engine.lend(study)


@pytest.fixture
def draw(study: Study, tmp_path: Path) -> Study:
    """Run `study` on a course whose second exercise records two pictures."""
    course = write_toy_course(tmp_path / "course", {"exercises/e02_double/checks.py": CHECKS})

    def run(*arguments: str, **environ: str):  # type: ignore[no-untyped-def]
        return study(*arguments, toy=False, **{"STUDY_COURSE": str(course), **environ})

    return run


@pytest.fixture
def pictures(home: Path) -> Path:
    """Where the pictures of the workspace lie."""
    return home / "study/.study/pictures"


def grade(draw: Study, home: Path, text: str, *options: str, **environ: str):  # type: ignore[no-untyped-def]
    draw("start", "double")
    (home / "study/e02_double.py").write_text(text)
    return draw("grade", "double", *options, **environ)


def without_matplotlib(folder: Path) -> dict[str, str]:
    """Return the environment of a process that finds no matplotlib."""
    folder.mkdir()
    (folder / "matplotlib.py").write_text("raise ImportError('No module named matplotlib')\n")
    path = REPOSITORY
    return {"PYTHONPATH": f"{folder}{os.pathsep}{path}"}


def test_a_pass_ends_with_the_first_picture_and_where_to_see_all(draw: Study, home: Path, pictures: Path) -> None:
    done = grade(draw, home, RIGHT)
    assert done.returncode == 0, done.stderr
    shown = done.stdout.splitlines()
    assert shown[shown.index("Twice") + 1] == "  ● x   ○ double(x)"
    assert shown[-2:] == [
        "compare   study solution e02_double --diff",
        "next: study next",
    ]
    assert "pictures: study show e02_double --plot   2 pictures, also as files" in shown
    assert "table" not in done.stdout
    assert [path.name for path in pictures.iterdir()] == ["e02_double.json"]


def test_a_failure_shows_no_picture_but_keeps_them(draw: Study, home: Path, pictures: Path) -> None:
    done = grade(draw, home, WRONG)
    assert done.returncode == 1
    assert "Twice" not in done.stdout
    assert "pictures: study show e02_double --plot" in done.stdout
    kept = json.loads((pictures / "e02_double.json").read_text())
    assert (kept["verdict"], [p["name"] for p in kept["pictures"]]) == ("failed", ["double", "table"])
    assert kept["pictures"][0]["series"][1]["ys"] == [0, 1, 4, 9, 16]


def test_a_grade_without_pictures_leaves_those_before_it(draw: Study, home: Path, pictures: Path) -> None:
    grade(draw, home, WRONG)
    before = (pictures / "e02_double.json").read_bytes()
    done = grade(draw, home, "def double(a):\n    raise ValueError\n")
    assert "pictures" not in done.stdout
    assert (pictures / "e02_double.json").read_bytes() == before


def test_the_verdict_as_json_carries_the_pictures(draw: Study, home: Path) -> None:
    verdict = json.loads(grade(draw, home, RIGHT, "--json").stdout)
    assert [(p["kind"], p["name"]) for p in verdict["pictures"]] == [("lines", "double"), ("heat_map", "table")]


def test_grading_all_and_watching_keep_pictures_too(draw: Study, home: Path, pictures: Path) -> None:
    grade(draw, home, RIGHT)
    for command in (["grade", "--all"], ["watch", "double"]):
        (pictures / "e02_double.json").unlink()
        done = draw(*command)
        assert done.returncode == 0, done.stderr
        assert (pictures / "e02_double.json").exists()
    assert "Twice" in done.stdout


def test_pictures_that_cannot_be_kept_do_not_change_the_verdict(draw: Study, home: Path, pictures: Path) -> None:
    draw("init")
    pictures.symlink_to(home)
    done = grade(draw, home, RIGHT)
    assert done.returncode == 0
    assert "study: the pictures are not kept" in done.stderr
    assert "links are not followed" in done.stderr
    assert "solved" in draw("show", "double").stdout


def test_show_plot_draws_every_picture_and_writes_files(draw: Study, home: Path, pictures: Path) -> None:
    grade(draw, home, RIGHT, "--seed", "5")
    done = draw("show", "double", "--plot")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:3] == ["e02_double  Double a number  (passed, seed 5)", "", "Twice"]
    assert r"A \x1b[31mtable[bold]" in lines
    assert lines[-2:] == [
        "wrote  study/.study/pictures/e02_double-double.svg",
        "wrote  study/.study/pictures/e02_double-table.svg",
    ]
    assert sorted(path.name for path in pictures.iterdir()) == FILES
    assert max(map(len, lines)) <= 80
    first = {path.name: path.read_bytes() for path in pictures.iterdir()}
    draw("show", "double", "--plot")
    assert {path.name: path.read_bytes() for path in pictures.iterdir()} == first


def test_show_plot_as_json_gives_data_and_paths(draw: Study, home: Path, pictures: Path) -> None:
    grade(draw, home, RIGHT, "--seed", "5")
    shown = json.loads(draw("show", "double", "--plot", "--format", "png", "--json").stdout)
    assert list(shown) == ["exercise", "verdict", "seed", "pictures", "files", "problem"]
    assert (shown["exercise"], shown["verdict"], shown["seed"], shown["problem"]) == ("e02_double", "passed", 5, None)
    assert shown["files"] == [str(pictures / f"e02_double-{name}.png") for name in ("double", "table")]
    assert all(Path(path).read_bytes().startswith(b"\x89PNG") for path in shown["files"])


def test_without_pictures_it_says_which_command_makes_them(draw: Study, pictures: Path) -> None:
    done = draw("show", "double", "--plot")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "study: no grade of e02_double has left pictures yet\nnext: study grade e02_double\n"
    assert not pictures.exists()


def test_a_format_without_plot_is_refused(draw: Study) -> None:
    done = draw("show", "double", "--format", "png")
    assert done.returncode == 2
    assert "next: study show double --plot --format png" in done.stderr


def test_without_matplotlib_the_charts_are_shown_and_the_command_to_install_it(
    draw: Study, home: Path, pictures: Path, tmp_path: Path
) -> None:
    environ = without_matplotlib(tmp_path / "none")
    assert grade(draw, home, RIGHT, **environ).returncode == 0
    done = draw("show", "double", "--plot", **environ)
    assert done.returncode == 0
    assert "Twice" in done.stdout
    assert "wrote" not in done.stdout
    assert done.stderr == (
        "study: no files are written: matplotlib cannot be loaded (No module named matplotlib)\n"
        'next: pip install "study-grader[plot]"\n'
    )
    asked = draw("show", "double", "--plot", "--format", "png", **environ)
    assert (asked.returncode, asked.stdout) == (2, done.stdout)
    shown = json.loads(draw("show", "double", "--plot", "--json", **environ).stdout)
    assert shown["files"] == []
    assert "matplotlib" in shown["problem"]
    assert [path.name for path in pictures.iterdir()] == ["e02_double.json"]


def test_on_a_terminal_that_knows_only_ascii_charts_are_plain(draw: Study, home: Path) -> None:
    grade(draw, home, RIGHT)
    done = draw("show", "double", "--plot", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "  o x   + double(x)" in done.stdout.splitlines()
    assert done.stdout.isascii()


def test_a_name_in_a_changed_file_leads_nowhere_else(draw: Study, home: Path, pictures: Path) -> None:
    grade(draw, home, RIGHT)
    file = pictures / "e02_double.json"
    text = file.read_text()
    file.write_text(text.replace('"exercise":"e02_double"', '"exercise":"../../../evil"'))
    assert draw("show", "double", "--plot").returncode == 0
    assert sorted(path.name for path in pictures.iterdir()) == FILES
    file.write_text(text.replace('"name":"double"', '"name":"../../evil"'))
    done = draw("show", "double", "--plot")
    assert done.returncode == 2
    assert "study grade e02_double" in done.stderr
    assert not list(home.rglob("*evil*"))
