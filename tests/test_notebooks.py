"""A notebook is written for an exercise, and graded from what its cells define; nothing of it is run outside the sandbox."""

import ast
import contextlib
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.course import load_content
from grader.course.code import read_solution, read_stub
from grader.errors import SubmissionUnreadable
from grader.listing import Listing, Stretch
from grader.notebook.gathering import MAX_STATEMENTS, Gathered, LeftOut, gather, names_of
from grader.notebook.magics import find_cell_magic, take_out_magics
from grader.notebook.reading import MAX_CELLS, Cell, parse_notebook, read_notebook
from grader.notebook.unsaved import find_unsaved
from grader.notebook.writing import Source, split_stub, write_notebook
from grader.progress import ProgressStore
from grader.workspace import Workspace
from tests.conftest import REPOSITORY, TOY_COURSE, Study
from tests.test_grade_all import log_pass

CONTENT = load_content(REPOSITORY, None)
TOYS = load_content(TOY_COURSE, None)
RIGHT = "def double(x):\n    return x + x\n"


def gather_texts(*texts: str, wanted: frozenset[str] = frozenset(), exercise_id: str = "t01_double") -> Gathered:
    """Gather from cells that are numbered from 1."""
    cells = [Cell(f"cell {number}", textwrap.dedent(text)) for number, text in enumerate(texts, 1)]
    return gather(cells, exercise_id, wanted)


def source_of(*texts: str, **how: Any) -> str:
    """Return what is gathered, without the blank lines between the parts."""
    return "\n".join(line for line in gather_texts(*texts, **how).source.split("\n") if line)


def left_out_of(*texts: str, **how: Any) -> list[tuple[str, str]]:
    return [(one.cell, one.what) for one in gather_texts(*texts, **how).left_out]


def notebook(*cells: str | dict[str, Any], **changes: Any) -> str:
    """Write a notebook of code cells."""
    made = [
        cell
        if isinstance(cell, dict)
        else {
            "cell_type": "code",
            "execution_count": None,
            "id": f"c{n}",
            "metadata": {},
            "outputs": [],
            "source": cell,
        }
        for n, cell in enumerate(cells, 1)
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | changes)


def refusal(text: str) -> tuple[str, str | None]:
    with pytest.raises(SubmissionUnreadable) as caught:
        parse_notebook(text, "mine.ipynb")
    return caught.value.message, caught.value.hint


# Gathering


def test_functions_classes_and_the_imports_they_use_are_gathered() -> None:
    assert source_of(
        "import math, os\nimport matplotlib.pyplot as plt\nfrom torch import Tensor",
        "def f(x: Tensor):\n    return math.sqrt(x)",
        "@f\nclass A:\n    pass",
    ) == "\n".join(
        [
            "import math, os",
            "from torch import Tensor",
            "def f(x: Tensor):",
            "    return math.sqrt(x)",
            "@f",
            "class A:",
            "    pass",
        ]
    )


def test_experiments_are_left_out_by_cell() -> None:
    cells = [
        "x = 3\nprint(x)",
        "for i in range(3):\n    print(i)",
        "def f():\n    return 1\nf()",
        "'just a text'",
        "# so",
    ]
    assert source_of(*cells) == "def f():\n    return 1"
    assert left_out_of(*cells) == [(f"cell {number}", "an experiment") for number in (1, 2, 3)]


def test_constants_that_definitions_need_are_gathered_with_those_that_they_need() -> None:
    cells = ["A = 2\nB, C = A + 1, [A]\nUNUSED = 7\n", "def f(x):\n    return x * B"]
    assert source_of(*cells) == "A = 2\nB, C = A + 1, [A]\ndef f(x):\n    return x * B"
    assert left_out_of(*cells) == [("cell 1", "an experiment")]


def test_a_local_name_does_not_make_an_experiment_needed() -> None:
    """`loss` within the function is its own: the training above is not run at import."""
    assert source_of("loss = sum(range(10**9))", "def f(x):\n    loss = x\n    return [loss for loss in x]") == (
        "def f(x):\n    loss = x\n    return [loss for loss in x]"
    )


