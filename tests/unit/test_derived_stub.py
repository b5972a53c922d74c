"""A stub that is derived from its solution: what is left out, what lint refuses, and where problems point to."""

from pathlib import Path

import pytest

from grader.course import load_content
from grader.course.code import read_solution, read_stub
from grader.course.derived_stub import check_markers, derive_stub, has_markers, strip_markers
from grader.course.lint import lint
from grader.course.yaml_tree import Problem
from tests.support.toy_course import ADD, write_toy_course

SOLUTION = '''"""Two functions and a class."""

import torch
# solution: begin
from math import sqrt


def helper(x):
    return sqrt(x)
# solution: end


def f(x: float) -> float:
    """Return the root of x."""
    # solution: begin
    if x < 0:
        raise ValueError(f"{x} has no root")
    return helper(x)
    # solution: end


class Cell:
    """A cell."""

    size = 3

    # solution: begin
    def _grow(self):
        return self.size + 1
    # solution: end

    async def step(
        self,
        x: int,
    ) -> int:
        """Return the next size."""
        if x:
            # solution: begin
            return self._grow()
            # solution: end
        return 0
'''
STUB = '''"""Two functions and a class."""

import torch


def f(x: float) -> float:
    """Return the root of x."""
    raise NotImplementedError


class Cell:
    """A cell."""

    size = 3

    async def step(
        self,
        x: int,
    ) -> int:
        """Return the next size."""
        if x:
            raise NotImplementedError
        return 0
'''


def test_a_marked_part_is_left_to_the_learner_and_a_helper_is_left_out() -> None:
    assert derive_stub(SOLUTION).text == STUB


def test_each_line_of_a_stub_knows_the_line_it_comes_from() -> None:
    derived, lines = derive_stub(SOLUTION), SOLUTION.split("\n")
    assert len(derived.lines) == len(derived.text.split("\n"))
    for line, number in zip(derived.text.split("\n"), derived.lines, strict=True):
        assert line == lines[number - 1] or (line.strip(), lines[number - 1].strip()) == (
            "raise NotImplementedError",
            "# solution: begin",
        )


def test_without_its_markers_a_solution_is_what_it_was() -> None:
    assert has_markers(SOLUTION)
    assert not has_markers(STUB)
    assert "# solution" not in strip_markers(SOLUTION)
    assert strip_markers(SOLUTION).split("\n") == [line for line in SOLUTION.split("\n") if "# solution" not in line]
    assert strip_markers(STUB) == STUB


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("    # solution: begin\n    x = 1\n    # solution: end\n", []),
        ("# solution: begin\nx = 1\n", ["1: this part has no end; write `# solution: end` below it"]),
        ("x = 1\n# solution: end\n", ["2: nothing was begun here; write `# solution: begin` above, or remove this line"]),
        (
            "# solution: begin\nx = 1\n# solution: begin\ny = 1\n# solution: end\n",
            ["3: the part that begins in line 1 has no end yet; end it first"],
        ),
        (
            "    # solution: begin\n    x = 1\n# solution: end\n",
            ["3: indent this like the `# solution: begin` of line 1"],
        ),
        ("# solution: begin\n\n# solution: end\n", ["3: nothing is between this and line 1; mark what the learner writes"]),
        ("#solution: begin\n", ["1: this is not a marker; write `# solution: begin` or `# solution: end`"]),
        ("# Solution begin\n", ["1: this is not a marker; write `# solution: begin` or `# solution: end`"]),
    ],
)  # fmt: skip
def test_markers_that_cannot_be_meant_are_named(text: str, problems: list[str]) -> None:
    assert [f"{problem.line}: {problem.text}" for problem in check_markers(text)] == problems


MARKED = '''"""Add two numbers."""


def add(a: float, b: float) -> float:
    """Return the sum of two numbers."""
    # solution: begin
    return a + b
    # solution: end
'''


MARKING_WORDS = ("marker", "stub", "between", "annotation")


def problems_about_the_stub(root: Path) -> list[Problem]:
    """The toy course has other faults, which lint tells of as well."""
    found = [problem for report in lint(root) for problem in report.problems]
    return [
        problem
        for problem in found
        if "e01_add" in problem.path + problem.text and any(w in problem.text for w in MARKING_WORDS)
    ]


def write_marked(root: Path, solution: str = MARKED, *, stub: bool = False) -> Path:
    folder = ADD.rpartition("/")[0]
    files = {f"{folder}/solution.py": solution}
    place = write_toy_course(root, files)
    if not stub:
        (place / folder / "stub.py").unlink()
    return place


def test_an_exercise_needs_no_stub_of_its_own(tmp_path: Path) -> None:
    content = load_content(write_marked(tmp_path))
    exercise, folder = content.exercises["e01_add"], content.folder("e01_add")
    assert read_stub(exercise, folder) == MARKED[: MARKED.index("    # solution")] + "    raise NotImplementedError\n"
    assert read_solution(exercise, folder) == strip_markers(MARKED)
    assert problems_about_the_stub(tmp_path) == []


def test_a_stub_beside_markers_is_refused(tmp_path: Path) -> None:
    problems = [problem.text for problem in problems_about_the_stub(write_marked(tmp_path, stub=True))]
    assert problems[0] == "the solution has markers, from which the stub is derived; remove the stub, or the markers"


def test_an_exercise_with_neither_stub_nor_markers_is_told_both_ways_out(tmp_path: Path) -> None:
    problems = problems_about_the_stub(write_marked(tmp_path, strip_markers(MARKED)))
    assert [problem.text for problem in problems] == [
        "stub.py is missing beside this file; create e01_add/stub.py, or write it here under `stub:`, or mark what the "
        "learner writes in the solution (`# solution: begin`, `# solution: end`)"
    ]


def test_lint_refuses_a_stub_that_gives_the_solutions_helper_away(tmp_path: Path) -> None:
    solution = MARKED.replace("\n\ndef add", "\n\ndef plus(a, b):\n    return a + b\n\n\ndef add").replace(
        "return a + b\n    #", "return plus(a, b)\n    #"
    )
    (problem,) = problems_about_the_stub(write_marked(tmp_path, solution))
    assert (problem.path, problem.line) == (f"{ADD.rpartition('/')[0]}/solution.py", 4)
    assert problem.text == (
        "only the solution needs `plus`, which gives its way away; put it between the markers as well"
    )


def test_a_problem_of_a_derived_stub_points_into_the_solution(tmp_path: Path) -> None:
    solution = MARKED.replace("a: float, b: float", "a, b: float")
    (problem,) = problems_about_the_stub(write_marked(tmp_path, solution))
    assert (problem.path, problem.line) == (f"{ADD.rpartition('/')[0]}/solution.py", 4)
    assert problem.text == "`add` has no annotation for a; add the types"
