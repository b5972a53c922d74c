"""The assertions of checks: what passes, what fails, and the exact words and numbers a learner reads."""

import enum
import math
from collections import Counter, OrderedDict, namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from grader.judge.handle import Handle
from grader.testing import (
    DEFAULT_TOLERANCES,
    CheckFailure,
    LearnerRaised,
    assert_close,
    assert_equal,
    describe,
    require,
    type_name,
)

F64, F32, I64 = torch.float64, torch.float32, torch.int64
NAN, INF = math.nan, math.inf


def t(values: Any, dtype: torch.dtype = F64) -> torch.Tensor:
    return torch.tensor(values, dtype=dtype)


def failure_of(run: Callable[[], None]) -> CheckFailure:
    with pytest.raises(CheckFailure) as caught:
        run()
    return caught.value


def assert_message(failure: CheckFailure, headline: str, got: str | None, expected: str | None) -> None:
    assert (failure.headline, failure.got, failure.expected) == (headline, got, expected)
    assert str(failure) == headline


def handle(kind: str = "Box") -> Handle:
    def refuse(*_: object) -> None:
        raise AssertionError("the learner was asked")

    return Handle(refuse, 1, kind, False)


class Level(enum.IntEnum):
    TOP = 3


Pair = namedtuple("Pair", "left right")


# --- messages -----------------------------------------------------------------------------------------