@pytest.mark.parametrize(
    "text",
    ["class A:\n    b = N", "def f(x=N): pass", "@N\ndef f(): pass", "def f(x: N): pass", "class A(N): pass",
     "class A:\n    b = [i for i in range(3) if i < N]", "def f():\n    def g():\n        return lambda: N\n    return g",
     "class A:\n    def f(self):\n        global N\n        N = 3", "def f():\n    return f'{N:>{N}}'", "async def f():\n    await N"],
)  # fmt: skip
def test_a_name_is_found_wherever_a_definition_reads_it(text: str) -> None:
    assert source_of("N = 1", text) == f"N = 1\n{text}"


def test_constants_that_build_on_one_another_are_gathered_together() -> None:
    text = "A = 'abc'\nA += '.'\nB: dict[str, int] = {c: i for i, c in enumerate(A)}\nC = lambda x: B[x]"
    assert source_of(text, "def f(x):\n    return C(x)") == f"{text}\ndef f(x):\n    return C(x)"


def test_a_constant_that_needs_an_experiment_is_left_out_with_the_reason() -> None:
    cells = ["with open('words') as file:\n    words = file.read()\nN = len(words)", "def f():\n    return N"]
    assert source_of(*cells) == "def f():\n    return N"
    assert left_out_of(*cells) == [
        ("cell 1", "an experiment"),
        ("cell 1", "`N = ...`: it needs `words`, which is not defined above by what is graded"),
    ]


def test_a_constant_that_the_exercise_asks_for_is_gathered() -> None:
    assert (
        source_of("ROWS = 1000", "double = lambda x: 2 * x", wanted=frozenset({"double"})) == "double = lambda x: 2 * x"
    )


def test_the_result_of_an_experiment_does_not_replace_a_function() -> None:
    cells = ["def loss(x):\n    return x", "loss = loss(3)", "def g():\n    return loss(1)"]
    assert source_of(*cells) == "def loss(x):\n    return x\ndef g():\n    return loss(1)"
    assert left_out_of(*cells) == [("cell 2", "`loss = ...`: it would replace your `loss`")]


def test_the_later_definition_counts_and_the_earlier_one_is_gone() -> None:
    assert source_of("def f():\n    return 1", "def g():\n    return f()", "def f():\n    return 2") == (
        "def g():\n    return f()\ndef f():\n    return 2"
    )


@pytest.mark.parametrize(
    "between",
    ["class B(A):\n    pass", "class A(A):\n    y = 2", "N = A.x\ndef g():\n    return N", "@A\ndef h(): pass"],
)
def test_an_earlier_definition_stays_where_something_is_made_of_it(between: str) -> None:
    cells = ["class A:\n    x = 1", between, "class A:\n    z = 3"]
    assert "x = 1" in source_of(*cells)


def test_a_method_that_is_added_to_a_class_later_is_gathered() -> None:
    cells = ["class Value:\n    pass", "def add(a, b):\n    return 1\nValue.__add__ = add\nx = Value()\nx.data = 3"]
    assert source_of(*cells).endswith("Value.__add__ = add")
    assert left_out_of(*cells) == [("cell 2", "an experiment")]


def test_imports_of_the_future_stand_first() -> None:
    gathered = gather_texts("import os\ndef f(): return os", "from __future__ import annotations")
    assert gathered.source.split("\n")[0] == "from __future__ import annotations"
    assert gathered.stretches[0] == Stretch(1, "cell 2", 1)
    compile(gathered.source, "gathered", "exec")


def test_an_import_with_a_way_out_is_one() -> None:
    text = "try:\n    import numpy as np\nexcept ImportError:\n    np = None"
    assert source_of(text, "def f():\n    return np") == f"{text}\ndef f():\n    return np"


def test_after_an_import_of_all_names_any_name_may_be_from_there() -> None:
    assert source_of("from math import *\nR = pi * tau", "def f():\n    return R").startswith("from math import *\nR =")


