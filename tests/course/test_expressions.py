"""The expressions of declared checks: a small part of Python, refused at its place or worked out within bounds."""

import ast
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.expressions import (
    CONSTANTS,
    FUNCTIONS,
    ExpressionError,
    ParsedCall,
    bounds,
    evaluate,
    find_place,
    parse_call,
    parse_expression,
)
from grader.expressions.vocabulary import METHODS, TENSOR_METHODS, VOCABULARY
from tests.conftest import REPOSITORY

#: Enough of the language to try the evaluator; the judge has them all.
SOME_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "zeros": torch.zeros,
    "rand": torch.rand,
    "arange": torch.arange,
    "where": torch.where,
    "one_hot": lambda indices, classes: torch.zeros(*indices.shape, classes),
    "allclose": torch.allclose,
    "all": all,
    "any": any,
    "sum": sum,
    "len": len,
    "list": list,
    "range": lambda *limits: list(range(*limits)),
    "zip": lambda *lists: list(zip(*lists, strict=True)),
    "sorted": sorted,
    "float": float,
    "bool": bool,
}
SCOPE: Mapping[str, object] = {
    "x": torch.tensor([[1.0, -2.0, 3.0], [0.5, 0.0, 4.0]]),
    "n": 3,
    "result": (torch.tensor([2, 0]), "abc", [1.0, 2.0]),
    "settings": {"lr": 0.1},
}

# fmt: off
VALUES = [
    ("1 + 2 * 3 - 4 / 8", 6.5),
    ("-n // 2, n % 2, +n, 2 ** 10", (-2, 1, 3, 1024)),
    ("[1, 'a', True, None, ...]", [1, "a", True, None, ...]),
    ("{'lr': 0.5, 'steps': n}", {"lr": 0.5, "steps": 3}),
    ("inf > 1e300 and not nan == nan", True),
    ("1 < n <= 3 != 4", True),
    ("1 < n < 3", False),
    ("0 or [] or n", 3),
    ("n and 0 and x[9]", 0),
    ("'yes' if n in [1, 3] else x[9]", "yes"),
    ("n not in (1, 2)", True),
    ("n is not None", True),
    ("x.shape == (2, 3)", True),
    ("x.dtype is float32 and x.dtype != bool", True),
    ("result[0].dtype == int64", True),
    ("bool(x.sum() == 6.5)", True),
    ("x[0, 1].item()", -2.0),
    ("x[:, ::2].tolist()", [[1.0, 3.0], [0.5, 4.0]]),
    ("x[..., None].shape", (2, 3, 1)),
    ("(x @ x.T).shape", (2, 2)),
    ("((x > 0) & ~(x > 3) | (x == 4)).tolist()", [[True, False, True], [True, False, True]]),
    ("x.sort(dim=1).values[0].tolist()", [-2.0, 1.0, 3.0]),
    ("x.max(1).indices.tolist()", [2, 2]),
    ("result[1].upper()", "ABC"),
    ("settings['lr']", 0.1),
    ("all(v < 3 for v in result[2])", True),
    ("[a * b for a in range(3) for b in range(3) if a < b]", [0, 0, 2]),
    ("[a + b for a, b in zip([1, 2], [3, 4])]", [4, 6]),
    ("sum(row.sum() for row in x).item()", 6.5),
    ("2 ** -1", 0.5),
    ("'ab' * 3 + 'c'", "abababc"),
    ("  n", 3),
    ("(n +\n n)", 6),
]