CLOSE_MESSAGES: dict[str, tuple[Any, Any, str, str, str]] = {
    # case: actual, expected, headline, got, expected
    "None for a tensor": (
        None,
        t([1, 2]),
        "the result should be a tensor, not None; does every path of the function end in `return`?",
        "None",
        "float64[2] [1, 2]",
    ),
    "list for a tensor": ([1.0], t([1]), "the result should be a tensor, not a list", "[1.0]", "float64[1] [1]"),
    "float for a tensor": (1.5, t(1.5), "the result should be a tensor, not a float", "1.5", "float64[] 1.5"),
    "array for a tensor": (
        np.ones(2),
        t([1, 1]),
        "the result should be a tensor, not a numpy array",
        "numpy float64[2] [1, 1]",
        "float64[2] [1, 1]",
    ),
    "object for a tensor": (
        handle(),
        t([1]),
        "the result should be a tensor, not a Box",
        "<Box of the submission>",
        "float64[1] [1]",
    ),
    "shape": (
        torch.zeros(3, 1),
        torch.zeros(3),
        "the result has shape (3, 1) instead of (3,)",
        "float32[3, 1] [[0], [0], [0]]",
        "float32[3] [0, 0, 0]",
    ),
    "shape of no dimension": (
        t([1.0]),
        t(1.0),
        "the result has shape (1,) instead of ()",
        "float64[1] [1]",
        "float64[] 1",
    ),
    "large shape": (
        torch.zeros(4, 5),
        torch.zeros(5, 4),
        "the result has shape (4, 5) instead of (5, 4)",
        "float32[4, 5]",
        "float32[5, 4]",
    ),
    "dtype": (t([1], F32), t([1]), "the result is float32 instead of float64", "float32[1] [1]", "float64[1]"),
    "int tensor for a float tensor": (
        t([1], I64),
        t([1]),
        "the result is int64 instead of float64",
        "int64[1] [1]",
        "float64[1]",
    ),
    "one element": (
        t([1.5]),
        t([1.25]),
        "the result is off by 0.25 (relative 0.2) at index [0]",
        "float64[1] [1.5]",
        "float64[1] [1.25]",
    ),
    "0-d": (t(1.5), t(1.25), "the result is off by 0.25 (relative 0.2)", "float64[] 1.5", "float64[] 1.25"),
    "right is 0": (
        t([0.5, 1.0]),
        t([0.0, 1.0]),
        "the result is off by 0.5 at index [0]; 1 of 2 elements is wrong",
        "float64[2] [0.5, 1]",
        "float64[2] [0, 1]",
    ),
    "worst of several": (
        t([[1.1, 2.0], [3.5, 3.9]]),
        t([[1.0, 2.0], [3.0, 4.0]]),
        "the result is off by up to 0.5 (relative 0.167) at index [1, 0]; 3 of 4 elements are wrong",
        "float64[2, 2] [[1.1, 2], [3.5, 3.9]]",
        "float64[2, 2] [[1, 2], [3, 4]]",
    ),
    "many elements": (
        torch.arange(12.0).reshape(3, 4) + torch.eye(3, 4)[:, :].mul(torch.tensor([[0.0], [0.0], [2.0]])),
        torch.arange(12.0).reshape(3, 4),
        "the result is off by 2 (relative 0.2) at index [2, 2]; 1 of 12 elements is wrong",
        "12 at index [2, 2]",
        "10 at index [2, 2]",
    ),
    "difference beyond five digits": (
        t([1 + 1e-8, 2.0]),
        t([1.0, 2.0]),
        "the result is off by 1e-08 (relative 1e-08) at index [0]; 1 of 2 elements is wrong",
        "1.00000001 at index [0]",
        "1 at index [0]",
    ),
    "difference in the last digits": (
        t([2 / 3 + 1e-15] * 7),
        t([2 / 3 + 1e-8] + [2 / 3] * 6),
        "the result is off by 1e-08 (relative 1.5e-08) at index [0]; 1 of 7 elements is wrong",
        "0.66666667 at index [0]",
        "0.66666668 at index [0]",
    ),
    "NaN": (
        t([1.0, NAN]),
        t([1.0, 2.0]),
        "the result holds nan at index [1], where 2 is right (1 not finite); 1 of 2 elements is wrong",
        "float64[2] [1, nan]",
        "float64[2] [1, 2]",
    ),
    "NaN among worse": (
        t([100.0, NAN, -INF]),
        t([1.0, 2.0, 3.0]),
        "the result holds nan at index [1], where 2 is right (2 not finite); 3 of 3 elements are wrong",
        "float64[3] [100, nan, -inf]",
        "float64[3] [1, 2, 3]",
    ),
    "infinity": (
        t(INF),
        t(2.5),
        "the result holds inf, where 2.5 is right (1 not finite)",
        "float64[] inf",
        "float64[] 2.5",
    ),
    "finite where infinity is right": (
        t([5.0, INF]),
        t([INF, INF]),
        "the result holds 5 at index [0], where inf is right (1 not finite); 1 of 2 elements is wrong",
        "float64[2] [5, inf]",
        "float64[2] [inf, inf]",
    ),
    "the other infinity": (
        t([-INF]),
        t([INF]),
        "the result holds -inf at index [0], where inf is right (1 not finite)",
        "float64[1] [-inf]",
        "float64[1] [inf]",
    ),
    "finite where NaN is right": (
        t([5.0]),
        t([NAN]),
        "the result holds 5 at index [0], where nan is right",
        "float64[1] [5]",
        "float64[1] [nan]",
    ),
    "int64": (
        t([1, 2, 9], I64),
        t([1, 2, 3], I64),
        "the result is off by 6 (relative 2) at index [2]; 1 of 3 elements is wrong",
        "int64[3] [1, 2, 9]",
        "int64[3] [1, 2, 3]",
    ),
    "int64 beyond 2**53": (
        t([0, 2**53 + 1], I64),
        t([0, 2**53], I64),
        "the result is off by 1 (relative 1.11e-16) at index [1]; 1 of 2 elements is wrong",
        "int64[2] [0, 9007199254740993]",
        "int64[2] [0, 9007199254740992]",
    ),
    "many int64 beyond 2**53": (
        t([2**53 + 1] * 7, I64),
        t([2**53 + 1] * 6 + [2**53], I64),
        "the result is off by 1 (relative 1.11e-16) at index [6]; 1 of 7 elements is wrong",
        "9007199254740993 at index [6]",
        "9007199254740992 at index [6]",
    ),
    "the ends of int64": (
        t([2**63 - 1], I64),
        t([-(2**63)], I64),
        "the result is off by 18446744073709551615 (relative 2) at index [0]",
        "int64[1] [9223372036854775807]",
        "int64[1] [-9223372036854775808]",
    ),
    "bool": (
        torch.tensor([True, True]),
        torch.tensor([True, False]),
        "the result is True at index [1] instead of False; 1 of 2 elements is wrong",
        "bool[2] [True, True]",
        "bool[2] [True, False]",
    ),
    "complex": (
        t([1 + 2j], torch.complex128),
        t([1 - 2j], torch.complex128),
        "the result is off by 4 (relative 1.79) at index [0]",
        "complex128[1] [1+2j]",
        "complex128[1] [1-2j]",
    ),
    "wrong number": (2.5, 2.0, "the result is off by 0.5", "2.5", "2"),
    "number, off in the last digits": (
        1 + 1e-8,
        1.0,
        "the result is off by 1e-08",
        "1.00000001",
        "1",
    ),
    "wrong int": (3, 4, "the result is off by 1", "3", "4"),
    "numpy number": (np.float32(2.5), 2.0, "the result is off by 0.5", "2.5", "2"),
    "NaN for a number": (NAN, 2.0, "the result is nan, where 2 is right", "nan", "2"),
    "a number for infinity": (5.0, INF, "the result is 5, where inf is right", "5", "inf"),
    "the other infinite number": (-INF, INF, "the result is -inf, where inf is right", "-inf", "inf"),
    "an int beyond the floats": (10**400, 2.0, "the result is inf, where 2 is right", "inf", "2"),
    "wrong complex number": (1 + 1j, 1 - 1j, "the result is off by 2", "1+1j", "1-1j"),
    "complex for a real": (1j, 1.0, "the result should be a number, not a complex", "1j", "1.0"),
    "0-d tensor for a number": (
        t(2.0),
        2.0,
        "the result should be a number, not a tensor of shape (); end with .item()",
        "float64[] 2",
        "2.0",
    ),
    "tensor for a number": (
        t([2.0, 3.0]),
        2.0,
        "the result should be a number, not a tensor of shape (2,)",
        "float64[2] [2, 3]",
        "2.0",
    ),
    "bool for a number": (True, 1.0, "the result should be a number, not a bool", "True", "1.0"),
    "text for a number": ("2.0", 2.0, "the result should be a number, not a str", "'2.0'", "2.0"),
    "None for a number": (
        None,
        2.0,
        "the result should be a number, not None; does every path of the function end in `return`?",
        "None",
        "2.0",
    ),
    "number for a bool": (1, True, "the result should be a bool, not an int", "1", "True"),
    "tensor for a bool": (
        torch.tensor(True),
        True,
        "the result should be a bool, not a tensor of shape (); end with .item()",
        "bool[] True",
        "True",
    ),
    "wrong text": ("a", "b", "the result is wrong", "'a'", "'b'"),
    "something for None": (3, None, "the result should be None, not an int", "3", "None"),
    "list for an array": (
        [1.0],
        np.ones(1),
        "the result should be a numpy array, not a list",
        "[1.0]",
        "numpy float64[1] [1]",
    ),
    "array": (
        np.array([1.0, 2.0]),
        np.array([3.0, 1.0])[::-1],
        "the result is off by 1 (relative 0.333) at index [1]; 1 of 2 elements is wrong",
        "float64[2] [1, 2]",
        "float64[2] [1, 3]",
    ),
    "dtype of an array": (
        np.ones(1, np.float32),
        np.ones(1),
        "the result is float32 instead of float64",
        "float32[1] [1]",
        "float64[1]",
    ),
    "tuple for a list": ((1.0,), [1.0], "the result should be a list, not a tuple", "(1.0,)", "[1.0]"),
    "length": ([1.0], [1.0, 2.0], "the result has 1 item instead of 2", "[1.0]", "[1.0, 2.0]"),
    "item": ([1.0, 2.5], [1.0, 2.0], "the result[1] is off by 0.5", "2.5", "2"),
    "list for a dict": ([], {"W": 1.0}, "the result should be a dict, not a list", "[]", "{'W': 1.0}"),
    "missing key": (
        {"W": 1.0},
        {"W": 1.0, "b": 2.0},
        "the result lacks 'b'",
        "{'W': 1.0}",
        "{'W': 1.0, 'b': 2.0}",
    ),
    "keys missing and too many": (
        {"w": 1.0, 2: 3.0},
        {"W": 1.0, "b": 2.0},
        "the result lacks 'W', 'b' and has 'w', 2 too many",
        "{'w': 1.0, 2: 3.0}",
        "{'W': 1.0, 'b': 2.0}",
    ),
    "many keys missing": (
        {},
        dict.fromkeys("abcdefgh", 1.0),
        "the result lacks 'a', 'b', 'c', 'd', 'e', 'f' and 2 more",
        "{}",
        "{'a': 1.0, 'b': 1.0, 'c': 1.0, 'd': 1.0, 'e': 1.0, 'f': 1.0, 'g': 1.0, 'h': 1.0}",
    ),
    "nested": (
        {"layers": [(t([1.0]), 2.0)]},
        {"layers": [(t([1.0]), 2.5)]},
        "the result['layers'][0][1] is off by 0.5",
        "2",
        "2.5",
    ),
    "nested None": (
        [{"W": None}],
        [{"W": t([1.0])}],
        "the result[0]['W'] should be a tensor, not None; does every path of the function end in `return`?",
        "None",
        "float64[1] [1]",
    ),
}