def test_magics_shell_lines_and_questions_are_left_out_by_their_names() -> None:
    cells = [
        "%matplotlib inline\n!pip install torch \\\n   --quiet\nfiles = !ls\nt = %timeit -o f()\ndef f(): return 1\nf?\n?f\nf??",
        "%%time\ndef g(): return 1",
        "%%bash\necho (",
        "%load_ext grader\n%study grade t01_double",
    ]
    assert source_of(*cells) == "def f(): return 1"
    assert left_out_of(*cells) == [
        ("cell 1", "%matplotlib"),
        ("cell 1", "!pip"),
        ("cell 1", "!ls"),
        ("cell 1", "%timeit"),
        ("cell 1", "f?"),
        ("cell 1", "?f"),
        ("cell 1", "f??"),
        ("cell 2", "%%time"),
        ("cell 3", "%%bash"),
    ]


def test_a_percent_sign_within_brackets_or_a_text_is_python() -> None:
    text = 'def f(a, b):\n    c = (a\n% b)\n    return """\n%time\n!ls\n""", c'
    assert source_of(f"%time\n{text}") == text


def test_a_magic_within_a_function_becomes_pass_and_is_named() -> None:
    assert (
        source_of("def f(x):\n    if x:\n        %time\n    return x")
        == "def f(x):\n    if x:\n        pass\n    return x"
    )


def test_a_cell_that_is_tagged_scratch_is_left_out_as_a_whole() -> None:
    cells = [Cell("cell 1", "def f(): pass\n%time", scratch=True), Cell("cell 2", "# nothing yet", scratch=True)]
    assert gather(cells, "t01_double") == Gathered("", (), (LeftOut("cell 1", "scratch"),))


def test_a_study_cell_is_gathered_by_its_body_and_only_for_its_exercise() -> None:
    cells = ["%%study t01 --seed 3\ndef f():\n    return 1", "%%study e02\ndef g():\n    return 2"]
    gathered = gather_texts(*cells)
    assert gathered == Gathered(
        "def f():\n    return 1\n", (Stretch(1, "cell 1", 2),), (LeftOut("cell 2", "%%study e02"),)
    )


def test_statements_on_one_line_are_told_apart() -> None:
    assert source_of("A = 'ä'; print(A); B = 2", "def f(): return A, B") == "A = 'ä'\nB = 2\ndef f(): return A, B"


def test_a_cell_that_is_no_python_ends_what_is_gathered() -> None:
    gathered = gather_texts("def f():\n    return 1", "x = 1\ndef g(:\n    pass", "def h(): pass")
    assert gathered.source == "def f():\n    return 1\n\n\nx = 1\ndef g(:\n    pass\n"
    assert gathered.stretches == (Stretch(1, "cell 1", 1), Stretch(5, "cell 2", 1))


def test_every_gathered_line_is_named_by_its_cell() -> None:
    texts = ["import os\n\n\ndef f():\n    return os", "print(1)\n\n\n@f\ndef g():\n    return 1"]
    gathered = gather_texts(*texts)
    listing = Listing("mine.ipynb", gathered.source, gathered.stretches)
    lines = gathered.source.split("\n")
    assert listing.place(lines.index("    return os") + 1, 5) == "mine.ipynb cell 1 line 5 column 5"
    assert listing.place(lines.index("@f") + 1) == "mine.ipynb cell 2 line 4"
    assert listing.quote(lines.index("@f") + 1) == ["          4 | @f"]


def test_a_plain_file_is_named_by_line_and_column() -> None:
    listing = Listing("study/e01.py", "a\nb\r\nc")
    assert (listing.place(2), listing.place(3, 4), listing.quote(2)) == (
        "study/e01.py:2",
        "study/e01.py:3:4",
        ["          2 | b"],
    )
    assert (listing.quote(None), listing.quote(0), listing.quote(4)) == ([], [], [])
    assert listing.rename_in_error("not closed on line 2") == "not closed on line 2"


def test_lines_that_python_names_itself_are_those_of_the_cell() -> None:
    listing = Listing("study/e01.ipynb", "a\nb\nc\n", (Stretch(1, "cell 2", 7), Stretch(3, "cell 4", 2)))
    assert listing.rename_in_error("'(' was opened on line 3") == "'(' was opened in cell 4 line 2"
    assert listing.rename_in_traceback('File "e01.ipynb", line 2, in f\nFile "x.py", line 2') == (
        'study/e01.ipynb cell 2 line 8, in f\nFile "x.py", line 2'
    )


