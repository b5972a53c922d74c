"""What a stub asks for, and whether a returned value fits it."""

import ast
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from grader.judge.handle import Handle
from grader.judge.signatures import find_type_problem, parse_stub

STUB = '''
"""An exercise."""
from dataclasses import dataclass
import torch

SIZE = 3

def plain(x, y):
    raise NotImplementedError

def typed(x: torch.Tensor, /, n: int = 3, *rest: int, eps: float = 1e-5, **more: int) -> torch.Tensor:
    """Do it."""
    raise NotImplementedError("write me")

def keywords(x, *, eps=1e-5) -> "list[int]":
    raise NotImplementedError

def given(x: int) -> None:
    if x < 0:
        raise ValueError(x)

def nothing():
    pass

def _private(x):
    raise NotImplementedError

class Layer:
    """A layer."""

    def __init__(self, n_in: int, n_out: int, *, bias: bool = True) -> None:
        raise NotImplementedError

    def __call__(self, x):
        raise NotImplementedError

class Part:
    def run(self):
        try:
            pass
        except KeyError:
            raise

class _Hidden:
    pass

if SIZE:
    def inner():
        raise NotImplementedError
'''


def handle(kind: str = "Box", *, is_callable: bool = False) -> Handle:
    def refuse(*_: object) -> None:
        raise AssertionError("the learner was asked")

    return Handle(refuse, 1, kind, is_callable)


def test_a_stub_asks_for_its_public_top_level_functions_and_classes_in_order() -> None:
    found = parse_stub(STUB)
    assert [(s.name, s.kind, s.parameters, s.asked) for s in found.values()] == [
        ("plain", "function", ("x", "y"), True),
        ("typed", "function", ("x", "n", "*rest", "eps", "**more"), True),
        ("keywords", "function", ("x", "*", "eps"), True),
        ("given", "function", ("x",), False),
        ("nothing", "function", (), False),
        ("Layer", "class", ("n_in", "n_out", "*", "bias"), True),
        ("Part", "class", (), False),
    ]
    assert list(found) == [s.name for s in found.values()]


def test_a_signature_keeps_the_return_annotation() -> None:
    found = parse_stub(STUB)
    returns = {name: s.returns and ast.unparse(s.returns) for name, s in found.items()}
    assert returns == {
        "plain": None,
        "typed": "torch.Tensor",
        "keywords": "'list[int]'",
        "given": "None",
        "nothing": None,
        "Layer": None,
        "Part": None,
    }


def test_a_call_reads_as_the_stub_has_it() -> None:
    calls = [s.call for s in parse_stub(STUB).values()]
    assert calls[:3] == ["plain(x, y)", "typed(x, n, *rest, eps, **more)", "keywords(x, *, eps)"]
    assert calls[5] == "Layer(n_in, n_out, *, bias)"


def problem(value: Any, annotation: str) -> str | None:
    return find_type_problem(value, ast.parse(annotation, mode="eval").body, "what `f` returns")