@pytest.mark.parametrize("case", CLOSE_MESSAGES)
def test_assert_close_says_what_is_wrong(case: str) -> None:
    actual, expected, headline, got, wanted = CLOSE_MESSAGES[case]
    assert_message(failure_of(lambda: assert_close(actual, expected)), headline, got, wanted)


EQUAL_MESSAGES: dict[str, tuple[Any, Any, str, str, str]] = {
    "int": (3, 4, "the result is wrong", "3", "4"),
    "float for an int": (3.0, 3, "the result should be an int, not a float", "3.0", "3"),
    "int for a float": (3, 3.0, "the result should be a float, not an int", "3", "3.0"),
    "int for a bool": (1, True, "the result should be a bool, not an int", "1", "True"),
    "bool for an int": (True, 1, "the result should be an int, not a bool", "True", "1"),
    "float": (0.1 + 0.2, 0.3, "the result is wrong", "0.30000000000000004", "0.3"),
    "NaN for a float": (NAN, 1.0, "the result is wrong", "nan", "1.0"),
    "None": (
        None,
        3,
        "the result should be an int, not None; does every path of the function end in `return`?",
        "None",
        "3",
    ),
    "0-d tensor for an int": (
        t(3, I64),
        3,
        "the result should be an int, not a tensor of shape (); end with .item()",
        "int64[] 3",
        "3",
    ),
    "object": (handle(), 3, "the result should be an int, not a Box", "<Box of the submission>", "3"),
    "text": ("ab", "abc", "the result is wrong", "'ab'", "'abc'"),
    "long text": (
        "x" * 100 + "y" + "z" * 100,
        "x" * 200,
        "the result is wrong from character 100 on",
        "'…" + "x" * 20 + "y" + "z" * 37 + "…'",
        "'…" + "x" * 58 + "…'",
    ),
    "long text cut short": (
        "x" * 61,
        "x" * 70,
        "the result is wrong from character 61 on",
        "'…" + "x" * 20 + "'",
        "'…" + "x" * 29 + "'",
    ),
    "list for a tuple": ([1], (1,), "the result should be a tuple, not a list", "[1]", "(1,)"),
    "length": ([1, 2], [1], "the result has 2 items instead of 1", "[1, 2]", "[1]"),
    "item": ((1, [2, 3]), (1, [2, 4]), "the result[1][1] is wrong", "3", "4"),
    "keys": ({"a": 1}, {"b": 1}, "the result lacks 'b' and has 'a' too many", "{'a': 1}", "{'b': 1}"),
    "value": ({"a": {1: 2}}, {"a": {1: 3}}, "the result['a'][1] is wrong", "2", "3"),
    "set": ({1, 2}, {2, 3}, "the result lacks 3 and has 1 too many", "{1, 2}", "{2, 3}"),
    "list for a set": ([1], {1}, "the result should be a set, not a list", "[1]", "{1}"),
    "tensor": (
        t([1.0, 2.0 + 2**-51]),
        t([1.0, 2.0]),
        "the result is off by 4.441e-16 (relative 2.22e-16) at index [1]; 1 of 2 elements is wrong",
        "2.0000000000000004 at index [1]",
        "2.0 at index [1]",
    ),
    "array": (
        np.array([1, 2]),
        np.array([1, 3]),
        "the result is off by 1 (relative 0.333) at index [1]; 1 of 2 elements is wrong",
        "int64[2] [1, 2]",
        "int64[2] [1, 3]",
    ),
    "float key": (
        {0.1 + 0.2: 1},
        {0.3: 1},
        "the result lacks 0.3 and has 0.30000000000000004 too many",
        "{0.3: 1}",
        "{0.3: 1}",
    ),
}