# Each line: the expression, the line and character of what is wrong, what is said of it.
REFUSED = [
    ("", 0, 0, "the expression is empty; write one such as `result.shape == x.shape`"),
    ("1 +", 0, 3, "cannot be read as an expression: invalid syntax"),
    ("(1", 0, 0, "cannot be read as an expression: '(' was never closed"),
    ("x\ny", 1, 0, "cannot be read as an expression: invalid syntax"),
    ("import os", 0, 0, "cannot be read as an expression: invalid syntax"),
    ("'\\d'", 0, 0, "cannot be read as an expression: invalid escape sequence '\\d'"),
    ("x" * 1001, 0, 0, "the expression has 1001 characters; write at most 1000"),
    ("-" * 60 + "1", 0, 41, "nested deeper than 40; split it into several expectations"),
    ("lambda: 1", 0, 0, "a lambda cannot be used in an expression; write the value out"),
    ("(m := 3)", 0, 1, "`:=` cannot be used in an expression; write the value out"),
    ("f'{n}'", 0, 0, "an f-string cannot be used in an expression; write the text out"),
    ("{1, 2}", 0, 0, "a set cannot be used in an expression; write a list or a tuple"),
    ("{a for a in x}", 0, 0, "a set cannot be used in an expression; write a list"),
    ("{a: a for a in x}", 0, 0, "a dict comprehension cannot be used in an expression; write the dict out"),
    ("sum(*x)", 0, 4, "`*` before an argument cannot be used in an expression; write the arguments out"),
    ("rand(3, **x)", 0, 8, "`**` before an argument cannot be used in an expression; write the arguments out"),
    ("{**x}", 0, 0, "`**` in a dict cannot be used in an expression; write the keys out"),
    ("rand(3, dtype=n, dtype=n)", 0, 17, "`dtype=` is here twice; keep one of them"),
    ("n << 9", 0, 0, "the operator << cannot be used in an expression; leave it out"),
    ("n ^ 9", 0, 0, "the operator ^ cannot be used in an expression; leave it out"),
    ("b'a'", 0, 0, "bytes cannot be used in an expression; write a number or a text"),
    ("n + 2j", 0, 4, "a complex number cannot be used in an expression; write a number or a text"),
    ("99999999999999999999", 0, 0, "this number has more than 64 bits; write a smaller one, or a float such as 1e30"),
    ("10**10**10", 0, 0, "`10 ** 10 ** 10` gives a number of more than 64 bits; write it as a float"),
    ("n * 9**99", 0, 4, "`9 ** 99` gives a number of more than 64 bits; write it as a float"),
    ("'a' * 10**9", 0, 0, "`'a' * 10 ** 9` has more than 100,000 items; write fewer"),
    ("10**9 * [0]", 0, 0, "`10 ** 9 * [0]` has more than 100,000 items; write fewer"),
    ("[[0] * 9999] * 9999", 0, 0, "`[[0] * 9999] * 9999` has more than 100,000 items; write fewer"),
    ("'%999999999d' % 1", 0, 0, "`'%999999999d' % 1` cannot be worked out: TypeError: % does not format a text here"),
    ("1 / 0", 0, 0, "`1 / 0` cannot be worked out: ZeroDivisionError: division by zero"),
    ("m", 0, 0, "`m` is not a variable here; there are `n`, `x`"),
    ("[a for a in x] + a", 0, 17, "`a` is not a variable here; there are `n`, `x`"),
    ("flaot32", 0, 0, "`flaot32` is not a variable here; did you mean `float32`?"),
    ("'é' + n + m", 0, 10, "`m` is not a variable here; there are `n`, `x`"),
    ("  '\U0001f600' +\nm", 0, 7, "cannot be read as an expression: invalid syntax"),
    (" (n +\n 'ä' + m)", 1, 7, "`m` is not a variable here; there are `n`, `x`"),
    ("\n\n  m", 2, 2, "`m` is not a variable here; there are `n`, `x`"),
    ("__import__('os')", 0, 0, "`__import__` is not a function for expressions; docs/authoring.md lists what there is"),
    ("isinstance(x, n)", 0, 0, "`isinstance` is not a function for expressions; docs/authoring.md lists what there is"),
    ("softmx(x)", 0, 0, "`softmx` is not a function for expressions; did you mean `softmax`?"),
    ("n(x)", 0, 0, "`n` is not a function; leave the brackets behind it out"),
    ("float32(x)", 0, 0, "`float32` is not a function; leave the brackets behind it out"),
    ("x[0](1)", 0, 0, "only functions and methods can be called in an expression; name one"),
    ("sum + 1", 0, 0, "`sum` is a function; call it: sum(values)"),
    ("one_hot(x)", 0, 0, "`one_hot` cannot take 1 argument; it is called one_hot(indices, classes, dtype=float32)"),
    ("log(x, 2, 3)", 0, 0, "`log` cannot take 3 arguments; it is called log(x)"),
    ("rand(3, size=2)", 0, 8, "`rand` takes no `size=`; it is called rand(*shape, dtype=float32)"),
    ("n + torch.rand(3)", 0, 4, "expressions know no `torch`; write `rand` alone"),
    ("torch.nn.functional.softmx(x)", 0, 0, "expressions know no `torch`; did you mean `softmax`?"),
    ("np.frombuffer(x)", 0, 0, "expressions know no `np`; docs/authoring.md lists what there is"),
    ("().__class__", 0, 3, "`.__class__` cannot be asked for in an expression; there are .shape, .dtype, .device, .ndim, .T, .mT, "
     ".requires_grad, .values, .indices"),
    ("x.grad_fn", 0, 2, "`.grad_fn` cannot be asked for in an expression; there are .shape, .dtype, .device, .ndim, .T, .mT, "
     ".requires_grad, .values, .indices"),
    ("x.dtpe", 0, 2, "`.dtpe` cannot be asked for in an expression; did you mean `.dtype`?"),
    ("x.sum", 0, 2, "`.sum` is a method; call it: .sum()"),
    ("x.shape()", 0, 2, "`.shape` is not a method; leave the brackets behind it out"),
    ("x.backward()", 0, 2, "the method `.backward` cannot be called in an expression; docs/authoring.md lists what there is"),
    ("x.trnspose(0, 1)", 0, 2, "the method `.trnspose` cannot be called in an expression; did you mean `.transpose`?"),
    ("x.where(n, 1)", 0, 2, "the method `.where` cannot be called in an expression; write where(condition, a, b)"),
    ("(x\n .sum)", 1, 2, "`.sum` is a method; call it: .sum()"),
    ("[n for n in x]", 0, 7, "`n` has a meaning already; choose another name"),
    ("[1 for sum in x]", 0, 7, "`sum` has a meaning already; choose another name"),
    ("[1 for _a in x]", 0, 7, "a loop needs a plain variable here; write a name that does not start with _"),
    ("[1 for x[0] in x]", 0, 7, "a loop needs a plain variable here; write a name that does not start with _"),
    ("[a async for a in x]", 0, 0, "`async` cannot be used in an expression; leave it out"),
    ("x[await n]", 0, 2, "`await` cannot be used in an expression; leave it out"),
]