FITS: list[tuple[str, Any]] = [
    ("Tensor", torch.ones(1)),
    ("torch.Tensor", torch.ones(1)),
    ("np.ndarray", np.ones(1)),
    ("NDArray[np.float64]", np.ones(1)),
    ("int", 3),
    ("int", np.int64(3)),
    ("float", 1.5),
    ("float", 3),
    ("float", np.float32(1.5)),
    ("complex", 1j),
    ("complex", 1.5),
    ("bool", True),
    ("str", "a"),
    ("bytes", b"a"),
    ("None", None),
    ("list", [1, "a"]),
    ("list[int]", []),
    ("list[int]", [1, 2]),
    ("list[list[float]]", [[1.0], [], [2]]),
    ("List[int]", [1]),
    ("tuple", (1, "a")),
    ("tuple[int, str]", (1, "a")),
    ("tuple[int, ...]", ()),
    ("tuple[int, ...]", (1, 2, 3)),
    ("Tuple[int, str]", (1, "a")),
    ("dict", {1: 2}),
    ("dict[str, Tensor]", {"W": torch.ones(1)}),
    ("dict[str, list[int]]", {"a": [1]}),
    ("typing.Dict[str, int]", {"a": 1}),
    ("Counter[str]", {"a": 1}),
    ("OrderedDict[str, int]", {"a": 1}),
    ("Mapping[str, int]", {"a": 1}),
    ("set[int]", {1, 2}),
    ("frozenset[int]", frozenset({1})),
    ("collections.abc.Set[int]", frozenset({1})),
    ("Sequence[int]", [1]),
    ("Sequence[int]", (1,)),
    ("Iterable[int]", {1}),
    ("Iterable[int]", handle("generator")),
    ("Iterator[int]", handle("generator")),
    ("Generator[int, None, None]", handle("generator")),
    ("Tensor | None", None),
    ("Tensor | None", torch.ones(1)),
    ("int | str | None", "a"),
    ("Optional[int]", None),
    ("typing.Optional[int]", 1),
    ("Union[int, list[str]]", ["a"]),
    ("'Tensor'", torch.ones(1)),
    ("'Tensor | None'", None),
    ("list['Tensor']", [torch.ones(1)]),
    ("Literal['sum', 'mean']", "mean"),
    ("Literal[1, -1]", -1),
    ("Annotated[int, 'a count']", 3),
    ("torch.dtype", torch.float32),
    ("torch.device", "cpu"),
    ("Any", 3),
    ("object", None),
    ("list[Any]", [1, None]),
    ("Self", handle()),
    ("Layer", handle("Layer")),
    ("nn.Module", handle("Linear", is_callable=True)),
    ("list[Value]", [handle("Value")]),
    ("Callable", handle("function", is_callable=True)),
    ("Callable[[Tensor], Tensor]", handle("function", is_callable=True)),
    ("Callable[..., float] | None", None),
]


@pytest.mark.parametrize(("annotation", "value"), FITS, ids=[f"{a}: {v!r}"[:60] for a, v in FITS])
def test_a_value_that_fits_has_no_problem(annotation: str, value: Any) -> None:
    assert problem(value, annotation) is None


def test_without_an_annotation_everything_fits() -> None:
    assert find_type_problem(None, None, "it") is None


