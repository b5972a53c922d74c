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
from tests.conftest import REPOSITORY, Study
from tests.test_lint import GOOD
from tests.toy_course import ADD, write_toy_course

CONTENT = load_content(REPOSITORY, None)
OURS = [(name, formula) for name, exercise in CONTENT.exercises.items() for formula in exercise.formulas]

#: Formulas that would leave their math, or make MathJax do more than mathematics, by what lint says of them.
HOSTILE: Mapping[str, str] = {
    "a $ b": "it holds a $; write what is between the dollar signs only",
    "x$$\n\n<script>alert(1)</script>\n\n$$": "it holds a $; write what is between the dollar signs only",
    "<script>alert(1)</script>": "it holds <, which no formula may",
    "&lt;script&gt;": "it holds &, which no formula may",
    "a\n\n# Title": "it goes on in another line; write it in one, or as another formula",
    "a\r- b": "it goes on in another line; write it in one, or as another formula",
    "a\u2028b": "it holds the character U+2028, which no formula may",
    "a\u202eb": "it holds the character U+202E, which no formula may",
    "a\x00b": "it holds the character U+0000, which no formula may",
    "a\\\u00a0b": "it holds the character U+00A0, which no formula may",
    "α": "it holds the character U+03B1, which no formula may",
    "`x`": "it holds `, which no formula may",
    "a % b": "it holds %, which no formula may",
    "#1": "it holds #, which no formula may",
    r"\href{javascript:alert(1)}{x}": r"it holds \href, which no formula may",
    r"\url{x}": r"it holds \url, which no formula may",
    r"\includegraphics{x}": r"it holds \includegraphics, which no formula may",
    r"\htmlClass{a}{b}": r"it holds \htmlClass, which no formula may",
    r"\class{a}{b}": r"it holds \class, which no formula may",
    r"\cssId{a}{b}": r"it holds \cssId, which no formula may",
    r"\style{a}{b}": r"it holds \style, which no formula may",
    r"\data{a=b}{c}": r"it holds \data, which no formula may",
    r"\unicode{x41}": r"it holds \unicode, which no formula may",
    r"\require{html}": r"it holds \require, which no formula may",
    r"\def\x{\x\x}\x": r"it holds \def, which no formula may",
    r"\newcommand{\x}{y}": r"it holds \newcommand, which no formula may",
    r"\begin{aligned}a\end{aligned}": r"it holds \begin, which no formula may",
    r"\text{a}": r"it holds \text, which no formula may",
    r"a \\ b": r"it holds \\, which no formula may",
    r"\$": r"it holds \$, which no formula may",
    r"\]": r"it holds \], which no formula may",
    r"\)": r"it holds \), which no formula may",
    "\\\nx": "it holds the character U+000A, which no formula may",
    "x\\": "it holds \\, which no formula may",
    "{a": "a { is never closed",
    "}{": "a } closes nothing",
    r"\{a}": "a } closes nothing",
    r"\frac{a}{b\}": "a { is never closed",
    "  ": "it is empty",
}


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


def test_the_terminal_shows_the_statement_without_them(study: Study, home: Path) -> None:
    add = GOOD[ADD]
    assert add is not None
    write_toy_course(home / "plain", {**GOOD})
    write_toy_course(home / "course", {**GOOD, ADD: add + "formulas: ['a_1 + b']\n"})
    plain = study("show", "e01_add", toy=False, STUDY_COURSE=str(home / "plain"))
    shown = study("show", "e01_add", toy=False, STUDY_COURSE=str(home / "course"))
    assert (shown.returncode, shown.stdout) == (0, plain.stdout)