# Each line: an expression that is fine to look at, what is said when it is worked out.
IMPOSSIBLE = [
    ("x @ n", "`x @ n` cannot be worked out: TypeError: unsupported operand type(s) for @: 'Tensor' and 'int'"),
    ("result.sum()", "`result.sum()` cannot be worked out: AttributeError: a tuple has no .sum()"),
    ("result.shape", "`result.shape` cannot be worked out: AttributeError: a tuple has no .shape"),
    ("result[1].sum()", "`result[1].sum()` cannot be worked out: AttributeError: a str has no .sum()"),
    ("x.upper()", "`x.upper()` cannot be worked out: AttributeError: a Tensor has no .upper()"),
    ("x.values", "`x.values` cannot be worked out: AttributeError: a Tensor has no .values"),
    ("n[0]", "`n[0]` cannot be worked out: TypeError: a int cannot be indexed here"),
    ("[a for a in n]", "`[a for a in n]` cannot be worked out: TypeError: a int cannot be looped over here"),
    ("result[7]", "`result[7]` cannot be worked out: IndexError: tuple index out of range"),
    ("n ** n ** n ** n", "`n ** n ** n ** n` gives a number of more than 64 bits; write it as a float"),
    ("result[1] * n ** 20", "`result[1] * n ** 20` has more than 100,000 items; write fewer"),
    ("result[1] % n", "`result[1] % n` cannot be worked out: TypeError: % does not format a text here"),
    ("zeros(10 ** 6, 10 ** 6)", "`zeros(10 ** 6, 10 ** 6)` has more than 16,777,216 elements; use smaller inputs"),
    ("zeros((10 ** 6, 10 ** 6))", "`zeros((10 ** 6, 10 ** 6))` has more than 16,777,216 elements; use smaller inputs"),
    ("arange(10 ** 12)", "`arange(10 ** 12)` has more than 16,777,216 elements; use smaller inputs"),
    ("one_hot(x, 10 ** 9)", "`one_hot(x, 10 ** 9)` has more than 16,777,216 elements; use smaller inputs"),
    ("range(10 ** 9)", "`range(10 ** 9)` has more than 100,000 items; write fewer"),
    ("zeros(10 ** 7, 1) * zeros(10 ** 7)", "`zeros(10 ** 7, 1) * zeros(10 ** 7)` has more than 16,777,216 elements; use smaller inputs"),
    ("zeros(10 ** 7, 1) < zeros(10 ** 7)", "`zeros(10 ** 7, 1) < zeros(10 ** 7)` has more than 16,777,216 elements; use smaller inputs"),
    ("zeros(10 ** 7, 1) @ zeros(1, 10 ** 7)", "`zeros(10 ** 7, 1) @ zeros(1, 10 ** 7)` has more than 16,777,216 elements; use smaller inputs"),
    ("zeros(10 ** 7, 1).pow(zeros(10 ** 7))", "`zeros(10 ** 7, 1).pow(zeros(10 ** 7))` has more than 16,777,216 elements; use smaller inputs"),
    ("where(zeros(10 ** 7, 1) > 0, zeros(10 ** 7), 1)", "`where(zeros(10 ** 7, 1) > 0, zeros(10 ** 7), 1)` has more than 16,777,216 elements; use smaller inputs"),
    ("allclose(zeros(10 ** 7, 1), zeros(10 ** 7))", "`allclose(zeros(10 ** 7, 1), zeros(10 ** 7))` has more than 16,777,216 elements; use smaller inputs"),
    ("zeros(2, 9999)[[0] * 9999]", "`zeros(2, 9999)[[0] * 9999]` has more than 16,777,216 elements; use smaller inputs"),
    ("zeros(4000, 4000) @ zeros(4000, 4000)", "`zeros(4000, 4000) @ zeros(4000, 4000)` takes too much work; use smaller inputs"),
    ("zeros(999, 999).tolist()", "`zeros(999, 999).tolist()` has more than 100,000 items; use smaller inputs"),
    ("[0 for a in range(999) for b in range(999)]", "`[0 for a in range(999) for b in range(999)]` takes too much work; use smaller inputs"),
    ("[zeros(10 ** 7) for a in range(999)]", "`zeros(10 ** 7)` takes too much work; use smaller inputs"),
    ("sorted(zip([1], [2, 3]))", "`zip([1], [2, 3])` cannot be worked out: ValueError: zip() argument 2 is longer than argument 1"),
    ("len(5)", "`len(5)` cannot be worked out: TypeError: object of type 'int' has no len()"),
    ("tanh(x)", "`tanh(x)` cannot be worked out: TypeError: `tanh` is not a function for expressions"),
]