def test_far_too_many_statements_are_refused() -> None:
    with pytest.raises(SubmissionUnreadable, match=r"hold more than 3,000 statements \(up to cell 1\)"):
        gather_texts("x = 1\n" * (MAX_STATEMENTS + 1))


@pytest.mark.parametrize(
    "text",
    [
        "-" * 100_000 + "1",
        "(" * 5000,
        "a" + ".b" * 200_000,
        "x = " + "[" * 150 + "]" * 150,
        "f" + "(1)" * 90_000,
        "def f(a, a): pass",
    ],
    ids=["unary", "brackets", "attributes", "lists", "calls", "arguments"],
)
def test_code_that_is_too_deep_for_a_parser_is_left_for_the_grade_to_explain(text: str) -> None:
    assert isinstance(gather_texts(text, "def g(): pass"), Gathered)


_SNIPPETS = st.sampled_from(
    ["def f(x):\n    return x % N", "N = 3", "%time", "!ls", "class A:\n    b = N", "x = f(N)", "f?", "A.c = 3", "N += 1",
     "'''\n%time\n'''", "import os as N", "for i in N: pass", "def g(:", "\tx", "x = !ls", "@A\ndef f(): pass", "é = N; y = é",
     "(\n% 3", "%%time", "try:\n    import a\nexcept E:\n    a = 1", "\\", "async def h():\n    await f()", "await f()"]
)  # fmt: skip


@given(st.lists(st.lists(_SNIPPETS, max_size=4).map("\n".join), max_size=5))
@settings(max_examples=150, deadline=None)
def test_whatever_stands_in_cells_each_gathered_line_is_a_line_of_its_cell(texts: list[str]) -> None:
    cells = {f"cell {number}": text for number, text in enumerate(texts, 1)}
    gathered = gather([Cell(name, text) for name, text in cells.items()], "t01_double", frozenset({"f"}))
    listing = Listing("", gathered.source, gathered.stretches)
    for number, line in enumerate(gathered.source.split("\n"), 1):
        if line.strip() and line.strip() != "pass":
            cell, row = listing.place(number).rsplit(" line ", 1)
            assert line in cells[cell].split("\n")[int(row) - 1]


@given(st.lists(_SNIPPETS, max_size=5).map("\n".join))
@settings(max_examples=150, deadline=None)
def test_taking_out_magics_moves_no_line(text: str) -> None:
    taken, magics = take_out_magics(text)
    assert taken.count("\n") == text.count("\n")
    for magic in magics:
        assert taken.split("\n")[magic.row - 1].strip() in ("", "pass")


def test_a_cell_magic_is_found_below_blank_lines() -> None:
    assert find_cell_magic("\n\n%%study t01 --seed 3\nx") == ("study", "t01 --seed 3", 3)
    assert find_cell_magic("x\n%%time") is None


def test_what_was_run_and_not_saved_is_found() -> None:
    history = ["def f():\n    return 1", "%study grade t01", "def f():\n    return 2\ndef g(): pass", "def broken(:"]
    saved = "def f():\n    return 1\n\n\ndef g():  # the same\n    pass\n"
    assert find_unsaved(history, saved, "t01_double") == ["f"]
    assert find_unsaved([*history, saved], saved, "t01_double") == []


# Reading


def test_code_cells_are_numbered_among_all_cells() -> None:
    words = {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "# Hi"}
    tagged = {"cell_type": "code", "metadata": {"tags": ["scratch", 3]}, "source": ["a = 1\r\n", "b = 2"]}
    assert parse_notebook(notebook(words, "x = 1", words, tagged), "mine.ipynb") == (
        Cell("cell 2", "x = 1"),
        Cell("cell 4", "a = 1\nb = 2", scratch=True),
    )


def test_a_number_that_is_none_may_stand_in_an_output() -> None:
    """Jupyter writes NaN there, although JSON has no such thing."""
    cell = {"cell_type": "code", "metadata": {}, "source": "x", "outputs": [{"data": float("nan")}]}
    assert parse_notebook(notebook(cell), "mine.ipynb") == (Cell("cell 1", "x"),)


