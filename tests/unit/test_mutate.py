"""The automatic mutants: one small change each, under a name that stays."""

import ast
import os
from importlib import import_module

import pytest

from grader.course import find_content_root, load_content
from grader.course.code import read_solution, read_stub
from grader.verify.mutate import make_mutants
from grader.verify.mutations import LIBRARY
from grader.verify.orders import SAMPLE, sample

CONTENT = load_content(find_content_root())

SOURCE = '''"""A docstring with 1 and True in it."""

import torch
from torch import Tensor

EPS = 1e-5


def normalise(x: Tensor, gain: float = 2.0) -> Tensor:
    """Return x normalised; 3 is not code."""
    print(x + 1)
    mean = x.mean(0, keepdim=True)
    return gain * (x - mean) / torch.sqrt(x.var(0) + EPS)


if __name__ == "__main__":
    print(normalise(torch.ones(2 + 2)))
'''

GOLDEN = [
    "module: `1e-05` -> `1.5e-05`",
    "normalise: `2.0` -> `3.0`",
    "normalise: `x` changed in place before it returns",
    "normalise: `x.mean(0, keepdim=True)` -> `x.sum(0, keepdim=True)`",
    "normalise: `x.mean(0, keepdim=True)` -> `x.mean(0)`",
    "normalise: `x.mean(0, keepdim=True)` -> `x.mean(1, keepdim=True)`",
    "normalise: returns None instead of `gain * (x - mean) / torch.sqrt(x.var(0) + EPS)`",
    "normalise: returns `gain * (x - mean) / torch.sqrt(x.var(0) + EPS)` detached",
    "normalise: returns `gain * (x - mean) / torch.sqrt(x.var(0) + EPS)` negated",
    "normalise: `gain * (x - mean) / torch.sqrt(x.var(0) + EPS)` -> `gain * (x - mean) * torch.sqrt(x.var(0) + EPS)`",
    "normalise: `gain * (x - mean) / torch.sqrt(x.var(0) + EPS)` -> `torch.sqrt(x.var(0) + EPS) / (gain * (x - mean))`",
    "normalise: `gain * (x - mean)` -> `gain / (x - mean)`",
    "normalise: `x - mean` -> `x + mean` in `gain * (x - mean)`",
    "normalise: `x - mean` -> `mean - x` in `gain * (x - mean)`",
    "normalise: `torch.sqrt(x.var(0) + EPS)` -> `torch.square(x.var(0) + EPS)`",
    "normalise: `x.var(0) + EPS` -> `x.var(0)`",
    "normalise: `x.var(0) + EPS` -> `x.var(0) - EPS`",
    "normalise: `x.var(0)` -> `x.std(0)` in `x.var(0) + EPS`",
    "normalise: `x.var(0)` -> `x.var(0, correction=0)` in `x.var(0) + EPS`",
    "normalise: `x.var(0)` -> `x.var(1)` in `x.var(0) + EPS`",
]


def body_of(source: str, name: str = "f") -> str:
    """The one function of a mutant, as text on one line."""
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == name]
    return "; ".join(" ".join(ast.unparse(statement).split()) for statement in functions[0].body)


def bodies(code: str, signature: str = "f(x, y, dim, eps)") -> list[str]:
    """What the mutants make of a function's body."""
    return [body_of(mutant.source) for mutant in make_mutants(f"def {signature}:\n    {code}\n")]


def test_mutants_of_a_small_source_are_these_in_this_order() -> None:
    assert [mutant.name for mutant in make_mutants(SOURCE)] == GOLDEN


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("return x + 1", ["return None", "return x - 1", "return x + 2"]),
        ("return x * 0.5", ["return None", "return x / 0.5", "return x * 0.75"]),
        ("return x + eps", ["return None", "return x", "return x - eps"]),
        ("return x - y", ["return None", "return x + y", "return y - x"]),
        ("return x // y", ["return None", "return x / y", "return y // x"]),
        ("return x % y", ["return None", "return x // y", "return y % x"]),
        ("return x ** y", ["return None", "return x * y", "return y ** x"]),
        ("return x @ y", ["return None", "return x * y", "return y @ x"]),
        ("return x < y", ["return None", "return x <= y"]),
        ("return x is None", ["return None", "return x is not None"]),
        ("return x and y", ["return None", "return x or y"]),
        ("return not x", ["return None", "return x"]),
        ("return -x", ["return None", "return x"]),
        ("return x if y else dim", ["return None", "return dim if y else x"]),
        ("return x.max(dim=-1)", ["return None", "return x.min(dim=-1)", "return x.max(dim=0)"]),
        ("return x.detach()", ["return None", "return x"]),
        ("return x.double()", ["return None", "return x.float()"]),
        ("return x.to(torch.float64)", ["return None", "return x.to(torch.float32)"]),
        ("return torch.matmul(x, y)", ["return None", "return torch.matmul(y, x)"]),
        (
            "return x.var(unbiased=False)",
            ["return None", "return x.std(unbiased=False)", "return x.var(unbiased=True)"],
        ),
        ("return torch.zeros(x)", ["return None", "return torch.ones(x)"]),
        ("return f(reduction='sum')", ["return None", "return f(reduction='mean')"]),
        ("x = x.y; return x", ["pass; return x", "x = x.y; return None"]),
        ("x += y; return x", ["pass; return x", "x += y; return None"]),
        ("x.append(y); return x", ["pass; return x", "x.append(y); return None"]),
        ("raise ValueError('1 + 1')", ["pass"]),
    ],
)
def test_operator_makes_its_change(code: str, changed: list[str]) -> None:
    # The minus of -1 and the number in it are changed as well; here the axis is what counts.
    assert [body for body in bodies(code) if "dim=1" not in body and "dim=-2" not in body] == changed