CALLS = [
    ("f(x)", "f", ["x"], {}, []),
    ("f(x, 3, eps=0.1)", "f", ["x", "3"], {"eps": "0.1"}, []),
    ("f()(x)", "f", [], {}, [(None, ["x"], {})]),
    ("C(n).step(x, lr=1)", "C", ["n"], {}, [("step", ["x"], {"lr": "1"})]),
    ("C(n).a()(x).b(n)", "C", ["n"], {}, [("a", [], {}), (None, ["x"], {}), ("b", ["n"], {})]),
    (" f(\n  x)", "f", ["x"], {}, []),
]

NO_CALLS = [
    ("x", 0, 0, "this calls nothing of the stub; write a call such as `f(x)` or `Name(x).method(y)`"),
    ("f(x) + 1", 0, 0, "this calls nothing of the stub; write a call such as `f(x)` or `Name(x).method(y)`"),
    ("f(x)[0]", 0, 0, "this calls nothing of the stub; write a call such as `f(x)` or `Name(x).method(y)`"),
    ("x.sum()", 0, 0, "this calls nothing of the stub; write a call such as `f(x)` or `Name(x).method(y)`"),
    ("g(x)", 0, 0, "the stub has no function or class `g`; the stub defines `C`, `f`"),
    ("f(y)", 0, 2, "`y` is not a variable here; there are `n`, `x`"),
    ("f(*x)", 0, 2, "`*` before an argument cannot be used in an expression; write the arguments out"),
    ("f(a=1, a=2)", 0, 7, "`a=` is here twice; keep one of them"),
    ("f(f(x))", 0, 2, "`f` is not a function for expressions; docs/authoring.md lists what there is"),
    ("C(x)._m()", 0, 5, "`_m` starts with _; only public methods can be called"),
    ("C(x).m(z)", 0, 7, "`z` is not a variable here; there are `n`, `x`"),
    ("f(x)()()()()()", 0, 0, "more than 4 calls one behind the other; test fewer things at once"),
    ("'é' + f(x)", 0, 0, "this calls nothing of the stub; write a call such as `f(x)` or `Name(x).method(y)`"),
]
# fmt: on