RESTORE = "open it in Jupyter and save it again, or begin anew: study start ID --notebook --force"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "mine.ipynb is not a notebook: it is empty"),
        ("def f(): pass", "mine.ipynb:1:1: not a notebook, for it is not JSON: Expecting value"),
        ('{"cells": [}', "mine.ipynb:1:12: not a notebook, for it is not JSON: Expecting value"),
        ("[1]", "mine.ipynb is not a notebook: it holds a list, where an object with `cells` belongs"),
        ('{"cells": []}', "mine.ipynb is not a notebook: it does not say its `nbformat`"),
        ('{"nbformat": NaN}', "mine.ipynb is not a notebook: its `nbformat` is a number that is not whole, not 4"),
        ('{"nbformat": true}', "mine.ipynb is not a notebook: its `nbformat` is true or false, not 4"),
        ('{"nbformat": 4}', "mine.ipynb is not a notebook: its `cells` is missing, not a list"),
        ('{"nbformat": 4, "cells": {}}', "mine.ipynb is not a notebook: its `cells` is an object, not a list"),
        ('{"nbformat": 4, "cells": [1]}', "mine.ipynb is not a notebook: cell 1 is a number, not an object"),
        (
            '{"nbformat": 4, "cells": [{"cell_type": "code", "source": [1]}]}',
            "mine.ipynb is not a notebook: the `source` of cell 1 is neither text nor a list of texts",
        ),
        (
            '{"nbformat": 4, "cells": [], "cells": []}',
            "mine.ipynb is not a notebook: the key `cells` stands twice in one object",
        ),
        ("[" * 100_000, "mine.ipynb is not a notebook: its JSON is nested too deeply"),
        ('{"nbformat": ' + "9" * 5000 + "}", "mine.ipynb is not a notebook: it holds a number that is far too long"),
    ],
    ids=range(14),
)  # fmt: skip
def test_what_is_no_notebook_is_named(text: str, message: str) -> None:
    assert refusal(text) == (message, RESTORE)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (notebook("x = 1\ny = '\0'"), "mine.ipynb cell 1 line 2: a NUL character", "delete it, then save the notebook"),
        (
            notebook("x = '\ud800'"),
            "mine.ipynb cell 1 line 1: half a character (a lone surrogate)",
            "delete it, then save the notebook",
        ),
        (
            notebook({"cell_type": "markdown", "source": "def f(): pass"}),
            "mine.ipynb has no code cell",
            "write your functions into code cells, not into Markdown",
        ),
        (
            notebook("f <- 1", metadata={"kernelspec": {"name": "ir", "language": "R"}}),
            "mine.ipynb is a notebook of the language R; exercises are solved in Python",
            "choose a Python kernel (Jupyter: Kernel, Change Kernel), then save it",
        ),
        (
            notebook(nbformat=5),
            "mine.ipynb is a notebook of format 5; study reads format 4",
            "save it as nbformat 4, or grade a Python file: --submission FILE.py",
        ),
        (
            notebook(*["x"] * (MAX_CELLS + 1)),
            "mine.ipynb has 2,001 cells; at most 2,000 are looked at",
            "move what is not needed for this exercise into another notebook",
        ),
        (
            notebook("#" * 600_000, "#" * 600_000),
            "the code cells of mine.ipynb hold 1,200,000 characters; at most 1,048,576 are read",
            "keep data and weights out of it; an exercise is a few hundred lines",
        ),
    ],
    ids=["nul", "surrogate", "no code", "language", "format 5", "cells", "code"],
)
def test_a_notebook_that_cannot_be_graded_is_refused_with_the_next_step(text: str, message: str, hint: str) -> None:
    assert refusal(text) == (message, hint)


def test_an_old_notebook_is_converted_by_the_command_that_is_named(tmp_path: Path) -> None:
    """The command is run as it is shown, and what it writes can be read."""
    old = nbformat.v3.new_notebook(worksheets=[nbformat.v3.new_worksheet(cells=[nbformat.v3.new_code_cell("x = 1")])])
    path = tmp_path / "mine.ipynb"
    path.write_text(json.dumps(old))
    with pytest.raises(SubmissionUnreadable, match="of the old format 3; format 4 is read") as caught:
        read_notebook(path)
    assert caught.value.hint is not None
    command, _, promise = caught.value.hint.partition("   ")
    assert promise == "writes it anew as mine-4.ipynb"
    python = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(command, shell=True, check=True, env=os.environ | {"PATH": python}, capture_output=True)
    assert read_notebook(tmp_path / "mine-4.ipynb") == (Cell("cell 1", "x = 1"),)