@pytest.mark.parametrize("case", EQUAL_MESSAGES)
def test_assert_equal_says_what_is_wrong(case: str) -> None:
    actual, expected, headline, got, wanted = EQUAL_MESSAGES[case]
    assert_message(failure_of(lambda: assert_equal(actual, expected)), headline, got, wanted)


def test_a_message_names_the_thing_it_is_told() -> None:
    assert failure_of(lambda: assert_close(1.0, 2.0, what="W[0]")).headline == "W[0] is off by 1"
    assert failure_of(lambda: assert_equal(1, 2, what="W[0]")).headline == "W[0] is wrong"
    assert failure_of(lambda: assert_close([t([1.0])], [t([2.0])], what="the gradients")).headline == (
        "the gradients[0] is off by 1 (relative 0.5) at index [0]"
    )
    assert failure_of(lambda: assert_equal(["b"], ["a"], what="the words after the call")).headline == (
        "item 0 of the words after the call is wrong"
    )


def test_a_failure_keeps_both_sides_for_the_guesses() -> None:
    failure = failure_of(lambda: assert_close([t([1.0], F32)], [t([2.0])], dtype=F32))
    assert failure.actual_tensor is not None
    assert failure.expected_tensor is not None
    assert (failure.actual_tensor.dtype, failure.actual_tensor.tolist()) == (F32, [1.0])
    assert (failure.expected_tensor.dtype, failure.expected_tensor.tolist()) == (F64, [2.0])