def work_out(text: str) -> object:
    return evaluate(parse_expression(text, SCOPE), SCOPE, SOME_FUNCTIONS)


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_expression_has_the_value_python_gives_it(text: str, value: object) -> None:
    found = work_out(text)
    assert found == value
    assert type(found) is type(value) or isinstance(found, torch.Size)


def test_nan_is_known() -> None:
    assert str(work_out("float(nan)")) == "nan"


@pytest.mark.parametrize(("text", "line", "column", "message"), REFUSED)
def test_what_does_not_belong_is_refused_at_its_place(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text, ["x", "n"])
    assert (caught.value.line, caught.value.column, caught.value.message) == (line, column, message)


@pytest.mark.parametrize(("text", "message"), IMPOSSIBLE)
def test_what_cannot_be_worked_out_is_refused_with_the_part_that_cannot(text: str, message: str) -> None:
    tree = parse_expression(text, SCOPE)
    with pytest.raises(ExpressionError) as caught:
        evaluate(tree, SCOPE, SOME_FUNCTIONS)
    assert caught.value.message == message


@pytest.mark.parametrize(("text", "target", "args", "kwargs", "then"), CALLS)
def test_call_is_taken_apart(text: str, target: str, args: list[str], kwargs: dict[str, str], then: list[Any]) -> None:
    call = parse_call(text, ["x", "n"], ["f", "C"])
    steps = [(step.method, *write_arguments(step.args, step.kwargs)) for step in call.then]
    assert (call.target, *write_arguments(call.args, call.kwargs), steps) == (target, args, kwargs, then)


def write_arguments(args: tuple[ast.expr, ...], kwargs: dict[str, ast.expr]) -> tuple[list[str], dict[str, str]]:
    return [ast.unparse(arg) for arg in args], {name: ast.unparse(value) for name, value in kwargs.items()}