@pytest.mark.parametrize(
    ("annotation", "spoiled"),
    [
        ("Tensor", "if x is not None: x.data += 1"),
        ("Tensor | None", "if x is not None: x.data += 1"),
        ("list[int]", "x.reverse()"),
        ("dict[str, int]", "x.popitem()"),
        ("set[int]", "x.pop()"),
    ],
)
def test_argument_is_changed_in_place_after_the_answer_is_made(annotation: str, spoiled: str) -> None:
    assert bodies("return y", f"f(x: {annotation}, y)")[0] == f"_returned = y; {spoiled}; return _returned"


def test_loop_and_branch_are_left_out_and_a_break_goes_on() -> None:
    source = "def f(x):\n    for y in x:\n        if y:\n            break\n"
    assert [mutant.name for mutant in make_mutants(source)] == [
        "f: `for y in x:` deleted",
        "f: `if y:` deleted",
        "f: `break` -> `continue`",
    ]


def test_assignment_is_not_deleted_where_only_a_name_error_would_be_left() -> None:
    assert bodies("z = x.w; return z") == ["z = x.w; return None"]


def test_what_guards_tells_or_prints_is_left_alone() -> None:
    assert bodies("print(1 + 1); return zip(x, y, strict=True)") == ["print(1 + 1); return None"]
    assert bodies("return f'{x:5d} {y + 1}'") == ["return None"]


def test_what_the_stub_hands_out_ready_made_is_left_alone() -> None:
    given = "WIDTH = 3\n\n\nclass Layer:\n    def width(self):\n        return 1\n\n"
    stub = f"{given}    def mine(self):\n        raise NotImplementedError\n"
    solution = f"{given}    def mine(self):\n        return 2\n"
    names = [mutant.name for mutant in make_mutants(solution, stub)]
    assert names == ["Layer.mine: returns None instead of `2`", "Layer.mine: `2` -> `3`"]


def test_changes_that_read_alike_are_numbered() -> None:
    names = [mutant.name for mutant in make_mutants("def f(x):\n    x.a(1)\n    x.a(1)\n")]
    assert names == [
        "f: `x.a(1)` deleted",
        "f: `1` -> `2` in `x.a(1)`",
        "f: `x.a(1)` deleted (no. 2)",
        "f: `1` -> `2` in `x.a(1)` (no. 2)",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("exercise_id", sorted(CONTENT.exercises))
def test_every_mutant_of_the_course_compiles_and_differs(exercise_id: str) -> None:
    exercise, folder = CONTENT.exercises[exercise_id], CONTENT.folder(exercise_id)
    solution = read_solution(exercise, folder)
    mutants = make_mutants(solution, read_stub(exercise, folder))
    for mutant in mutants:
        compile(mutant.source, os.devnull, "exec")
    sources = {ast.dump(ast.parse(mutant.source)) for mutant in mutants} | {ast.dump(ast.parse(solution))}
    assert len(sources) == len(mutants) + 1
    assert len({mutant.name for mutant in mutants}) == len(mutants)


def test_sample_is_the_same_ones_in_the_order_of_the_code() -> None:
    source = "\n".join(f"def f{n}(x):\n    return x + {n}" for n in range(40))
    mutants = make_mutants(source)
    chosen = sample(mutants)
    assert len(chosen) == SAMPLE
    assert chosen == sorted(chosen, key=mutants.index)
    half = mutants[: len(mutants) // 2]
    assert set(chosen) & set(half) <= set(sample(half))


def test_empty_file_has_no_mutants() -> None:
    assert make_mutants("") == []


def test_function_that_torch_has_under_its_name_is_left_to_it() -> None:
    mutants = make_mutants("def softmax(x, dim):\n    return x\n")
    left = [(mutant.name, body_of(mutant.source, "softmax")) for mutant in mutants if "left to" in mutant.name]
    called = "torch.nn.functional.softmax"
    assert left == [(f"softmax: left to `{called}`", f"import torch.nn.functional; return {called}(x, dim)")]


@pytest.mark.parametrize("module", sorted(LIBRARY))
def test_torch_has_what_may_be_left_to_it(module: str) -> None:
    assert [name for name in LIBRARY[module] if not callable(getattr(import_module(module), name, None))] == []