def test_a_wrong_shape_and_a_wrong_number_keep_both_sides_too() -> None:
    shape = failure_of(lambda: assert_close(torch.zeros(2), torch.zeros(3)))
    assert shape.actual_tensor is not None
    assert shape.expected_tensor is not None
    assert (shape.actual_tensor.shape, shape.expected_tensor.shape) == ((2,), (3,))
    number = failure_of(lambda: assert_close(1.0, 2.0))
    assert number.actual_tensor is not None
    assert number.expected_tensor is not None
    assert (number.actual_tensor.item(), number.expected_tensor.item()) == (1.0, 2.0)


def test_a_wrong_type_keeps_no_sides() -> None:
    failure = failure_of(lambda: assert_close(None, t([1.0])))
    assert (failure.actual_tensor, failure.expected_tensor) == (None, None)


# --- tolerances ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", [float, t], ids=["number", "tensor"])
@pytest.mark.parametrize(
    ("actual", "expected", "rtol", "atol", "close"),
    [
        (2.25, 2.0, 0.0, 0.25, True),
        (2.2500001, 2.0, 0.0, 0.25, False),
        (1.75, 2.0, 0.0, 0.25, True),
        (2.25, 2.0, 0.125, 0.0, True),
        (2.2500001, 2.0, 0.125, 0.0, False),
        (2.5, 2.0, 0.125, 0.25, True),
        (2.5000001, 2.0, 0.125, 0.25, False),
        (-2.5, -2.0, 0.125, 0.25, True),
        (0.25, 0.0, 100.0, 0.25, True),
        (0.25, 0.0, 100.0, 0.0, False),
        (3.0, 3.0, 0.0, 0.0, True),
        (NAN, NAN, 0.0, 0.0, True),
        (NAN, 1.0, 1e9, 1e9, False),
        (1.0, NAN, 1e9, 1e9, False),
        (INF, INF, 0.0, 0.0, True),
        (INF, 1.0, 1e9, 1e9, False),
        (1.0, INF, 1e9, 1e9, False),
        (-INF, INF, 1e9, 1e9, False),
        (INF, NAN, 1e9, 1e9, False),
        (1e308, -1e308, 1e9, 1e9, False),
    ],
)
def test_close_is_within_atol_plus_rtol_of_the_expected_size(
    wrap: Callable[[float], Any], actual: float, expected: float, rtol: float, atol: float, close: bool
) -> None:
    def run() -> None:
        assert_close(wrap(actual), wrap(expected), rtol=rtol, atol=atol)

    if close:
        run()
    else:
        failure_of(run)


