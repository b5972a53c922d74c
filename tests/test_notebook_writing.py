"""A notebook that is written for an exercise is valid, always the same, and says what the stub says."""

import ast
import json
from collections.abc import Sequence

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.course import load_content
from grader.course.code import read_solution, read_stub
from grader.notebook.bounded import gather
from grader.notebook.gathering import names_of
from grader.notebook.reading import Cell, parse_notebook
from grader.notebook.writing import Link, split_stub, write_notebook
from tests.conftest import REPOSITORY, TOY_COURSE
from tests.test_formulas import HOSTILE

CONTENT = load_content(REPOSITORY, None)
TOYS = load_content(TOY_COURSE, None)
SOURCES = [Link("On [doubling] <b>", "https://example.org/a_(b)"), Link("a talk", None)]


@pytest.mark.parametrize("name", [*CONTENT.exercises])
def test_a_notebook_of_every_exercise_is_valid_and_says_what_its_stub_says(name: str) -> None:
    exercise = CONTENT.exercises[name]
    folder = CONTENT.folder(name)
    stub, solution = read_stub(exercise, folder), read_solution(exercise, folder)
    text = write_notebook(exercise, stub, SOURCES)
    assert text == write_notebook(exercise, stub, SOURCES)
    nbformat.validate(json.loads(text))
    wanted = names_of(stub)
    gathered = gather(parse_notebook(text, name), name, wanted)
    assert ast.dump(ast.parse(gathered.source)) == ast.dump(_without_texts(stub, wanted))
    assert gathered.left_out == ()
    # The solution in cells is the solution.
    cells = [Cell(f"cell {n}", part) for n, part in enumerate(split_stub(solution), 1)]
    kept = {
        node.name
        for node in ast.parse(gather(cells, name, wanted).source).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    assert kept == {node.name for node in ast.parse(solution).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _without_texts(stub: str, wanted: frozenset[str]) -> ast.Module:
    tree = ast.parse(stub)
    tree.body = [node for node in tree.body if not isinstance(node, ast.Expr)]
    return tree


def test_a_notebook_holds_statement_stub_scratch_and_grade() -> None:
    exercise = TOYS.exercises["t01_double"]
    made = json.loads(write_notebook(exercise, read_stub(exercise, TOYS.folder(exercise.id)), SOURCES))
    cells = [(cell["cell_type"], cell["id"], cell["metadata"]) for cell in made["cells"]]
    assert cells == [
        ("markdown", "statement", {}),
        ("code", "stub-1", {}),
        ("code", "stub-2", {}),
        ("code", "scratch", {"tags": ["scratch"]}),
        ("code", "grade", {}),
    ]
    texts = ["".join(cell["source"]) for cell in made["cells"]]
    assert texts[0] == (
        "# Double a tensor\n\nWrite `double`. Source: the toy lecture.\n\n**To read**\n\n"
        "- [On \\[doubling\\] &lt;b>](<https://example.org/a_(b)>)\n- a talk\n\n"
        "About 5 minutes, difficulty 1 of 5. Fill in the cells below, save the notebook, then run the last cell. "
        "Stuck: `%study hint t01_double`"
    )
    assert texts[1] == '"""Double a tensor."""\n\nfrom torch import Tensor'
    assert texts[4] == "%load_ext grader\n%study grade t01_double"
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)


def test_formulas_and_code_of_a_statement_stay_as_they_are() -> None:
    import msgspec

    exercise = msgspec.structs.replace(
        TOYS.exercises["t01_double"], statement="Write $x_1 \\cdot 2$, not `<E>` or <E>.\n"
    )
    first = json.loads(write_notebook(exercise, "x = 1\n", []))["cells"][0]
    assert "Write $x_1 \\cdot 2$, not `<E>` or &lt;E>.\n" in first["source"]


FORMULAS = (r"\frac{a}{b}", " x_1^2 ")


def state_with(formulas: tuple[str, ...]) -> str:
    import msgspec

    exercise = msgspec.structs.replace(TOYS.exercises["t01_double"], formulas=formulas)
    return "".join(json.loads(write_notebook(exercise, "x = 1\n", SOURCES))["cells"][0]["source"])


def test_formulas_stand_under_the_statement_and_before_what_to_read() -> None:
    shown = state_with(FORMULAS)
    assert "Source: the toy lecture.\n\n$$\\frac{a}{b}$$\n\n$$x_1^2$$\n\n**To read**\n\n" in shown


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_formula_that_could_be_more_than_mathematics_is_not_repeated(hostile: str) -> None:
    note = "*A formula that should be here cannot be shown; `study lint` says why.*"
    assert state_with((hostile, "x")) == state_with(("x",)).replace("$$x$$", f"{note}\n\n$$x$$")


@given(
    st.lists(st.sampled_from(["# c", "import os", "def f():\n    pass", "@f\nclass A:\n    x = 1", "N = 1", "", "'t'"]))
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_stub_in_cells_loses_nothing(parts: Sequence[str]) -> None:
    stub = "\n".join(parts) + "\n"
    cells = split_stub(stub)
    assert [line for cell in cells for line in cell.split("\n") if line] == [line for line in stub.split("\n") if line]
    for cell in cells:
        body = ast.parse(cell).body
        assert len(body) == 1 or not any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in body)