@pytest.mark.parametrize(("text", "line", "column", "message"), NO_CALLS)
def test_what_is_no_call_of_the_stub_is_refused(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_call(text, ["x", "n"], ["f", "C"])
    assert (caught.value.line, caught.value.column, caught.value.message) == (line, column, message)


def test_place_of_a_node_counts_characters() -> None:
    """Python counts bytes, which an editor does not show."""
    text = " ('é', \n  'ü', n)"
    tree = parse_expression(text, ["n"])
    assert isinstance(tree, ast.Tuple)
    assert [find_place(text, item) for item in tree.elts] == [(0, 2), (1, 2), (1, 7)]


def test_error_of_a_function_that_is_about_the_learner_comes_through() -> None:
    """Only what is wrong with the expression becomes an ExpressionError."""

    def fail(values: object) -> None:
        raise AssertionError("the learner's list is empty")

    with pytest.raises(AssertionError, match="the learner's list is empty"):
        evaluate(parse_expression("len(n)", ["n"]), SCOPE, {"len": fail})


def test_large_value_can_be_asked_for_its_length() -> None:
    """The bounds are on what an expression makes, not on what it is given."""
    scope = {"result": [0.0] * (bounds.MAX_ITEMS * 2)}
    assert evaluate(parse_expression("len(result)", scope), scope, SOME_FUNCTIONS) == bounds.MAX_ITEMS * 2


def test_lists_within_lists_are_counted_up_to_a_bound() -> None:
    """A list that holds another many times is as large as all of them."""
    assert bounds.count_items([[0] * 9] * 9) == 91
    assert bounds.count_items([0] * 200_000) == float("inf")


def test_every_function_is_described_with_its_parameters() -> None:
    assert FUNCTIONS["one_hot"] == "one_hot(indices, classes, dtype=float32): a row for each index with a single 1"
    assert all(text.startswith(f"{name}(") and text.count(": ") >= 1 for name, text in FUNCTIONS.items())
    assert VOCABULARY.keys() & CONSTANTS == {"bool"}


def test_every_method_is_one_of_tensors_and_changes_nothing() -> None:
    """What ends with _ works in place; what starts with it is private."""
    assert [name for name in TENSOR_METHODS if not hasattr(torch.Tensor, name)] == []
    assert [name for name in METHODS if name.endswith("_") or name.startswith("_")] == []


def test_course_can_be_loaded_without_torch() -> None:
    code = "import sys, grader.course.declared_checks, grader.expressions as e; e.parse_expression('2**9 * x', 'x')"
    code += "; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=True)
    assert done.stdout == "False\n"


PIECES = """
x n result 1 0 2.5 10 999999 'a' 'é' ( ) ( ) [ ] { } , : + - * ** / // % @ & | ~ < == in not and or if else for a in a
lambda := = sum( range( zeros( len( .sum() .T .shape .tolist() .__class__ ... None True
"""
WORDS = st.sampled_from([*PIECES.split(), "\n", "for a in x"])


def try_parsing(text: str) -> ast.expr | ExpressionError:
    try:
        return parse_expression(text, SCOPE)
    except ExpressionError as error:
        return error


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.lists(WORDS, max_size=14).map(" ".join), st.text(max_size=60)))
def test_no_text_gives_anything_but_a_value_or_an_error(text: str) -> None:
    """Whatever is written, it is refused inside the text, or walked within its bounds."""
    tree = try_parsing(text)
    if isinstance(tree, ExpressionError):
        lines = text.split("\n")
        assert 0 <= tree.line < len(lines)
        assert 0 <= tree.column <= len(lines[tree.line])
        return
    try:
        value = evaluate(tree, SCOPE, SOME_FUNCTIONS)
    except ExpressionError:
        return
    assert bounds.count_elements(value) <= bounds.MAX_ELEMENTS


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(WORDS, st.sampled_from(["f(", "f(x)", "C(", ").m(", ")"])), max_size=12).map("".join))
def test_no_text_gives_anything_but_a_call_or_an_error(text: str) -> None:
    try:
        call = parse_call(text, SCOPE, ["f", "C"])
    except ExpressionError:
        return
    assert isinstance(call, ParsedCall)
    assert call.target in ("f", "C")