@pytest.mark.parametrize("dtype", DEFAULT_TOLERANCES, ids=str)
def test_the_default_tolerance_is_that_of_the_dtype(dtype: torch.dtype) -> None:
    rtol, atol = DEFAULT_TOLERANCES[dtype]
    expected = torch.full((3,), 2.0, dtype=torch.promote_types(dtype, F64))
    edge = atol + rtol * 2.0
    assert_close((expected + 0.4 * edge).to(dtype), expected, dtype=dtype)
    failure_of(lambda: assert_close((expected + 2.5 * edge).to(dtype), expected, dtype=dtype))


def test_a_number_is_compared_as_a_float64() -> None:
    assert_close(1.0 + 0.9e-9, 1.0)
    failure_of(lambda: assert_close(1.0 + 1.1e-9, 1.0))
    assert_close(1, 1.0)
    assert_close(np.int64(1), 1.0)


def test_ints_and_bools_are_compared_exactly_by_default_and_whatever_the_tolerance() -> None:
    failure_of(lambda: assert_close(t([10**9], I64), t([10**9 + 1], I64)))
    failure_of(lambda: assert_close(t([10], I64), t([11], I64), rtol=1.0, atol=1.0))
    failure_of(lambda: assert_close(torch.tensor([True]), torch.tensor([False]), rtol=1.0, atol=1.0))
    assert_close(t([2**53 + 1], I64), t([2**53 + 1], I64))


@pytest.mark.parametrize("tolerances", [{"rtol": 1e-3}, {"atol": 1e-3}])
def test_one_tolerance_without_the_other_is_a_mistake_of_the_check(tolerances: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^give both rtol and atol, or neither$"):
        assert_close(1.0, 1.0, **tolerances)


def test_tolerances_and_dtype_reach_what_is_nested() -> None:
    actual, expected = {"a": [t([2.2], F32)]}, {"a": [t([2.0])]}
    assert_close(actual, expected, rtol=0.0, atol=0.25, dtype=F32)
    assert failure_of(lambda: assert_close(actual, expected, rtol=0.0, atol=0.25)).headline == (
        "the result['a'][0] is float32 instead of float64"
    )
    failure_of(lambda: assert_close(actual, expected, rtol=0.0, atol=0.125, dtype=F32))


# --- what passes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (torch.zeros(0, 3), torch.zeros(0, 3)),
        (t(1.5), t(1.5)),
        (t([NAN, INF, -INF, 0.0]), t([NAN, INF, -INF, -0.0])),
        (torch.tensor([True]), torch.tensor([True])),
        (t([1 + 1j], torch.complex64), t([1 + 1j], torch.complex64)),
        (t([complex(NAN, 1)], torch.complex128), t([complex(NAN, 2)], torch.complex128)),
        (t([1.0]), t([1.0]).requires_grad_()),
        (torch.nn.Parameter(t([1.0])), torch.nn.Parameter(t([1.0]))),
        (np.ones((0, 2)), np.ones((0, 2))),
        (np.array(1.5), np.array(1.5)),
        (np.array([1, 2], np.uint64), np.array([1, 2], np.uint64)),
        (np.array([2.0, 1.0]), np.array([1.0, 2.0])[::-1]),
        (np.array([1.0]), np.array([1.0], ">f8")),
        (np.array([True]), np.broadcast_to(np.array(True), (1,))),
        ([], []),
        ({}, {}),
        ((1, 2), Pair(1, 2)),
        ((2, 3), torch.Size([2, 3])),
        ({"a": 1}, Counter("a")),
        ({"b": 1, "a": 2}, OrderedDict(a=2, b=1)),
        (3, Level.TOP),
        (NAN, NAN),
        (INF, INF),
        ([None, "text", True, b"x"], [None, "text", True, b"x"]),
        ({1, 2}, {2, 1}),
    ],
    ids=repr,
)
def test_what_is_equal_passes(actual: Any, expected: Any) -> None:
    assert_equal(actual, expected)
    if not isinstance(expected, set | list):
        assert_close(actual, expected)


