"""Two replies agree when they are the same answer up to rounding."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from grader.judge.handle import Handle
from grader.judge.replay import agree

NAN, INF = math.nan, math.inf
F64 = torch.float64


def t(values: Any, dtype: torch.dtype = F64) -> torch.Tensor:
    return torch.tensor(values, dtype=dtype)


def handle(kind: str, number: int) -> Handle:
    def refuse(*_: object) -> None:
        raise AssertionError("the learner was asked")

    return Handle(refuse, number, kind, False)


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


# Made again for each side: no two may agree by being one object.
AGREE: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "None": (lambda: None, lambda: None),
    "ints": (lambda: 10**30, lambda: 10**30),
    "bools": (lambda: True, lambda: True),
    "texts": (lambda: "ab", lambda: "ab"),
    "bytes": (lambda: b"ab", lambda: b"ab"),
    "sets": (lambda: {1, 2}, lambda: {2, 1}),
    "frozen sets": (lambda: frozenset({1}), lambda: frozenset({1})),
    "floats": (lambda: 0.1 + 0.2, lambda: 0.3),
    "floats near one another": (lambda: 1.0 + 0.9e-6, lambda: 1.0),
    "NaNs": (lambda: float("nan"), lambda: float("nan")),
    "infinities": (lambda: INF, lambda: INF),
    "complex": (lambda: 0.1 + 0.2 + 1j, lambda: 0.3 + 1j),
    "complex NaNs": (lambda: complex(NAN, 1), lambda: complex(NAN, 1)),
    "numpy scalars": (lambda: np.float32(0.1) + np.float32(1e-8), lambda: np.float32(0.1)),
    "numpy NaNs": (lambda: np.float32(NAN), lambda: np.float32(NAN)),
    "numpy ints": (lambda: np.int8(3), lambda: np.int8(3)),
    "tensors": (lambda: t([0.1 + 0.2, 1.0]), lambda: t([0.3, 1.0])),
    "small elements beside large ones": (lambda: t([1.0, 1e-9]), lambda: t([1.0, 2e-9])),
    "float32 tensors": (lambda: t([1.00005], torch.float32), lambda: t([1.0], torch.float32)),
    "tensors with NaN and infinity": (lambda: t([NAN, INF, -INF, 1]), lambda: t([NAN, INF, -INF, 1])),
    "complex tensors": (lambda: t([0.1 + 0.2 + 1j], torch.complex128), lambda: t([0.3 + 1j], torch.complex128)),
    "int tensors": (lambda: t([1, 2], torch.int64), lambda: t([1, 2], torch.int64)),
    "empty tensors": (lambda: torch.zeros(0, 3), lambda: torch.zeros(0, 3)),
    "a tensor with a graph and one without": (lambda: t([1.0]).requires_grad_(), lambda: t([1.0])),
    "arrays": (lambda: np.array([0.1 + 0.2]), lambda: np.array([0.3])),
    "arrays of uint64": (lambda: np.array([1], np.uint64), lambda: np.array([1], np.uint64)),
    "lists": (lambda: [0.1 + 0.2, "a"], lambda: [0.3, "a"]),
    "dicts in another order": (lambda: {"a": 0.1 + 0.2, "b": 1}, lambda: {"b": 1, "a": 0.3}),
    "raised errors": (lambda: ("raised", ("KeyError",), "'a'"), lambda: ("raised", ("KeyError",), "'a'")),
    "objects of one class": (lambda: handle("Value", 1), lambda: handle("Value", 2)),
    "40 levels": (lambda: deep(40), lambda: deep(40)),
}


@pytest.mark.parametrize("case", AGREE)
def test_the_same_answer_agrees(case: str) -> None:
    one, other = AGREE[case]
    assert agree(one(), other()) is True
    assert agree(other(), one()) is True


DISAGREE: dict[str, tuple[Any, Any]] = {
    "ints": (10**30, 10**30 + 1),
    "an int and a float": (1, 1.0),
    "an int and a bool": (1, True),
    "None and 0": (None, 0),
    "a list and a tuple": ([1], (1,)),
    "a set and a frozen set": ({1}, frozenset({1})),
    "texts": ("a", "b"),
    "sets": ({1}, {2}),
    "floats": (1.0 + 1.1e-6, 1.0),
    "NaN and a float": (NAN, 1.0),
    "infinities": (INF, -INF),
    "0 and a small float": (0.0, 1e-9),
    "complex": (1 + 1j, 1 - 1j),
    "complex NaN and not": (complex(NAN, 1), 1j),
    "numpy scalars": (np.float32(1.0), np.float32(1.1)),
    "numpy scalars of two dtypes": (np.float32(1.0), np.float64(1.0)),
    "a numpy scalar and a float": (np.float64(1.0), 1.0),
    "tensors": (t([1.0, 1.0 + 1e-5]), t([1.0, 1.0])),
    "float32 tensors": (t([1.0 + 1e-3], torch.float32), t([1.0], torch.float32)),
    "tensors of two dtypes": (t([1.0]), t([1.0], torch.float32)),
    "tensors of two shapes": (t([1.0]), t(1.0)),
    "tensors of broadcastable shapes": (t([1.0, 1.0]), t([1.0])),
    "a tensor with NaN": (t([NAN, 1.0]), t([1.0, 1.0])),
    "NaN in another place": (t([NAN, 1.0]), t([1.0, NAN])),
    "infinite and finite": (t([INF, 1.0]), t([1.0, 1.0])),
    "two infinities": (t([INF]), t([-INF])),
    "int tensors": (t([10**6], torch.int64), t([10**6 + 1], torch.int64)),
    "bool tensors": (torch.tensor([True]), torch.tensor([False])),
    "a tensor and an array": (t([1.0]), np.array([1.0])),
    "arrays": (np.array([1.0]), np.array([1.1])),
    "arrays of two dtypes": (np.array([1.0]), np.array([1.0], np.float32)),
    "lists of two lengths": ([1, 2], [1]),
    "items": ([1, [2.0]], [1, [2.1]]),
    "keys": ({"a": 1}, {"b": 1}),
    "more keys": ({"a": 1}, {"a": 1, "b": 1}),
    "values": ({"a": [1.0]}, {"a": [1.1]}),
    "raised errors": (("raised", ("KeyError",), "'a'"), ("raised", ("KeyError",), "'b'")),
    "objects of two classes": (handle("Value", 1), handle("Node", 1)),
    "an object and None": (handle("Value", 1), None),
    "41 levels": (deep(41), deep(41)),
}


@pytest.mark.parametrize("case", DISAGREE)
def test_another_answer_disagrees(case: str) -> None:
    one, other = DISAGREE[case]
    assert agree(one, other) is False
    assert agree(other, one) is False
