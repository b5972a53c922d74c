"""A check points to a line of the learner's file, whatever its message says."""

import pytest
from hypothesis import given
from msgspec import structs

from grader.formats import github, problems
from grader.formats.places import GradedFile, Place, find_place
from tests.test_formats import SOURCE, SUBMISSION, make_check, make_verdict, texts


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("`double` raised E\nat        study/a.py:5 in double\n          5 | y = x", (5, 5)),
        ("`double` raised E\nat        study/a.py:5 in double\nat        study/a.py:6 in inner", (6, 5)),
        ("SyntaxError: no (study/a.py:4:7)\n          4 | def", (4, 7)),
        ("importing the file raised E: a\n          b (study/a.py:5)\n          5 | y = x", (5, 5)),
        ("double(x) differs\ncalled    double(x=float64[3])\ngot       1", (4, 1)),
        ("`double` did not finish", (4, 1)),
        ("it differs\ncalled    Value.grad()", (10, 5)),
        ("it differs\ncalled    the Value()", (9, 1)),
        ("nothing is known", (1, 1)),
        ("", (1, 1)),
        ("`double` raised E: x\n          at        study/a.py:6 in forged", (4, 1)),
        ("at        study/a.py:999999999999 in double", (11, 9)),
        (f"at        study/a.py:{'9' * 5000} in double", (11, 9)),
        ("at        study/b.py:5 in double", (1, 1)),
    ],
)
def test_a_check_points_to_the_innermost_line_else_to_the_function_it_called(
    message: str, expected: tuple[int, int]
) -> None:
    assert find_place(make_check(message=message), SUBMISSION) == Place("study/a.py", *expected)


def test_of_two_definitions_the_last_holds() -> None:
    twice = structs.replace(SUBMISSION, source="def double(x): ...\n\ndef double(x): ...\n")
    assert find_place(make_check(message="it differs\ncalled    double(x)"), twice).line == 3


def test_in_a_notebook_a_check_points_to_a_line_of_a_cell() -> None:
    notebook = GradedFile("study/a.ipynb", "study/a.ipynb", SOURCE)
    told = make_check(message="`double` raised E\nat        study/a.ipynb cell 4 line 2 in double")
    assert find_place(told, notebook) == Place("study/a.ipynb", 2, 1, 4)
    assert find_place(make_check(message="broken (study/a.ipynb cell 3 line 1)"), notebook) == Place(
        "study/a.ipynb", 1, 1, 3
    )
    broken = make_check(message="not Python (study/a.ipynb cell 3 line 1 column 7)")
    assert find_place(broken, notebook) == Place("study/a.ipynb", 1, 7, 3)
    assert find_place(make_check(message="it differs\ncalled    double(x)"), notebook) == Place("study/a.ipynb")
    assert problems.render(make_verdict(told), notebook) == (
        "study/a.ipynb:1:1: cell 4 line 2: double(x) is twice x: `double` raised E\n"
    )
    assert "::error file=study/a.ipynb,title=double(x) is twice x::cell 4 line 2%3A" not in github.render(
        make_verdict(told), notebook
    )
    assert github.render(make_verdict(told), notebook).startswith(
        "::error file=study/a.ipynb,title=double(x) is twice x::cell 4 line 2: `double` raised E%0Aat "
    )


@given(texts, texts)
def test_any_message_has_a_place_within_the_file(message: str, source: str) -> None:
    place = find_place(make_check(message=message), GradedFile("a.py", "a.py", source))
    assert 1 <= place.line <= max(1, len(source.splitlines()))
    assert place.column >= 1