def test_a_numpy_float_is_not_a_float_for_assert_equal() -> None:
    failure = failure_of(lambda: assert_equal(1.0, np.float64(1.0)))
    assert failure.headline == "the result should be a float64, not a float"


# --- require, describe, type_name, LearnerRaised -------------------------------------------------------


def test_require_fails_with_its_headline_and_what_it_is_given() -> None:
    require(True, "never seen", got=1, expected=2)
    assert_message(failure_of(lambda: require(False, "it grew")), "it grew", None, None)
    assert_message(failure_of(lambda: require(False, "it grew", got=3, expected="less")), "it grew", "3", "'less'")


def test_require_shows_a_none_it_is_given() -> None:
    assert_message(failure_of(lambda: require(False, "no gradient", got=None)), "no gradient", "None", None)
    assert_message(failure_of(lambda: require(False, "a gradient", expected=None)), "a gradient", None, "None")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (True, "True"),
        (3, "3"),
        (3.0, "3.0"),
        (-3.0, "-3.0"),
        (1 / 3, "0.333333"),
        (1e20, "1e+20"),
        (NAN, "nan"),
        (2j, "2j"),
        ("it's", '"it\'s"'),
        ("\x1b[31m\n\u202e", "'\\x1b[31m\\n\\u202e'"),
        ("x" * 60, "'" + "x" * 60 + "'"),
        ("x" * 61, "'" + "x" * 59 + "…'"),
        (b"ab", "b'ab'"),
        (b"x" * 100, "b'" + "x" * 60 + "', … 100 bytes"),
        ((), "()"),
        ((1,), "(1,)"),
        ((1, 2), "(1, 2)"),
        (tuple(range(7)), "(0, 1, 2, 3, 4, 5, …)"),
        ([], "[]"),
        (list(range(7)), "[0, 1, 2, 3, 4, 5, … 7 items]"),
        ({}, "{}"),
        ({i: i for i in range(9)}, "{0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, … 9 keys}"),
        (set(), "set()"),
        ({"b", "a"}, "{'a', 'b'}"),
        (set("abcdefghijklmn"), "{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', … 14 items}"),
        (torch.zeros(0, 3), "float32[0, 3]"),
        (t(1.5), "float64[] 1.5"),
        (t([1, 2], I64), "int64[2] [1, 2]"),
        (torch.zeros(7), "float32[7]"),
        (t([1 / 3], torch.bfloat16), "bfloat16[1] [0.33398]"),
        (t([1 / 3 + 1j], torch.complex128), "complex128[1] [0.33333+1j]"),
        (torch.zeros(2, device="meta"), "float32[2]"),
        (t([1.0]).requires_grad_(), "float64[1] [1]"),
        (np.zeros((3, 4)), "numpy float64[3, 4]"),
        (np.array([True, False]), "numpy bool[2] [True, False]"),
        (np.zeros(0), "numpy float64[0]"),
        (np.float32(1.5), "np.float32(1.5)"),
        (np.float64(1.5), "1.5"),
        (torch.float32, "torch.float32"),
        (handle("Value"), "<Value of the submission>"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,  # a set has no fixed order
)
def test_describe_says_a_value_in_one_short_line(value: object, text: str) -> None:
    assert describe(value) == text


def test_describe_keeps_to_its_limit() -> None:
    assert describe([["x" * 50] * 6] * 6, limit=40) == "[['" + "x" * 36 + "…"
    assert len(describe(10**2000)) == 160


def test_type_name_asks_the_class_of_a_value() -> None:
    assert type_name(3) == "int"
    assert type_name(handle("Value")) == "Value"


def test_an_exception_of_the_learner_shows_its_class_and_text() -> None:
    raised = LearnerRaised(("KeyError", "LookupError"), "'a'", ((3, "f"),))
    assert (str(raised), raised.kinds, raised.text, raised.frames) == (
        "KeyError: 'a'",
        ("KeyError", "LookupError"),
        "'a'",
        ((3, "f"),),
    )
    assert str(LearnerRaised(("ValueError",), "")) == "ValueError"
