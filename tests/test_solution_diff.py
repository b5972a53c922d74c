"""`study solution ID --diff`: both texts beside each other, whatever the learner wrote, and only once it is earned."""

import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from grader.progress import NewAttempt, ProgressStore
from grader.text.console import make_console
from grader.view.side_by_side import render_comparison
from grader.view.solution_diff import Comparison, DiffRow, compare, pair_lines, split_parts, unify_part, write_unified
from tests.conftest import Study
from tests.test_answering import PASSED

OURS = '''"""Ours."""

import math


def halve(x):
    """Halve it."""
    return x / 2


@staticmethod
def double(x):
    return 2 * x
'''
YOURS = '''"""A long docstring

of the stub.
"""

import math

# Doubles.
@staticmethod
def double(x):
    """Double it.

    Args:
        x: A number.
    """
    y = x + x
    return y


def halve(x):
    return x / 2


def helper():
    """Only this."""
'''

# Pure: parts, pairs, the diff


def test_definitions_are_aligned_in_our_order_without_docstrings() -> None:
    assert compare(YOURS, OURS) == [
        Comparison("", ("import math",), ("import math",)),
        Comparison("halve", *2 * (("def halve(x):", "    return x / 2"),)),
        Comparison(
            "double",
            ("# Doubles.", "@staticmethod", "def double(x):", "    y = x + x", "    return y"),
            ("@staticmethod", "def double(x):", "    return 2 * x"),
        ),
        Comparison("helper", ("def helper():", '    """Only this."""'), ()),
    ]


def test_what_is_between_definitions_comes_first_and_empty_lines_are_joined() -> None:
    parts = split_parts("\n\nA = 1\n\n\n\ndef f(): return 1\nB = 2; C = 3\n\n\nclass D:\n\tx = 1\n")
    assert [(part.name, part.lines) for part in parts] == [
        ("", ("A = 1", "", "B = 2; C = 3")),
        ("f", ("def f(): return 1",)),
        ("D", ("class D:", "    x = 1")),
    ]


def test_a_name_defined_twice_is_shown_twice() -> None:
    (part,) = split_parts("def f():\n    return 1\ndef f():\n    return 2\n")
    assert part.lines == ("def f():", "    return 1", "def f():", "    return 2")


@pytest.mark.parametrize(
    "text",
    ["def f(:\n", "\0", "(" * 5000, "\ud800", "", "\n\n", "x = 1", "def f(): 'doc'; return 1", "'doc'; x = 1\n"],
    ids=["no Python", "NUL", "too deep", "surrogate", "empty", "blank", "one line", "docstring in line", "module line"],
)
def test_any_text_can_be_compared(text: str) -> None:
    found = compare(text, OURS)
    assert "double" in [part.name for part in found]
    assert [line for part in found for line in part.ours] == [line for part in split_parts(OURS) for line in part.lines]
    assert "".join(line for part in split_parts(text) for line in part.lines).split() == text.split()


def test_lines_that_belong_together_stand_beside_each_other() -> None:
    part = Comparison("f", ("def f():", "    a", "    b", "    c"), ("def f():", "    x", "    c", "    d"))
    assert pair_lines(part) == [
        DiffRow("same", "def f():", "def f():"),
        DiffRow("changed", "    a", "    x"),
        DiffRow("yours", "    b", None),
        DiffRow("same", "    c", "    c"),
        DiffRow("ours", None, "    d"),
    ]
    assert [(row.mark, row.yours or row.ours) for row in unify_part(part)] == [
        ("same", "def f():"),
        ("yours", "    a"),
        ("yours", "    b"),
        ("ours", "    x"),
        ("same", "    c"),
        ("ours", "    d"),
    ]