MISFITS: list[tuple[str, Any, str]] = [
    ("Tensor", None, "what `f` returns should be Tensor, not None; does every path of it end in `return`?"),
    ("Tensor", [1.0], "what `f` returns should be Tensor, not a list"),
    ("Tensor", 1.5, "what `f` returns should be Tensor, not a float"),
    ("Tensor", np.ones(1), "what `f` returns should be Tensor, not a ndarray"),
    ("Tensor", handle("Box"), "what `f` returns should be Tensor, not a Box"),
    ("Tensor", handle("Embedding"), "what `f` returns should be Tensor, not an Embedding"),
    ("np.ndarray", torch.ones(2), "what `f` returns should be np.ndarray, not a tensor of shape (2,)"),
    ("float", torch.ones(2), "what `f` returns should be float, not a tensor of shape (2,)"),
    ("float", torch.ones(()), "what `f` returns should be float, not a tensor of shape (); end with .item()"),
    ("int", torch.ones(1, 1), "what `f` returns should be int, not a tensor of shape (1, 1); end with .item()"),
    ("bool", torch.tensor(True), "what `f` returns should be bool, not a tensor of shape (); end with .item()"),
    ("'float'", torch.ones(()), "what `f` returns should be float, not a tensor of shape (); end with .item()"),
    ("str", torch.ones(()), "what `f` returns should be str, not a tensor of shape ()"),
    ("int", True, "what `f` returns should be int, not a bool"),
    ("float", True, "what `f` returns should be float, not a bool"),
    ("complex", True, "what `f` returns should be complex, not a bool"),
    ("bool", 1, "what `f` returns should be bool, not an int"),
    ("int", 1.0, "what `f` returns should be int, not a float"),
    ("None", 3, "what `f` returns should be None, not an int"),
    ("list", (1,), "what `f` returns should be list, not a tuple of int"),
    ("list", handle("generator"), "what `f` returns should be list, not a generator"),
    ("tuple", [1], "what `f` returns should be tuple, not a list"),
    ("list[int]", (), "what `f` returns should be list[int], not an empty tuple"),
    ("list[int]", [1, "a"], "what `f` returns[1] should be int, not a str"),
    (
        "list[list[int]]",
        [[1], [2, None]],
        "what `f` returns[1][1] should be int, not None; does every path of it end in `return`?",
    ),
    (
        "list[float]",
        [torch.ones(())],
        "what `f` returns[0] should be float, not a tensor of shape (); end with .item()",
    ),
    ("tuple[int, str]", (1,), "what `f` returns should be tuple[int, str], but holds 1 item"),
    ("tuple[int, str]", (1, "a", 2), "what `f` returns should be tuple[int, str], but holds 3 items"),
    ("tuple[int, str]", (1, 2), "what `f` returns[1] should be str, not an int"),
    ("tuple[int, ...]", (1, "a"), "what `f` returns[1] should be int, not a str"),
    ("Tuple[int, str]", (1, 2), "what `f` returns[1] should be str, not an int"),
    ("Tensor", (torch.ones(1), 3), "what `f` returns should be Tensor, not a tuple of Tensor, int"),
    ("dict[str, int]", {"a": 1, "b": "c"}, "what `f` returns['b'] should be int, not a str"),
    ("dict[str, int]", {1: 1}, "a key of what `f` returns should be str, not an int"),
    ("dict[str, int]", {"x" * 70: 1.5}, f"what `f` returns['{'x' * 58}…] should be int, not a float"),
    ("dict[str, list[int]]", {"a": [1, "b"]}, "what `f` returns['a'][1] should be int, not a str"),
    ("dict[str, int]", [], "what `f` returns should be dict[str, int], not a list"),
    ("Counter[str]", {1: 1}, "what `f` returns should be Counter[str], not a dict"),
    ("set[int]", {"a"}, "an item of what `f` returns should be int, not a str"),
    ("set[int]", [1], "what `f` returns should be set[int], not a list"),
    ("set[int]", frozenset({1}), "what `f` returns should be set[int], not a frozenset"),
    ("Sequence[int]", ["a"], "what `f` returns[0] should be int, not a str"),
    ("Iterator[int]", [1], "what `f` returns should be Iterator[int], not a list"),
    ("Tensor | None", 1.5, "what `f` returns should be Tensor | None, not a float"),
    ("list[int] | None", ["a"], "what `f` returns[0] should be int, not a str"),
    ("Optional[list[int]]", ["a"], "what `f` returns[0] should be int, not a str"),
    ("Optional[int]", "a", "what `f` returns should be Optional[int], not a str"),
    ("Union[int, str]", 1.5, "what `f` returns should be Union[int, str], not a float"),
    ("'Tensor'", 1.5, "what `f` returns should be Tensor, not a float"),
    ("list['Tensor']", [1.5], "what `f` returns[0] should be Tensor, not a float"),
    ("'list[int]'", ["a"], "what `f` returns[0] should be int, not a str"),
    ("Literal['sum', 'mean']", "max", "what `f` returns should be Literal['sum', 'mean'], not a str"),
    ("Literal[1]", True, "what `f` returns should be Literal[1], not a bool"),
    ("Annotated[int, 'a count']", "a", "what `f` returns should be Annotated[int, 'a count'], not a str"),
    ("Layer", torch.ones(1), "what `f` returns should be Layer, not a tensor of shape (1,)"),
    ("Layer", None, "what `f` returns should be Layer, not None; does every path of it end in `return`?"),
    ("Callable", handle("Box"), "what `f` returns should be Callable, not a Box"),
    ("Callable[[int], int]", 3, "what `f` returns should be Callable[[int], int], not an int"),
    ("torch.dtype", "float32", "what `f` returns should be torch.dtype, not a str"),
]


@pytest.mark.parametrize(("annotation", "value", "text"), MISFITS, ids=[f"{a}: {v!r}"[:60] for a, v, _ in MISFITS])
def test_a_value_that_does_not_fit_is_told_how(annotation: str, value: Any, text: str) -> None:
    assert problem(value, annotation) == text


@pytest.mark.parametrize(
    ("annotation", "make"),
    [
        ("list[int]", lambda n: [1] * n + ["a"]),
        ("tuple[int, ...]", lambda n: (1,) * n + ("a",)),
        ("Sequence[int]", lambda n: [1] * n + ["a"]),
        ("dict[int, int]", lambda n: dict.fromkeys(range(n), 1) | {-1: "a"}),
        ("dict[int, int]", lambda n: dict.fromkeys(range(n), 1) | {"a": 1}),
    ],
    ids=["list", "tuple", "sequence", "dict values", "dict keys"],
)
def test_only_the_first_thousand_items_are_looked_at(annotation: str, make: Callable[[int], Any]) -> None:
    assert problem(make(1000), annotation) is None
    assert problem(make(999), annotation) is not None
