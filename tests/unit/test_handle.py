"""A handle asks the worker for everything, and lets nothing the learner wrote decide what is equal or true."""

import copy
import operator
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch

from grader.judge.handle import Handle, OpaqueComparison
from grader.testing import LearnerRaised


class Asked:
    """Records what is asked, and answers each request with the next of the given answers."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self.requests: list[tuple[Any, ...]] = []
        self.kwargs: dict[str, Any] = {}

    def __call__(self, op: str, target: object, *args: Any, **kwargs: Any) -> Any:
        assert type(target) is Handle
        self.requests.append((op, target.handle_number(), *args))
        self.kwargs = kwargs
        return self._answers.pop(0) if self._answers else None


def handle(asked: Asked, kind: str = "Value", *, is_callable: bool = True) -> Handle:
    return Handle(asked, 7, kind, is_callable)


ASKING: dict[str, tuple[Callable[[Any], Any], tuple[Any, ...]]] = {
    "call": (lambda h: h(1, "a"), ("call", 7, 1, "a")),
    "attribute": (lambda h: h.grad, ("getattr", 7, "grad")),
    "attribute with one underscore": (lambda h: h._prev, ("getattr", 7, "_prev")),
    "item": (lambda h: h["a", 1], ("getitem", 7, ("a", 1))),
    "slice": (lambda h: h[1:3], ("getitem", 7, slice(1, 3))),
    "+": (lambda h: h + 2, ("add", 7, 2)),
    "-": (lambda h: h - 2, ("sub", 7, 2)),
    "*": (lambda h: h * 2, ("mul", 7, 2)),
    "/": (lambda h: h / 2, ("truediv", 7, 2)),
    "**": (lambda h: h**2, ("pow", 7, 2)),
    "@": (lambda h: h @ 2, ("matmul", 7, 2)),
    "negative": (lambda h: -h, ("neg", 7)),
    "right +": (lambda h: 2 + h, ("radd", 7, 2)),
    "right -": (lambda h: 2 - h, ("rsub", 7, 2)),
    "right *": (lambda h: 2 * h, ("rmul", 7, 2)),
    "right /": (lambda h: 2 / h, ("rtruediv", 7, 2)),
    "right **": (lambda h: 2**h, ("rpow", 7, 2)),
    "right @": (lambda h: 2 @ h, ("rmatmul", 7, 2)),
}


@pytest.mark.parametrize("name", ASKING)
def test_an_operation_is_one_request_and_gives_its_answer(name: str) -> None:
    operation, request = ASKING[name]
    asked = Asked("the answer")
    assert operation(handle(asked)) == "the answer"
    assert asked.requests == [request]


def test_a_call_passes_its_keywords_on() -> None:
    asked = Asked()
    handle(asked)(1, lr=0.5)
    assert (asked.requests, asked.kwargs) == ([("call", 7, 1)], {"lr": 0.5})


def test_setting_an_attribute_or_an_item_asks() -> None:
    asked = Asked()
    box: Any = handle(asked)
    box.data = 3
    box["a"] = 4
    assert asked.requests == [("setattr", 7, "data", 3), ("setitem", 7, "a", 4)]


def test_an_operation_in_place_asks_for_the_operation() -> None:
    asked = Asked("sum")
    box: Any = handle(asked)
    box += 2
    assert (box, asked.requests) == ("sum", [("add", 7, 2)])


def test_arithmetic_between_two_handles_asks_the_left_one() -> None:
    asked = Asked("sum")
    left, right = handle(asked), Handle(asked, 8, "Value", True)
    assert left + right == "sum"
    assert [request[:2] for request in asked.requests] == [("add", 7)]
    assert asked.requests[0][2] is right


def test_a_tensor_on_the_left_leaves_the_operation_to_the_handle() -> None:
    asked = Asked("sum", "product")
    x = torch.ones(2)
    assert (x + handle(asked), x * handle(asked)) == ("sum", "product")
    assert [request[0] for request in asked.requests] == ["radd", "rmul"]
    assert asked.requests[0][2] is x


def test_iterating_asks_once_for_all_items() -> None:
    asked = Asked([1, 2])
    assert [item for item in handle(asked)] == [1, 2]  # noqa: C416 - list() would ask for the length, too
    assert asked.requests == [("list", 7)]


@pytest.mark.parametrize("collect", [list, tuple, lambda h: [*h]])
def test_what_has_no_length_can_still_be_collected(collect: Callable[[Handle], Any]) -> None:
    def ask(op: str, target: object) -> Any:
        if op == "len":
            raise LearnerRaised(("TypeError", "Exception"), "object of type 'generator' has no len()")
        return [1, 2]

    generator = Handle(ask, 7, "generator", False)
    assert [*collect(generator)] == [1, 2]
    with pytest.raises(TypeError, match=r"^object of type 'generator' has no len\(\)$"):
        len(generator)


def test_a_length_that_raises_anything_else_shows_the_error_of_the_learner() -> None:
    def ask(op: str, target: object) -> Any:
        raise LearnerRaised(("ValueError", "Exception"), "closed")

    with pytest.raises(LearnerRaised, match=r"^ValueError: closed$"):
        len(Handle(ask, 7, "File", False))


@pytest.mark.parametrize(("answer", "kind"), [((1, 2), "tuple"), (None, "NoneType"), ("ab", "str"), ({1: 2}, "dict")])
def test_iterating_refuses_what_is_no_list(answer: Any, kind: str) -> None:
    with pytest.raises(TypeError, match=rf"^iterating a Value gave a {kind}$"):
        iter(handle(Asked(answer)))


def test_len_asks() -> None:
    asked = Asked(3)
    assert len(handle(asked)) == 3
    assert asked.requests == [("len", 7)]


@pytest.mark.parametrize(("answer", "kind"), [(-1, "int"), (True, "bool"), (2.0, "float"), (None, "NoneType")])
def test_len_refuses_what_is_no_length(answer: Any, kind: str) -> None:
    with pytest.raises(TypeError, match=rf"^the length of a Value came back as {kind}$"):
        len(handle(Asked(answer)))


@pytest.mark.parametrize(
    "compare", [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("other", [3, None, "text", [1]], ids=repr)
def test_a_comparison_is_refused_whichever_side_the_handle_is_on(compare: Any, other: Any) -> None:
    asked = Asked()
    for pair in ((handle(asked), other), (other, handle(asked)), (handle(asked), handle(asked))):
        with pytest.raises(OpaqueComparison, match=r"^a Value of the submission was compared$"):
            compare(*pair)
    assert asked.requests == []


@pytest.mark.parametrize(
    "use",
    [
        lambda h: 3 in h,
        lambda h: h in [3],
        lambda h: [1, h] == [1, 3],
        lambda h: {"a": h} == {"a": 3},
        lambda h: (h,) != (3,),
        lambda h: max(h, 3),
        lambda h: sorted([3, h]),
        lambda h: [3].index(h),
    ],
)
def test_a_comparison_through_a_container_is_refused(use: Callable[[Handle], object]) -> None:
    asked = Asked()
    with pytest.raises(OpaqueComparison, match=r"^a Value of the submission was compared$"):
        use(handle(asked))
    assert asked.requests == []


@pytest.mark.parametrize(
    "use", [bool, lambda h: not h, lambda h: h or 3, lambda h: [x for x in (1,) if h], lambda h: all([h])]
)
def test_a_handle_is_neither_true_nor_false(use: Callable[[Handle], object]) -> None:
    asked = Asked()
    with pytest.raises(OpaqueComparison, match=r"^a Value of the submission was used as true or false$"):
        use(handle(asked))
    assert asked.requests == []


@pytest.mark.parametrize("use", [hash, lambda h: {h}, lambda h: {h: 1}])
def test_a_handle_cannot_be_hashed(use: Callable[[Handle], object]) -> None:
    with pytest.raises(TypeError, match=r"unhashable type: 'Handle'"):
        use(handle(Asked()))


@pytest.mark.parametrize("use", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_handle_is_neither_pickled_nor_copied(use: Callable[[Handle], object]) -> None:
    asked = Asked()
    with pytest.raises(TypeError, match=r"^a handle travels by number only$"):
        use(handle(asked))
    assert asked.requests == []


@pytest.mark.parametrize("name", ["__array__", "__torch_function__", "__wrapped__", "__tracebackhide__"])
def test_a_dunder_name_is_not_asked_for(name: str) -> None:
    asked = Asked()
    assert not hasattr(handle(asked), name)
    with pytest.raises(AttributeError, match=rf"^{name}$"):
        getattr(handle(asked), name)
    assert asked.requests == []


def test_what_the_worker_told_of_the_object_is_there_without_asking() -> None:
    asked = Asked()
    box = handle(asked, "Box", is_callable=False)
    assert repr(box) == "<Box of the submission>"
    assert str(box) == f"{box}" == "<Box of the submission>"
    assert (box.learner_type_name(), box.handle_is_callable(), box.handle_number()) == ("Box", False, 7)
    assert handle(asked).handle_is_callable() is True
    assert asked.requests == []


def test_a_number_cannot_be_made_of_a_handle() -> None:
    for convert in (int, float, complex):
        with pytest.raises(TypeError):
            convert(handle(Asked()))