def test_the_unified_diff_is_one_that_git_applies(tmp_path: Path) -> None:
    git = shutil.which("git")
    assert git is not None
    long = "\n".join(f"    x{i} = {i}" for i in range(30))
    yours, ours = f"def f():\n{long}\n{YOURS}", f"def f():\n{long.replace('x3 ', 'y ').replace('x25', 'z')}\n{OURS}"
    found = compare(yours, ours)
    for name, side in (("yours", 0), ("expected", 1)):
        rows = ["\n".join((part.yours, part.ours)[side]) for part in found]
        (tmp_path / name).write_text("\n\n".join(rows).replace("\n\n\n", "\n\n") + "\n")
    diff = write_unified(found)
    assert diff.count("@@ -") >= 2
    done = subprocess.run(
        [git, "apply", "-p0", "--unidiff-zero", "--recount", "-"],
        cwd=tmp_path,
        input=diff.replace("+++ ours", "+++ yours"),
        text=True,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    after, expected = ((tmp_path / name).read_text().split() for name in ("yours", "expected"))
    assert after == expected


def test_a_hunk_says_where_it_stands_in_either_text() -> None:
    rows = tuple(f"x{i}" for i in range(1, 12))
    found = [Comparison("", rows, (*rows[:4], "new", *rows[4:])), Comparison("f", (), ("def f(): 1",))]
    assert write_unified(found) == (
        "--- yours\n+++ ours\n"
        "@@ -2,6 +2,7 @@\n x2\n x3\n x4\n+new\n x5\n x6\n x7\n"
        "@@ -10,3 +11,4 @@\n x10\n x11\n \n+def f(): 1\n"
    )
    assert write_unified([Comparison("f", (), ("a",))]) == "--- yours\n+++ ours\n@@ -0,0 +1 @@\n+a\n"


def test_equal_texts_have_no_diff() -> None:
    assert write_unified(compare(OURS, OURS)) == ""
    assert write_unified([]) == ""


def test_a_huge_text_is_compared_in_a_moment_and_shown_whole() -> None:
    yours = "".join(f"x = {i}\n" for i in range(60_000))
    (part, *_) = compare(yours, OURS)
    assert len(part.yours) == 60_000
    assert [row.mark for row in pair_lines(Comparison("", part.yours, part.yours[1:]))][:2] == ["changed", "changed"]
    shown = show([Comparison("f", ("y" * 2**20,), ("z",))], width=80)
    assert shown.count("y") == 2**20 + shown.splitlines()[0].count("y") + shown.splitlines()[1].count("y")


# What is shown


def show(found: list[Comparison], width: int | None) -> str:
    file = io.StringIO()
    make_console(file).print(render_comparison(found, yours="passed today", width=width))
    return file.getvalue()


def test_in_a_narrow_terminal_one_stands_below_the_other() -> None:
    assert show(compare(YOURS, OURS), width=80) == (
        "yours  passed today\n"
        "- only in yours   + only in ours   docstrings are left out\n"
        "\n"
        "imports and what is between the definitions: the same\n"
        "\n"
        "halve: the same\n"
        "\n"
        "double\n"
        "- # Doubles.\n"
        "  @staticmethod\n"
        "  def double(x):\n"
        "-     y = x + x\n"
        "-     return y\n"
        "+     return 2 * x\n"
        "\n"
        "helper: only in yours\n"
        "- def helper():\n"
        '-     """Only this."""\n'
    )


def test_in_a_wide_terminal_both_stand_side_by_side() -> None:
    shown = show(compare(YOURS, OURS), width=120).splitlines()
    start = shown.index("double")
    assert shown[start : start + 6] == [
        "double",
        f"{'# Doubles.':<58} -",
        f"{'@staticmethod':<58}   @staticmethod",
        f"{'def double(x):':<58}   def double(x):",
        f"{'    y = x + x':<58} ~     return 2 * x",
        f"{'    return y':<58} -",
    ]
    assert shown[1] == "- only in yours   + only in ours   ~ differs   docstrings are left out"


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal_and_no_code_is_lost(width: int) -> None:
    code = "    total = " + " + ".join(f"number_{i}" for i in range(60)) + "  # 木木木木木" + "Z" * 300
    shown = show([Comparison("f", ("def f():", code), ("def f():", code + "Q"))], width=width)
    assert [len(re.findall(rf"number_{i}\b", shown)) for i in range(60)] == [2] * 60
    assert (shown.count("Z"), shown.count("Q")) == (600, 1)
    cells = [len(row) + sum(char == "木" for char in row) for row in shown.splitlines()[2:]]
    assert max(cells) <= width


def test_far_from_a_difference_equal_lines_are_counted() -> None:
    lines = tuple(f"    x{i} = {i}" for i in range(20))
    shown = show([Comparison("f", (*lines, "    a"), (*lines, "    b"))], width=80)
    assert shown.splitlines()[3:7] == ["f", "      … 17 lines the same", "      x17 = 17", "      x18 = 18"]


def test_a_learners_text_does_no_harm(tmp_path: Path) -> None:
    hostile = "def f():\n    return '\x1b[2J\u202e\x07[red]'\n"
    for width in (None, 80, 140):
        shown = show(compare(hostile, OURS), width=width)
        assert "return '\\x1b[2J\\u202e\\x07[red]'" in shown
        assert not set("\x1b\x07\u202e") & set(shown)


# The command


@pytest.fixture
def store(home: Path) -> ProgressStore:
    (home / "study/.study").mkdir(parents=True)
    return ProgressStore.open(home / "study/.study/study.db")


def attempt(text: str, verdict: str = "passed") -> NewAttempt:
    from msgspec import structs

    return structs.replace(PASSED, exercise_id="t01_double", verdict=verdict, submission=text)


def test_it_compares_with_the_last_text_that_passed(study: Study, store: ProgressStore) -> None:
    store.record_attempt(attempt("def double(x):\n    return 1 * x\n"))
    store.record_attempt(attempt("def double(x):\n    return x + x + 0\n"))
    store.record_attempt(attempt("def double(x):\n    return broken\n", "failed"))
    shown = study("solution", "t01", "--diff").stdout
    assert "-     return x + x + 0\n" in shown
    assert "broken" not in shown
    assert "1 * x" not in shown
    data = json.loads(study("solution", "t01", "--diff", "--json").stdout)
    assert list(data) == ["exercise", "gave_up", "at", "submission", "solution", "diff"]
    assert data["submission"] == "def double(x):\n    return x + x + 0\n"
    assert data["solution"] == json.loads(study("solution", "t01", "--json").stdout)["solution"]
    assert data["diff"].startswith("--- yours\n+++ ours\n@@ -")
    assert "-    return x + x + 0\n" in data["diff"]
    wide = study("solution", "t01", "--diff", COLUMNS="130").stdout
    assert "    return x + x + 0" in wide
    assert " ~     return " in wide


def test_before_a_pass_it_is_refused_as_the_solution_is(study: Study, store: ProgressStore) -> None:
    store.record_attempt(attempt("def double(x):\n    return 7\n", "failed"))
    refused = study("solution", "t01", "--diff")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("study: t01_double is not solved yet; its solution is shown after a pass\nnext: ")
    assert store.load_progress().exercises["t01_double"].revealed is None
    gave_up = study("solution", "t01", "--diff", "--give-up")
    assert gave_up.returncode == 0
    assert "-     return 7\n" in gave_up.stdout
    assert gave_up.stdout.startswith("yours  graded on ")
    assert store.load_progress().exercises["t01_double"].revealed == "gave_up"


def test_with_nothing_graded_there_is_nothing_to_compare_and_nothing_is_recorded(
    study: Study, store: ProgressStore
) -> None:
    done = study("solution", "t01", "--diff", "--give-up")
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        "study: nothing of yours to compare with: no grade of t01_double is in the log\n"
        "next: study solution t01_double --give-up   or   study grade t01_double\n",
    )
    assert store.load_progress().exercises == {}


def test_a_log_with_any_text_is_shown(study: Study, store: ProgressStore) -> None:
    store.record_attempt(attempt('{"cells": [], "nbformat": 4}\x00\ud800\n' + "\t" * 50 + "if x\n"))
    done = study("solution", "t01", "--diff")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x00" not in done.stdout
