"""What a notebook's cells define is gathered from their syntax trees; the rest is left out, and named."""

import sys
import textwrap
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.core.errors import SubmissionUnreadable
from grader.core.source_map import SourceMap, Span
from grader.notebook import bounded
from grader.notebook.bounded import MAX_READ_HERE, gather
from grader.notebook.gathering import MAX_STATEMENTS, Gathered, UngradedCode, gather_here
from grader.notebook.ipython_lines import find_cell_magic, take_out_magics
from grader.notebook.reading import Cell
from grader.notebook.unsaved import find_unsaved


def gather_texts(*texts: str, wanted: frozenset[str] = frozenset(), exercise_id: str = "t01_double") -> Gathered:
    """Gather from cells that are numbered from 1."""
    cells = [Cell(f"cell {number}", textwrap.dedent(text)) for number, text in enumerate(texts, 1)]
    return gather(cells, exercise_id, wanted)


def source_of(*texts: str, **how: Any) -> str:
    """Return what is gathered, without the blank lines between the parts."""
    return "\n".join(line for line in gather_texts(*texts, **how).source.split("\n") if line)


def left_out_of(*texts: str, **how: Any) -> list[tuple[str, str]]:
    return [(one.cell, one.what) for one in gather_texts(*texts, **how).left_out]


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
    assert gathered.spans[0] == Span(1, "cell 2", 1)
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
    assert gather(cells, "t01_double") == Gathered("", (), (UngradedCode("cell 1", "scratch"),))


def test_a_study_cell_is_gathered_by_its_body_and_only_for_its_exercise() -> None:
    cells = ["%%study t01 --seed 3\ndef f():\n    return 1", "%%study e02\ndef g():\n    return 2"]
    gathered = gather_texts(*cells)
    assert gathered == Gathered(
        "def f():\n    return 1\n", (Span(1, "cell 1", 2),), (UngradedCode("cell 2", "%%study e02"),)
    )


def test_statements_on_one_line_are_told_apart() -> None:
    assert source_of("A = 'ä'; print(A); B = 2", "def f(): return A, B") == "A = 'ä'\nB = 2\ndef f(): return A, B"


def test_a_cell_that_is_no_python_ends_what_is_gathered() -> None:
    gathered = gather_texts("def f():\n    return 1", "x = 1\ndef g(:\n    pass", "def h(): pass")
    assert gathered.source == "def f():\n    return 1\n\n\nx = 1\ndef g(:\n    pass\n"
    assert gathered.spans == (Span(1, "cell 1", 1), Span(5, "cell 2", 1))


def test_every_gathered_line_is_named_by_its_cell() -> None:
    texts = ["import os\n\n\ndef f():\n    return os", "print(1)\n\n\n@f\ndef g():\n    return 1"]
    gathered = gather_texts(*texts)
    source_map = SourceMap("mine.ipynb", gathered.source, gathered.spans)
    lines = gathered.source.split("\n")
    assert source_map.place(lines.index("    return os") + 1, 5) == "mine.ipynb cell 1 line 5 column 5"
    assert source_map.place(lines.index("@f") + 1) == "mine.ipynb cell 2 line 4"
    assert source_map.quote(lines.index("@f") + 1) == ["          4 | @f"]


def test_a_plain_file_is_named_by_line_and_column() -> None:
    source_map = SourceMap("study/e01.py", "a\nb\r\nc")
    assert (source_map.place(2), source_map.place(3, 4), source_map.quote(2)) == (
        "study/e01.py:2",
        "study/e01.py:3:4",
        ["          2 | b"],
    )
    assert (source_map.quote(None), source_map.quote(0), source_map.quote(4)) == ([], [], [])
    assert source_map.rename_in_error("not closed on line 2") == "not closed on line 2"


def test_lines_that_python_names_itself_are_those_of_the_cell() -> None:
    source_map = SourceMap("study/e01.ipynb", "a\nb\nc\n", (Span(1, "cell 2", 7), Span(3, "cell 4", 2)))
    assert source_map.rename_in_error("'(' was opened on line 3") == "'(' was opened in cell 4 line 2"
    assert source_map.rename_in_traceback('File "e01.ipynb", line 2, in f\nFile "x.py", line 2') == (
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
    source_map = SourceMap("", gathered.source, gathered.spans)
    for number, line in enumerate(gathered.source.split("\n"), 1):
        if line.strip() and line.strip() != "pass":
            cell, row = source_map.place(number).rsplit(" line ", 1)
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


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="since 3.12 the parser takes f-strings apart in one go")
def test_a_cell_that_takes_python_for_ever_to_parse_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "PROCESSOR_S", 1)
    endless = "x = f'" + "{a}b" * 60_000 + "'\n"
    with pytest.raises(SubmissionUnreadable) as refused:
        gather([Cell("cell 1", "def f(x):\n    return x\n"), Cell("cell 2", endless)], "e1")
    assert refused.value.message == (
        "Python takes too long to parse the code cells; the longest is cell 2, with 240,008 characters"
    )
    assert refused.value.hint == "move data and long texts out of it; an exercise is a few hundred lines"


def test_a_large_notebook_is_gathered_as_a_small_one_is() -> None:
    cells = [
        Cell("cell 1", "%matplotlib inline\nimport torch\nK = 3\n\n\ndef f(x):\n    return K * x\n"),
        Cell("cell 3", f"# {'x' * MAX_READ_HERE}\nf(1)\n", row=2),
        Cell("cell 4", "def g(x):\n    return torch.tensor(f(x))\n\n\nprint('ü')\n"),
        Cell("cell 5", "W = 2\n", scratch=True),
    ]
    assert gather(cells, "e1", frozenset({"K"})) == gather_here(cells, "e1", frozenset({"K"}))
    assert [(out.cell, out.what) for out in gather(cells, "e1").left_out] == [
        ("cell 1", "%matplotlib"), ("cell 3", "an experiment"), ("cell 4", "an experiment"), ("cell 5", "scratch"),
    ]  # fmt: skip


def test_a_large_notebook_with_far_too_many_statements_is_refused_as_a_small_one_is() -> None:
    with pytest.raises(SubmissionUnreadable, match="more than 3,000 statements"):
        gather([Cell("cell 1", "x = 1  # and so on\n" * (MAX_STATEMENTS + 1))], "e1")