def test_a_huge_notebook_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "mine.ipynb"
    with path.open("wb") as file:
        file.truncate(50 * 2**20)
    with pytest.raises(SubmissionUnreadable) as caught:
        read_notebook(path)
    assert (caught.value.message, caught.value.hint) == (
        f"{path} is larger than 20 MiB (52428800 bytes)",
        "clear its outputs (Jupyter: Edit, Clear Outputs of All Cells), then save it",
    )


def test_a_link_to_a_notebook_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real.ipynb").write_text(notebook("x"))
    (tmp_path / "mine.ipynb").symlink_to("real.ipynb")
    with pytest.raises(SubmissionUnreadable, match="is a symbolic link, and links are not followed"):
        read_notebook(tmp_path / "mine.ipynb")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["code", "markdown", "x = 1", "scratch"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["cells", "cell_type", "source", "metadata", "tags", "language_info"]), inner)
    ),
    max_leaves=12,
)


@given(_JSON, _JSON)
@settings(max_examples=200, deadline=None)
def test_any_json_is_read_or_refused(cells: Any, metadata: Any) -> None:
    for found in (cells, {"nbformat": 4, "cells": cells, "metadata": metadata}, {"nbformat": 4, "cells": [cells]}):
        with contextlib.suppress(SubmissionUnreadable):  # anything else fails
            assert parse_notebook(json.dumps(found), "mine.ipynb")


# Writing

SOURCES = [Source("On [doubling] <b>", "https://example.org/a_(b)"), Source("a talk", None)]


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


# The workspace


def test_of_a_file_and_a_notebook_the_one_saved_last_counts(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, "made for a test")
    plain, book = tmp_path / "e01.py", tmp_path / "e01.ipynb"
    assert (workspace.submission_path("e01"), workspace.find_submissions("e01")) == (plain, [])
    book.write_text("{}")
    assert workspace.submission_path("e01") == book
    plain.write_text("")
    os.utime(plain, (5, 5))
    os.utime(book, (6, 6))
    assert workspace.find_submissions("e01") == [book, plain]
    os.utime(plain, (6, 6))
    assert workspace.find_submissions("e01") == [plain, book]


# The commands


def write_book(home: Path, *cells: str | dict[str, Any], name: str = "t01_double.ipynb") -> Path:
    path = home / "study" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(notebook(*cells))
    return path


def test_start_writes_a_notebook_and_keeps_the_one_that_is_there(study: Study, home: Path) -> None:
    first = study("start", "t01", "--notebook")
    assert first.stdout.startswith("wrote  study/t01_double.ipynb\n")
    path = home / "study/t01_double.ipynb"
    assert len(read_notebook(path)) == 4
    path.write_text("mine")
    again = study("start", "t01")
    assert again.stdout.startswith("kept   study/t01_double.ipynb  (it was there already)\n")
    assert "study start t01_double --notebook --force" in again.stdout
    assert path.read_text() == "mine"
    forced = json.loads(study("start", "t01", "--notebook", "--force", "--json").stdout)
    assert Path(forced["backup"]).read_text() == "mine"
    assert len(read_notebook(path)) == 4


def test_reset_puts_the_notebook_back(study: Study, home: Path) -> None:
    study("start", "t01", "--notebook")
    path = home / "study/t01_double.ipynb"
    stub = path.read_text()
    path.write_text("mine")
    done = json.loads(study("reset", "t01", "--json").stdout)
    assert (path.read_text(), Path(done["backup"]).read_text()) == (stub, "mine")
    assert not (home / "study/t01_double.py").exists()


def test_a_notebook_is_graded_and_what_is_left_out_is_told(study: Study, home: Path) -> None:
    path = write_book(home, "%matplotlib inline\nimport torch", RIGHT, "print(double(torch.ones(2)))")
    done = study("grade", "t01")
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        0,
        "study/t01_double.ipynb: left out: cell 1 (%matplotlib), cell 3 (an experiment)",
    )
    with ProgressStore.open(home / "study/.study/study.db") as store:
        attempt = store.load_attempts("t01_double")[0]
        assert (store.load_submission(attempt.attempt_id), attempt.submission_path) == (RIGHT, str(path))


