"""A formula is mathematics and nothing else, and those of the course are read by one that renders them."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.mathtext import MathTextParser

from grader.course import formulas, load_content
from grader.course.formulas import find_fault
from grader.course.lint import lint
from tests.support.hostile_formulas import HOSTILE
from tests.support.linted_course import GOOD
from tests.support.study import REPOSITORY
from tests.support.toy_course import ADD, write_toy_course

CONTENT = load_content(REPOSITORY, None)
OURS = [(name, formula) for name, exercise in CONTENT.exercises.items() for formula in exercise.formulas]


@pytest.mark.parametrize("formula", HOSTILE)
def test_what_could_be_more_than_mathematics_is_refused_by_name(formula: str) -> None:
    assert find_fault(formula) == HOSTILE[formula]


@pytest.mark.parametrize("formula", [r"\frac{f(x + h) - f(x)}{h}", r"\left\{a\right\} \, |x|_1'", "a = [b; c]!"])
def test_mathematics_is_allowed(formula: str) -> None:
    assert find_fault(formula) is None


PARTS = ["\\", "\\]", "{", "}", "a", "]", ")", "$", "<", "&", "\n", "\\frac", "\\href", "\\,", "%"]


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=2), max_size=5).map("".join))
def test_what_is_allowed_can_neither_end_its_math_nor_hold_html(text: str) -> None:
    if find_fault(text) is None:
        assert text.isascii()
        assert text.isprintable()
        assert not set(text) & set('$<>&`%#~@"')
        assert r"\]" not in text.replace(r"\\", "")


def render(formula: str) -> tuple[float, float]:
    """Let matplotlib's mathtext lay a formula out, and return its width and height."""
    width, height, *_ = MathTextParser("path").parse(f"${formula}$")
    return width, height


@pytest.mark.parametrize("command", sorted(formulas.ALONE | formulas.TAKING.keys()))
def test_mathtext_knows_every_command_that_is_allowed(command: str) -> None:
    formula = f"a \\{command}" + "{b}" * formulas.TAKING.get(command, 0) + " c"
    assert find_fault(formula) is None
    assert min(render(formula)) > 0


def test_most_exercises_have_formulas() -> None:
    assert len({name for name, _ in OURS}) >= 35


@pytest.mark.parametrize(("name", "formula"), OURS)
def test_a_formula_of_the_course_is_allowed_and_is_laid_out(name: str, formula: str) -> None:
    assert find_fault(formula) is None
    assert min(render(formula)) > 0


# What lint says, and what is shown elsewhere


def lint_formulas(tmp_path: Path, formulas: str) -> list[str]:
    changes: Mapping[str, str | None] = {**GOOD, ADD: f"{GOOD[ADD]}formulas:{formulas}\n"}
    (report,) = lint(write_toy_course(tmp_path, changes))
    return [problem.text for problem in report.problems]


@pytest.mark.parametrize(
    ("formulas", "problems"),
    [
        (r" ['\frac{a}{b}', 'x']", []),
        (
            r" ['\href{a}{b}', '$x$', 'y', '{']",
            [
                r"the formula cannot be shown: it holds \href, which no formula may",
                "the formula cannot be shown: it holds a $; write what is between the dollar signs only",
                "the formula cannot be shown: a { is never closed",
            ],
        ),
        ('\n- "a\\n\\n<b>"', ["the formula cannot be shown: it goes on in another line; write it in one, or as another formula"]),
        (" ['']", ["an item of `formulas` is empty; write some text"]),
        (f" ['{'x' * 300}']", []),
        (f" ['{'x' * 301}']", ["an item of `formulas` has 301 characters; write at most 300"]),
        (" [a, b, c, d, e, f]", []),
        (" [a, b, c, d, e, f, g]", ["`formulas` has 7 items; write at most 6"]),
    ],
)  # fmt: skip
def test_lint_refuses_what_cannot_be_shown(tmp_path: Path, formulas: str, problems: list[str]) -> None:
    assert lint_formulas(tmp_path, formulas) == problems