def test_errors_point_to_cell_and_line(study: Study, home: Path) -> None:
    write_book(home, "import torch", "\n\ndef double(x):\n    return x.nope()", name="other.ipynb")
    done = study("grade", "t01", "--submission", "study/other.ipynb")
    assert (
        "      at        study/other.ipynb cell 2 line 4 in double\n                4 | return x.nope()\n"
        in done.stdout
    )
    write_book(home, "import torch", RIGHT, "x = 1\nif x:\ny = 2")
    broken = study("grade", "t01")
    assert (
        "SyntaxError: expected an indented block after 'if' statement in cell 3 line 2 (study/t01_double.ipynb cell 3 line 3"
        in broken.stdout.replace("IndentationError", "SyntaxError")
    )
    write_book(home, "import torch", "def double(x):\n    y = x\n    return y.mul_(2)")
    assert "(study/t01_double.ipynb cell 2 line 3 column 12)" in study("grade", "t01").stdout


def test_of_two_files_the_one_whose_path_is_typed_is_graded(study: Study, home: Path) -> None:
    """Although the other was saved after it."""
    study("start", "t01")
    study("start", "t01", "--notebook")
    plain, notebook = home / "study/t01_double.py", home / "study/t01_double.ipynb"
    plain.write_text("def double(x):\n    return 2 * x\n")
    os.utime(plain, (1, 1))
    assert study("grade", "study/t01_double.py").returncode == 0
    os.utime(plain)
    os.utime(notebook, (1, 1))
    graded = study("grade", "study/t01_double.ipynb")
    assert graded.returncode == 1
    assert "t01_double.ipynb cell 3 line" in graded.stdout


def test_of_two_files_the_one_graded_is_named_with_the_way_to_the_other(study: Study, home: Path) -> None:
    path = write_book(home, "%time", "def double(x):\n    return x")
    plain = home / "study/t01_double.py"
    plain.write_text(RIGHT)
    os.utime(path, (5, 5))
    done = study("grade", "t01")
    assert done.returncode == 0
    assert done.stderr.splitlines()[0] == (
        "study/t01_double.py is graded: it was saved after t01_double.ipynb"
        "   (the other: study grade t01_double --submission study/t01_double.ipynb)"
    )
    other = study("grade", "t01_double", "--submission", "study/t01_double.ipynb")
    assert other.returncode == 1
    os.utime(plain, (4, 4))
    assert study("grade", "t01").returncode == 1


def test_grading_all_takes_notebooks(study: Study, home: Path) -> None:
    log_pass(home, "t01_double", None)
    write_book(home, "import torch", RIGHT)
    done = study("grade", "--all")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "  ✓ t01_double  still solved")
    write_book(home, "import torch")
    (home / "study/t01_double.ipynb").write_text("[]")
    done = study("grade", "--all", "--json")
    assert (done.returncode, json.loads(done.stdout)["exercises"][0]["state"]) == (1, "not_gradable")


def test_a_notebook_is_watched(study: Study, home: Path) -> None:
    study("start", "t01", "--notebook")
    write_book(home, "import torch", RIGHT, "%time")
    done = study("watch", "t01")
    assert done.returncode == 0
    assert "watching study/t01_double.ipynb: every save is graded" in done.stderr
    assert "study/t01_double.ipynb: left out: cell 3 (%time)" in done.stderr


def test_a_broken_notebook_is_told_and_counts_as_no_attempt(study: Study, home: Path) -> None:
    (home / "study/.study").mkdir(parents=True)
    (home / "study/t01_double.ipynb").write_text("{")
    done = study("grade", "t01")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"study: {home}/study/t01_double.ipynb:1:2: not a notebook, for it is not JSON: ")
    assert done.stderr.endswith(f"next: {RESTORE}\n")
    assert json.loads(study("progress", "--json").stdout)["attempts"] == 0


def test_show_names_the_notebook(study: Study, home: Path) -> None:
    write_book(home, "x")
    assert study("show", "t01").stdout.splitlines()[-1] == "Your file  study/t01_double.ipynb"
