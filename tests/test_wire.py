"""What crosses the boundary between judge and worker comes out as it went in, or is refused."""

import contextlib
import enum
import gc
import itertools
import math
import operator
import struct
import time
import tracemalloc
from collections import Counter, OrderedDict, namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from torch import Tensor

from grader import wire
from grader.judge.outcomes import LearnerCrashed, LearnerTimedOut
from grader.judge.session import Session
from grader.testing import CheckFailure
from grader.wire import DecodingTimedOut, ProtocolError, Unsendable, decode_reply, encode_reply, limits, request
from grader.worker.serve import no_references

# No deadline: a busy machine is no failure. Derandomized: the same examples on every run.
FUZZ = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
NUMPY_NAMES = (
    *("float64", "float32", "float16", "int64", "int32", "int16", "int8"),
    *("uint64", "uint32", "uint16", "uint8", "bool", "complex128", "complex64"),
)
LARGEST_INT = 2 ** (8 * 1024 - 1) - 1
TOO_LARGE = "is too large or too deep to be looked at: "


def encode(value: object, keep: Callable[[object], int] | None = None) -> bytes:
    return b"".join(bytes(part) for part in encode_reply(value, keep))


def travel(value: object) -> Any:
    return decode_reply(encode(value))


def not_a_key(name: str) -> str:
    return f"cannot be looked at: an object of class {name} is a key of a dict or in a set"


def u32(number: int) -> bytes:
    return struct.pack("<I", number)


def u64(number: int) -> bytes:
    return struct.pack("<Q", number)


def assert_same(a: Any, b: Any) -> None:
    """Fail unless two values are the same in type and in every bit that a check could see."""
    assert type(a) is type(b)
    if isinstance(a, Tensor):
        assert (a.dtype, a.shape, a.requires_grad) == (b.dtype, b.shape, b.requires_grad)
        assert repr(a.tolist()) == repr(b.tolist())  # tells -0.0 from 0.0, and NaN equals NaN
    elif isinstance(a, np.ndarray):
        assert (a.dtype, a.shape) == (b.dtype.newbyteorder("="), b.shape)
        assert repr(a.tolist()) == repr(b.tolist())
    elif isinstance(a, float | complex | np.inexact):
        assert repr(a) == repr(b)
    elif isinstance(a, list | tuple):
        assert len(a) == len(b)
        for one, other in zip(a, b, strict=True):
            assert_same(one, other)
    elif isinstance(a, dict):
        assert_same(list(a.items()), list(b.items()))
    else:
        assert a == b


# --- round trips --------------------------------------------------------------------------------------


@st.composite
def tensors(draw: st.DrawFn) -> Tensor:
    dtype = draw(st.sampled_from(wire.DTYPES))
    shape = draw(st.lists(st.integers(0, 4), max_size=3))
    element = st.floats(width=16) if dtype.is_floating_point or dtype.is_complex else st.integers(0, 127)
    elements = draw(st.lists(element, min_size=math.prod(shape), max_size=math.prod(shape)))
    tensor = torch.tensor(elements, dtype=torch.float64 if dtype.is_floating_point else None).to(dtype).reshape(shape)
    if dtype.is_complex:
        tensor = draw(st.sampled_from([tensor, tensor.conj(), torch.complex(tensor.real, tensor.real).conj().imag]))
    for view in draw(st.lists(st.sampled_from(["transpose", "step", "narrow", "expand"]), max_size=2)):
        if tensor.dim() and view == "transpose":
            tensor = tensor.transpose(0, -1)
        elif tensor.dim() and view == "step":
            tensor = tensor[..., ::3]
        elif tensor.dim() and view == "narrow":
            tensor = tensor[1:]
        elif view == "expand":
            tensor = tensor.expand(2, *tensor.shape)
    if tensor.is_floating_point() or tensor.is_complex():
        tensor = tensor.detach().requires_grad_(draw(st.booleans()))
    return tensor


@st.composite
def arrays(draw: st.DrawFn) -> Any:
    dtype = np.dtype(draw(st.sampled_from(NUMPY_NAMES))).newbyteorder(draw(st.sampled_from("<>")))
    array = draw(hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)))
    view = draw(st.sampled_from(["as it is", "reversed", "transposed", "every other"]))
    if view == "transposed":
        return array.T
    if array.ndim and view != "as it is":
        return array[::-1] if view == "reversed" else array[..., ::2]
    return array


texts = st.text(st.characters(exclude_categories=()))  # lone surrogates, too
atoms = st.one_of(
    st.none(),
    st.booleans(),
    st.binary(max_size=1023).map(lambda data: int.from_bytes(data, "little", signed=True)),
    st.integers(-300, 300),
    st.floats(allow_nan=False),
    st.complex_numbers(allow_nan=False),
    texts,
    st.binary(),
    st.sampled_from(wire.DTYPES),
)
groups = st.lists(atoms, max_size=3).map(tuple) | st.frozensets(atoms, max_size=3)
keys = atoms | groups | st.tuples(groups, atoms)
scalars = st.sampled_from(NUMPY_NAMES).flatmap(lambda name: hnp.from_dtype(np.dtype(name)))
values = st.recursive(
    st.one_of(atoms, st.floats(), st.complex_numbers(), tensors(), arrays(), scalars),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
        st.sets(keys, max_size=4),
    ),
    max_leaves=12,
)


@FUZZ
@given(values)
def test_a_value_of_the_closed_set_comes_back_as_it_went(value: Any) -> None:
    assert_same(travel(value), value)


@FUZZ
@given(tensors())
def test_a_tensor_of_any_dtype_and_layout_comes_back_as_it_went(tensor: Tensor) -> None:
    assert_same(travel(tensor), tensor)


@FUZZ
@given(arrays())
def test_an_array_of_any_dtype_order_and_stride_comes_back_as_it_went(array: Any) -> None:
    assert_same(travel(array), array)


@pytest.mark.parametrize("dtype", wire.DTYPES, ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (1, 2, 3)], ids=str)
def test_every_dtype_travels_in_every_kind_of_shape(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    tensor = torch.arange(math.prod(shape)).to(dtype).reshape(shape)
    assert_same(travel(tensor), tensor)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(10.0)[::5][:1],  # one element with stride 5 counts as contiguous
        torch.arange(20.0).reshape(4, 5)[:1, :1].T,
        torch.ones(3).expand(4, 3),
        torch.arange(6.0).unfold(0, 3, 1),
        torch.tensor([1 + 2j, 3 - 4j]).conj(),
        torch.tensor([1 + 2j, 3 - 4j]).conj().imag,
        torch.tensor([math.nan, math.inf, -math.inf, -0.0]),
        torch.zeros([1] * 32),
    ],
    ids=["step", "transposed step", "expanded", "overlapping", "conjugate", "negated", "not finite", "32 dimensions"],
)
def test_a_view_travels_as_its_elements(tensor: Tensor) -> None:
    assert_same(travel(tensor), tensor)


def test_an_expanded_view_is_refused_by_the_size_it_shows() -> None:
    with pytest.raises(
        Unsendable, match=rf"^{TOO_LARGE}an array of shape \(1048576, 1048576\) is larger than 512 MiB$"
    ):
        encode(torch.zeros(1).expand(2**20, 2**20))


def test_a_returned_tensor_can_be_written_to_and_says_where_it_was() -> None:
    payload = bytearray(encode(torch.zeros(2)))
    there = decode_reply(payload)
    there[0] = 1.0
    assert there.tolist() == [1.0, 0.0]
    assert there.came_from_device == "cpu"
    assert decode_reply(payload).tolist() == [0.0, 0.0]


def test_a_numpy_scalar_stays_one_and_a_0d_array_stays_one() -> None:
    assert_same(travel(np.float32(1.5)), np.float32(1.5))
    assert_same(travel(np.bool_(True)), np.bool_(True))
    assert_same(travel(np.array(True)), np.array(True))
    assert_same(travel(np.array(1.5)), np.array(1.5))


def test_ints_travel_up_to_1024_bytes() -> None:
    numbers = [0, -1, 127, 128, -128, -129, 2**63, LARGEST_INT, -LARGEST_INT]
    assert travel(numbers) == numbers
    with pytest.raises(Unsendable, match=r"^cannot be looked at: an object of class int$"):
        encode(LARGEST_INT + 1)


def test_text_travels_with_lone_surrogates_and_null_characters() -> None:
    text = "a\ud800b\udfff\0é\U0001f600"
    assert travel({text: [text]}) == {text: [text]}


class _Colour(enum.IntEnum):
    RED = 3


class _Word(str):
    __slots__ = ()

    def encode(self, *_: object) -> bytes:
        return b"something else"


class _Items(list[int]):
    def __iter__(self) -> Any:
        return iter([7, 7, 7])

    def __len__(self) -> int:
        return 3


class _Number(float):
    pass


_Point = namedtuple("_Point", "x y")


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (_Point(1, 2), (1, 2)),
        (torch.Size([2, 3]), (2, 3)),
        (OrderedDict(a=1), {"a": 1}),
        (Counter("aab"), {"a": 2, "b": 1}),
        (_Colour.RED, 3),
        (_Word("word"), "word"),
        (np.str_("word"), "word"),
        (np.bytes_(b"word"), b"word"),
        (_Items([1, 2]), [1, 2]),
        (_Number(1.5), 1.5),
        (bytearray(b"ab"), b"ab"),
        (torch.device("cpu"), "cpu"),
        (torch.nn.Parameter(torch.ones(2)), torch.ones(2, requires_grad=True)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_subclass_comes_back_as_its_plain_base(value: object, plain: object) -> None:
    assert_same(travel(value), plain)


def test_an_ordered_dict_keeps_its_own_order() -> None:
    counts = OrderedDict(a=1, b=2)
    counts.move_to_end("a")
    assert list(travel(counts)) == ["b", "a"]


class _Box:
    pass


class _Sneaky(Tensor):
    pass


class _Framed(np.ndarray):
    pass


@pytest.mark.parametrize(
    ("make", "kind", "is_callable"),
    [
        (_Box, "_Box", False),
        (lambda: len, "builtin_function_or_method", True),
        (lambda: _Box, "type", True),
        (lambda: torch.nn.Linear(1, 1), "Linear", True),
        (lambda: torch.ones(2).as_subclass(_Sneaky), "_Sneaky", False),
        (lambda: torch.eye(2).to_sparse(), "Tensor", False),
        (lambda: torch.ones(2, device="meta"), "Tensor", False),
        (lambda: torch.nested.nested_tensor([torch.ones(1), torch.ones(2)], layout=torch.strided), "Tensor", False),
        (lambda: torch.ones(2, dtype=torch.float8_e4m3fn), "Tensor", False),
        (lambda: np.ones(2).view(_Framed), "_Framed", False),
        (lambda: np.array([None]), "ndarray", False),
        (lambda: np.datetime64("2020-01-01"), "datetime64", False),
        (lambda: iter([1]), "list_iterator", False),
        (lambda: 10**3000, "int", False),
        (lambda: ..., "ellipsis", False),
        (lambda: torch.float8_e4m3fn, "dtype", False),
        (lambda: type("two\nlines \x1b[31m", (), {})(), "two?lines ?[31m", False),
        (lambda: type("x" * 1000, (), {})(), "x" * 200, False),
    ],
)
@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning")
def test_anything_else_stays_behind_as_a_handle(make: Callable[[], object], kind: str, is_callable: bool) -> None:
    value = make()
    kept: list[object] = []

    def keep(given: object) -> int:
        kept.append(given)
        return 40 + len(kept)

    payload = encode([1, value], keep)
    assert decode_reply(payload, lambda *handle: handle) == [1, (41, kind, is_callable)]
    assert len(kept) == 1
    assert kept[0] is value
    with pytest.raises(ProtocolError, match=r"^a handle where none can be$"):
        decode_reply(payload)
    with pytest.raises(Unsendable):
        encode(value)


def test_a_list_that_holds_itself_is_unsendable() -> None:
    cycle: list[object] = []
    cycle.append(cycle)
    with pytest.raises(Unsendable, match=f"^{TOO_LARGE}nested deeper than 64 levels$"):
        encode(cycle, lambda _: 1)


def test_64_levels_travel_and_65_do_not() -> None:
    value: object = None
    for _ in range(64):
        value = [value]
    assert_same(travel(value), value)
    with pytest.raises(Unsendable, match=f"^{TOO_LARGE}nested deeper than 64 levels$"):
        encode([value])
    with pytest.raises(ProtocolError, match=r"^the reply is nested too deeply$"):
        decode_reply(b"l" + u32(1) + encode(value))


@pytest.mark.parametrize("number", [1, 1.5])
def test_a_number_travels_at_64_levels_and_not_at_65(number: float) -> None:
    value: object = number
    for _ in range(64):
        value = [value]
    assert_same(travel(value), value)
    with pytest.raises(Unsendable, match=f"^{TOO_LARGE}nested deeper than 64 levels$"):
        encode([value])


@pytest.mark.parametrize(
    ("value", "cost"),
    [
        ([None] * 9, 10),
        ([1, 1.5, 2**70], 4),
        (([],), 2),
        (torch.zeros(()), 21),
        (np.zeros(3), 21),
        ({}, 5),
        ({1: 2}, 7),
        ({1}, 6),
        (frozenset({1}), 6),
        ("x" * 15, 1),
        ("é" * 16, 3),
        ({"x" * 16}, 7),
        (b"x" * 16, 1),
    ],
)
def test_both_sides_count_items_alike(monkeypatch: pytest.MonkeyPatch, value: object, cost: int) -> None:
    monkeypatch.setattr(limits, "MAX_NODES", cost)
    assert_same(travel(value), value)
    payload = encode(value)
    monkeypatch.setattr(limits, "MAX_NODES", cost - 1)
    with pytest.raises(Unsendable, match=f"^{TOO_LARGE}more than {cost - 1} items$"):
        encode(value)
    with pytest.raises(ProtocolError, match=r"^the reply has too many items$"):
        decode_reply(payload)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (torch.zeros(2**18), "an array of shape (262144,) is larger than 1 MiB"),
        (np.zeros(2**18), "an array of shape (262144,) is larger than 1 MiB"),
        ("x" * (2**20 + 1), "more than 1 MiB in all"),
        ([b"x" * 2**19] * 2, "more than 1 MiB in all"),
        ([1.5] * 2**17, "more than 1 MiB in all"),
        (torch.zeros([1] * 33), "an array of 33 dimensions and shape (1, 1, 1, 1, 1, 1, 1, 1)"),
        (torch.zeros(0, 2**60), f"an array of 2 dimensions and shape (0, {2**60})"),
    ],
    ids=["tensor", "array", "text", "sum", "numbers", "dimensions", "empty"],
)
def test_what_is_larger_than_a_frame_is_unsendable(monkeypatch: pytest.MonkeyPatch, value: object, text: str) -> None:
    monkeypatch.setattr(limits, "MAX_FRAME_BYTES", 2**20 - 1)
    with pytest.raises(Unsendable) as caught:
        encode(value, lambda _: 1)
    assert str(caught.value).replace("0 MiB", "1 MiB") == TOO_LARGE + text


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ({torch.tensor(1): 2}, "Tensor"),
        ({(1, torch.tensor(1)): 2}, "tuple"),
        ({_Box(): 2}, "_Box"),
        ({_Box()}, "_Box"),
        ({frozenset({_Box()})}, "_Box"),
    ],
)
def test_a_key_that_is_not_hashed_by_its_value_is_unsendable(value: object, name: str) -> None:
    with pytest.raises(Unsendable, match=f"^{not_a_key(name)}$"):
        encode(value, lambda _: 1)


def test_a_key_that_would_become_a_handle_is_unsendable() -> None:
    with pytest.raises(Unsendable, match=f"^{not_a_key('datetime64')}$"):
        encode({np.datetime64("2020-01-01"): 1}, lambda _: 1)


# --- hostile replies ----------------------------------------------------------------------------------


def array(code: int, shape: tuple[int, ...], data: bytes, *, kind: bytes = b"x", dims: int | None = None) -> bytes:
    head = kind + bytes([code, 0, len(shape) if dims is None else dims, 0])
    return head + b"".join(u64(n) for n in shape) + u64(len(data)) + data


INT64, BOOL, FLOAT64 = 4, 9, 0
KEY = b"s" + u32(1) + b"k"
HANDLE = b"h" + u32(1) + b"\1" + u32(1) + b"f"
COLLIDING = b"".join(
    b"i" + u32(10) + (i * (2**61 - 1)).to_bytes(10, "little", signed=True) for i in range(1000)
)  # Python hashes an int modulo 2**61 - 1


def nested_collisions(levels: int) -> bytes:
    """Encode a set of sets of ... of ints in which all sets of a level have the same hash, and differ late."""
    same = [COLLIDING[i : i + 15] for i in range(15, 15 * 33, 15)]
    for _ in range(levels):
        same = [b"Z" + u32(16) + b"".join([*same[:14], *pair]) for pair in itertools.combinations(same[14:], 2)][:32]
    return same[0]


HOSTILE = {
    "nothing": (b"", "the reply ends too early"),
    "unknown tag": (b"?", r"unknown type tag b'\?'"),
    "pickle": (b"\x80\x05N.", r"unknown type tag b'\\x80'"),
    "bytes left over": (b"NN", "bytes left over after the reply"),
    "text of false length": (b"s" + u32(2**32 - 1) + b"abc", "the reply ends too early"),
    "bytes of false length": (b"b" + u32(4) + b"abc", "the reply ends too early"),
    "text that is not UTF-8": (b"s" + u32(2) + b"\xff\xfe", "text that is not UTF-8"),
    "text cut in a character": (b"s" + u32(2) + "€".encode()[:2], "text that is not UTF-8"),
    "device that is not UTF-8": (b"v" + u32(1) + b"\xff", "text that is not UTF-8"),
    "huge int": (b"i" + u32(1025) + bytes(1025), "an int of absurd size"),
    "int of false length": (b"i" + u32(2**31) + bytes(8), "an int of absurd size"),
    "list of false length": (b"l" + u32(2**32 - 1) + b"N", "a container claims more items than the reply has bytes"),
    "tuple of false length": (b"t" + u32(3) + b"NN", "a container claims more items than the reply has bytes"),
    "dict of false length": (b"d" + u32(9) + b"NN", "a container claims more items than the reply has bytes"),
    "set of false length": (b"S" + u32(9) + b"NN", "a container claims more items than the reply has bytes"),
    "dict without its last value": (b"d" + u32(1) + b"N", "the reply ends too early"),
    "100,000 lists deep": ((b"l" + u32(1)) * 100_000 + b"N", "the reply is nested too deeply"),
    "100,000 tuples deep": ((b"t" + u32(1)) * 100_000 + b"N", "the reply is nested too deeply"),
    "100,000 keys deep": ((b"d" + u32(1)) * 100_000 + b"N", "the reply is nested too deeply"),
    "100,000 values deep": ((b"d" + u32(1) + b"N") * 100_000 + b"N", "the reply is nested too deeply"),
    "100,000 frozen sets deep": ((b"Z" + u32(1)) * 100_000 + b"N", "the reply is nested too deeply"),
    "doubled key": (b"d" + u32(2) + (KEY + b"N") * 2, "a key is there twice"),
    "doubled key of another type": (b"d" + u32(2) + b"TN" + b"i" + u32(1) + b"\1N", "a key is there twice"),
    "list as a key": (b"d" + u32(1) + b"l" + u32(0) + b"N", "a list as a key"),
    "dict as a key": (b"d" + u32(1) + b"d" + u32(0) + b"N", "a dict as a key"),
    "set in a set": (b"S" + u32(1) + b"S" + u32(0), "a set as a key"),
    "list in a tuple as a key": (b"d" + u32(1) + b"t" + u32(1) + b"l" + u32(0) + b"N", "a tuple as a key"),
    "tensor as a key": (b"d" + u32(1) + encode(torch.zeros(1)) + b"N", "a Tensor as a key"),
    "tensor in a tuple as a key": (b"d" + u32(1) + b"t" + u32(1) + encode(torch.zeros(1)) + b"N", "a tuple as a key"),
    "tensor in a set": (b"S" + u32(1) + encode(torch.zeros(1)), "a Tensor as a key"),
    "array as a key": (b"d" + u32(1) + encode(np.zeros(1)) + b"N", "a ndarray as a key"),
    "handle as a key": (b"d" + u32(1) + HANDLE + b"N", "a Opaque as a key"),
    "colliding keys": (b"S" + u32(1000) + COLLIDING, "keys that were made to collide"),
    "colliding keys of a dict": (
        b"d" + u32(1000) + b"".join(COLLIDING[i : i + 15] + b"N" for i in range(0, len(COLLIDING), 15)),
        "keys that were made to collide",
    ),
    "class name of false length": (b"h" + u32(1) + b"\1" + u32(2**30) + b"f", "a class name of absurd length"),
    "class name that is not UTF-8": (b"h" + u32(1) + b"\1" + u32(1) + b"\xff", "text that is not UTF-8"),
    "dtype of no number": (b"y\xff", "an unknown dtype"),
    "tensor of an unknown dtype": (
        array(len(wire.DTYPES), (1,), bytes(8)),
        "an array of unknown dtype or with too many dimensions",
    ),
    "array of an unknown dtype": (
        array(len(NUMPY_NAMES), (1,), bytes(8), kind=b"n"),
        "an array of unknown dtype or with too many dimensions",
    ),
    "33 dimensions": (array(INT64, (1,) * 33, bytes(8)), "an array of unknown dtype or with too many dimensions"),
    "255 dimensions": (
        array(INT64, (2**64 - 1,) * 255, bytes(8)),
        "an array of unknown dtype or with too many dimensions",
    ),
    "dimensions that are not there": (array(INT64, (), b"", dims=32), "the reply ends too early"),
    "fewer bytes than claimed": (array(INT64, (4,), bytes(32))[:-1], "an array claims more bytes than the reply has"),
    "data of false length": (
        b"x" + bytes([INT64, 0, 0, 0]) + u64(2**63),
        "an array claims more bytes than the reply has",
    ),
    "too few elements": (array(INT64, (2,), bytes(8)), "an array whose shape does not fit its bytes"),
    "too many elements": (array(INT64, (2,), bytes(24)), "an array whose shape does not fit its bytes"),
    "half an element": (array(INT64, (1,), bytes(9)), "an array whose shape does not fit its bytes"),
    "a shape that wraps to 8 bytes": (
        array(INT64, (2**61 + 1,), bytes(8)),
        "an array whose shape does not fit its bytes",
    ),
    "a shape that wraps to 0": (array(INT64, (2**32, 2**32), b""), "an array whose shape does not fit its bytes"),
    "a shape that wraps to 1": (array(8, (2**64 - 1, 2**64 - 1), b"a"), "an array whose shape does not fit its bytes"),
    "an array that wraps to 0": (
        array(INT64, (2**32, 2**32), b"", kind=b"n"),
        "an array whose shape does not fit its bytes",
    ),
    "empty, with strides over 2**63": (
        array(FLOAT64, (0, 2**48, 2**48), b""),
        "an array whose shape does not fit its bytes",
    ),
    "empty, with a size over 2**63": (array(FLOAT64, (2**63, 0), b""), "an array whose shape does not fit its bytes"),
    "an empty array with strides over 2**63": (
        array(FLOAT64, (0, 2**48, 2**48), b"", kind=b"n"),
        "an array whose shape does not fit its bytes",
    ),
    "device of a tensor that is not UTF-8": (
        b"x" + bytes([BOOL, 0, 0, 1]) + b"\xff" + u64(1) + b"\1",
        "a device of unknown form",
    ),
    "device that would forge a line": (
        b"x" + bytes([BOOL, 0, 0, 5]) + b"cpu\n\x1b" + u64(1) + b"\1",
        "a device of unknown form",
    ),
    "sets of sets that collide at every level": (nested_collisions(3), "keys that were made to collide"),
    "doubled item of a set": (b"S" + u32(2) + KEY * 2, "a key is there twice"),
    "doubled item of a frozen set": (b"Z" + u32(2) + b"T" + b"i" + u32(1) + b"\1", "a key is there twice"),
    "a text that could become too wide": (b"s" + u32(2**25) + bytes(2**25), "the reply has too many items"),
    "surrogates": (b"s" + u32(3 * 2**24) + b"\xed\xa0\x80" * 2**24, "the reply has too many items"),
    "more items than are read": (b"l" + u32(2**21) + bytes(2**21), "the reply has too many items"),
    "int cut short in a list": (b"l" + u32(1) + b"i" + u32(8) + bytes(4), "the reply ends too early"),
    "huge int in a list": (b"l" + u32(1) + b"i" + u32(1025) + bytes(1025), "an int of absurd size"),
    "float cut short in a list": (b"l" + u32(1) + b"f" + bytes(7), "the reply ends too early"),
    "tag without a length in a list": (b"l" + u32(1) + b"i", "the reply ends too early"),
    "unknown tag in a list": (b"l" + u32(1) + b"?" + bytes(8), r"unknown type tag b'\?'"),
    "a list of 65 levels with numbers": ((b"l" + u32(1)) * 65 + b"f" + bytes(8), "the reply is nested too deeply"),
    "2**60 elements": (array(FLOAT64, (2**60,), bytes(8)), "an array whose shape does not fit its bytes"),
    "an expanded shape": (array(FLOAT64, (2**20, 2**20), bytes(8)), "an array whose shape does not fit its bytes"),
    "a negative size": (array(FLOAT64, (2**64 - 1,), bytes(8)), "an array whose shape does not fit its bytes"),
    "two negative sizes": (
        array(FLOAT64, (2**64 - 1, 2**64 - 1), bytes(8)),
        "an array whose shape does not fit its bytes",
    ),
}


class Opaque:
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, number: int, name: str, is_callable: bool) -> None:
        self.handle = (number, name, is_callable)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_reply_is_refused_in_little_memory(name: str) -> None:
    payload, message = HOSTILE[name]
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolError, match=f"^{message}$"):
            decode_reply(payload, Opaque)
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak_bytes < 2**20


@pytest.mark.parametrize(
    "value",
    [
        {(a, b, c, d) for a in range(-3, 3) for b in range(-3, 3) for c in range(-3, 3) for d in range(-3, 3)},
        dict.fromkeys(range(-1000, 1000), 1.5),
        {frozenset({-1, i}) for i in range(300)} | {frozenset({-2, i}) for i in range(300)},
    ],
    ids=["grid", "numbers", "sets"],
)
def test_honest_keys_that_share_a_hash_travel(value: object) -> None:
    assert travel(value) == value


@pytest.mark.parametrize(
    "text",
    ["é" * 200_000, "a€" * 100_000, "a\ud800" * 50_000, "xy\U0001f600" * 50_000, "a" * 2**16 + "€" * 2**16, ""],
    ids=["two bytes", "three", "surrogates", "four", "mixed", "none"],
)
def test_a_long_text_that_is_read_in_pieces_comes_back_as_it_went(text: str) -> None:
    for shift in range(4):
        assert travel("x" * shift + text) == "x" * shift + text


def test_a_long_text_cut_in_a_character_is_refused() -> None:
    data = ("é" * 2**17).encode()[:-1]
    with pytest.raises(ProtocolError, match=r"^text that is not UTF-8$"):
        decode_reply(b"s" + u32(len(data)) + data)


def test_continuation_bytes_alone_are_refused() -> None:
    with pytest.raises(ProtocolError, match=r"^text that is not UTF-8$"):
        decode_reply(b"s" + u32(2**18) + b"\x80" * 2**18)


class Clock:
    """A clock that moves by one second whenever somebody looks."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        self.now_s += 1.0
        return self.now_s


EMPTY_LIST = b"l" + u32(0)
SLOW = {
    "many numbers": b"l" + u32(10**5) + (b"f" + bytes(8)) * 10**5,
    "many empty lists": b"l" + u32(10**5) + EMPTY_LIST * 10**5,
    "many lists of one": b"l" + u32(2000) + (b"l" + u32(10) + b"N" * 10) * 2000,
    "many keys": b"S" + u32(1000) + b"".join(b"i" + u32(8) + u64(i) for i in range(1000)),
    "many entries": b"d" + u32(1000) + b"".join(b"i" + u32(8) + u64(i) + b"N" for i in range(1000)),
    "a long text": b"s" + u32(2**20) + b"\xc3\xa9" * 2**19,
    "a long text of surrogates": b"s" + u32(3 * 2**18) + b"\xed\xa0\x80" * 2**18,
    "many texts": b"l" + u32(2000) + (b"s" + u32(100) + b"x" * 100) * 2000,
    "many arrays": b"l" + u32(500) + array(FLOAT64, (1,), bytes(8)) * 500,
    "many handles": b"l" + u32(9000) + HANDLE * 9000,
}


@pytest.mark.parametrize("name", SLOW)
def test_the_clock_is_looked_at_all_along_and_a_late_reply_given_up(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    decode_reply(SLOW[name], Opaque)
    looks = int(clock.now_s)
    assert looks >= 8
    for deadline_s in (0.5, looks // 2 + 0.5, looks - 0.5):
        clock.now_s = 0.0
        with pytest.raises(DecodingTimedOut, match=r"^the reply takes longer to read than the time that is left$"):
            decode_reply(SLOW[name], Opaque, deadline_s=deadline_s)
        assert clock.now_s == deadline_s + 0.5
    clock.now_s = 0.0
    decode_reply(SLOW[name], Opaque, deadline_s=looks)


def test_a_reply_of_one_item_that_comes_too_late_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", Clock())
    with pytest.raises(DecodingTimedOut):
        decode_reply(b"N", deadline_s=1.5)
    assert decode_reply(b"N", deadline_s=4.0) is None


class FakeWorker:
    """Has every reply ready at once, whatever it is asked."""

    def __init__(self, payload: bytes) -> None:
        self._payload = payload

    def extend(self, deadline_s: float) -> float:
        return deadline_s

    def send(self, payload: bytes, deadline_s: float) -> None:
        pass

    def receive(self, deadline_s: float) -> memoryview:
        return memoryview(self._payload)

    def drain(self) -> None:
        pass

    def kill(self) -> int:
        return 0


def ask_fake_worker(payload: bytes, timeout_s: float) -> Session:
    session = Session(Any, Any, {})
    session._worker, session._in_check, session._left_s = FakeWorker(payload), True, timeout_s  # type: ignore[assignment]
    session.ask("name", "f")
    return session


VALUE = b"t" + u32(3) + encode("value") + SLOW["many numbers"] + encode({})


def test_a_reply_that_takes_too_long_to_decode_is_the_timeout_of_the_learner() -> None:
    with pytest.raises(LearnerTimedOut):
        ask_fake_worker(VALUE, timeout_s=0.0)


def test_decoding_a_reply_uses_up_the_time_of_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", Clock())
    session = ask_fake_worker(VALUE, timeout_s=1000.0)
    assert session.learner_s > 100_000 / limits.LOOK_EVERY_NODES
    assert session._left_s == 1000.0 - session.learner_s


def test_a_reply_that_is_none_is_a_crash_and_says_what_is_wrong() -> None:
    with pytest.raises(LearnerCrashed, match=r"^its reply could not be read: bytes left over after the reply$"):
        ask_fake_worker(b"NN", timeout_s=1000.0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({torch.zeros(1): 1}, "what came back cannot be looked at: an object of class Tensor is a key"),
        ("x" * 2**25, "what came back is too large or too deep to be looked at: a text of more than 32000000 bytes"),
    ],
)
def test_an_unsendable_value_is_a_failure_in_the_words_of_the_wire(value: object, text: str) -> None:
    with pytest.raises(Unsendable) as caught:
        encode(value)
    with pytest.raises(CheckFailure) as failed:
        ask_fake_worker(encode(("unsendable", str(caught.value))), timeout_s=1000.0)
    assert failed.value.headline.startswith(text)


@pytest.mark.parametrize("payload", [EMPTY_LIST, b"?"])
def test_the_garbage_collector_is_as_it_was_after_decoding(payload: bytes) -> None:
    was = gc.isenabled()
    try:
        for enabled in (True, False):
            (gc.enable if enabled else gc.disable)()
            with contextlib.suppress(ProtocolError):
                decode_reply(payload)
            assert gc.isenabled() == enabled
    finally:
        (gc.enable if was else gc.disable)()


@pytest.mark.parametrize("value", [torch.ones(2**20), torch.ones(2**22, dtype=torch.bool), np.ones(2**20)])
def test_an_array_is_not_copied_when_encoded_and_leaves_the_payload_when_decoded(value: Any) -> None:
    payload = bytearray(encode(value))
    tracemalloc.start()
    try:
        encode_reply(value)
        encoding_bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        decoded = decode_reply(payload)
        decoding_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert encoding_bytes < 2**16
    assert decoding_bytes < 2**16  # the copy lies in torch's own memory, which is not counted here
    payload[:] = bytes(len(payload))
    assert_same(decoded, value)


def test_a_text_that_could_become_too_wide_is_unsendable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_NODES", 100)
    assert travel("x" * 99 * 16) == "x" * 99 * 16
    with pytest.raises(Unsendable, match=f"^{TOO_LARGE}more than 100 items$"):
        encode("x" * 100 * 16)
    with pytest.raises(Unsendable, match=f"^{TOO_LARGE}a text of more than 1600 bytes$"):
        encode("x" * 1601)


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview])
def test_a_bool_byte_that_is_neither_0_nor_1_is_true(wrap: Callable[[bytes], Any]) -> None:
    tensor = decode_reply(wrap(array(BOOL, (3,), b"\0\2\1")))
    assert_same(tensor, torch.tensor([False, True, True]))
    assert int(tensor.sum()) == 2
    bools = decode_reply(wrap(array(11, (3,), b"\0\2\1", kind=b"n")))
    assert_same(bools, np.array([False, True, True]))
    assert bools.view(np.uint8).tolist() == [0, 1, 1]


def test_an_integer_tensor_that_claims_a_gradient_has_none() -> None:
    payload = bytearray(encode(torch.zeros(1, dtype=torch.int64)))
    payload[2] = 1
    assert not decode_reply(payload).requires_grad


RICH = [
    *(None, True, -5, 1.5, 1j, "é", b"b", (1,), {"k": {2}, (1, 2): frozenset({3})}, torch.float32),
    *(torch.device("cpu"), torch.eye(2, requires_grad=True), np.arange(3), np.float32(1.0)),
]


def test_a_reply_cut_anywhere_is_refused() -> None:
    payload = encode(RICH)
    decode_reply(payload)
    for size in range(len(payload)):
        with pytest.raises(ProtocolError):
            decode_reply(payload[:size])


CLOSED = (bool, int, float, complex, str, bytes, Tensor, np.ndarray, np.generic, torch.dtype, Opaque)


def assert_closed(value: Any) -> None:
    if type(value) in (list, tuple, set, frozenset):
        for item in value:
            assert_closed(item)
    elif type(value) is dict:
        for key, item in value.items():
            assert_closed(key)
            assert_closed(item)
    else:
        assert value is None or isinstance(value, CLOSED)
        assert not isinstance(value, Tensor) or type(value) is Tensor


def read_hostile(payload: bytes) -> None:
    try:
        value = decode_reply(payload, Opaque)
    except ProtocolError:
        return
    assert_closed(value)


@FUZZ
@given(st.binary(max_size=300))
def test_random_bytes_are_refused_or_a_value_of_the_closed_set(payload: bytes) -> None:
    read_hostile(payload)


pieces = st.one_of(
    st.sampled_from([bytes([tag]) for tag in b"NTFifcsbltdSZxnyvh"]),
    st.integers(0, 6).map(u32),
    st.sampled_from([u32(2**32 - 1), u64(0), u64(1), u64(2), u64(8), u64(2**63), bytes([4, 0, 1, 0]), bytes(4)]),
    st.binary(max_size=9),
)


@FUZZ
@given(st.lists(pieces, max_size=40).map(b"".join))
def test_pieces_of_replies_are_refused_or_a_value_of_the_closed_set(payload: bytes) -> None:
    read_hostile(payload)


@FUZZ
@given(values, st.data())
def test_a_damaged_reply_is_refused_or_a_value_of_the_closed_set(value: Any, data: st.DataObject) -> None:
    payload = bytearray(encode(value))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(payload)))
        until = data.draw(st.integers(at, min(len(payload), at + 8)))
        payload[at:until] = data.draw(st.binary(max_size=8))
    read_hostile(bytes(payload))


# --- frames -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 258, wire.MAX_FRAME_BYTES])
def test_the_head_of_a_frame_gives_its_size(size: int) -> None:
    assert wire.frame_head(size) == u64(size)
    assert wire.frame_size(u64(size)) == size


@pytest.mark.parametrize("size", [wire.MAX_FRAME_BYTES + 1, 2**64 - 1])
def test_a_frame_above_the_cap_is_refused(size: int) -> None:
    with pytest.raises(ProtocolError, match=f"^a reply of {size} bytes; at most 536870912 are read$"):
        wire.frame_size(u64(size))


# --- requests -----------------------------------------------------------------------------------------


def nothing_to_refer(value: object) -> None:
    return None


def ask(request: object) -> Any:
    payload = bytearray().join(wire.encode_request(request, nothing_to_refer))
    return wire.decode_request(payload, lambda kind, number: (kind, number))


def _views() -> dict[str, Tensor]:
    base = torch.arange(24.0).reshape(4, 6)
    return {
        "whole": base,
        "transposed": base.T,
        "column": base[:, 1],
        "step": base[::2, ::3],
        "one element": base.flatten()[::5][:1],
        "expanded": base[:, :1].expand(4, 6),
        "overlapping": torch.arange(6.0).unfold(0, 3, 1),
        "channels last": torch.arange(24.0).reshape(1, 2, 3, 4).to(memory_format=torch.channels_last),
        "0-d": torch.tensor(1.5),
        "conjugate": torch.tensor([1 + 2j, 3 - 4j]).conj(),
        "negated": torch.tensor([1 + 2j, 3 - 4j]).conj().imag,
        "bfloat16": base.to(torch.bfloat16),
        "bool": base > 3,
        "gradient": base.clone().requires_grad_(),
    }


@pytest.mark.parametrize("name", _views())
def test_a_tensor_keeps_its_values_and_strides_on_the_way_to_the_worker(name: str) -> None:
    tensor = _views()[name]
    there = ask(tensor)
    assert_same(there, tensor)
    assert there.stride() == tensor.stride()


@FUZZ
@given(tensors())
def test_any_tensor_reaches_the_worker_as_it_is(tensor: Tensor) -> None:
    there = ask(tensor)
    assert_same(there, tensor)
    assert there.stride() == tensor.stride() or tensor.numel() == 0


def test_a_view_does_not_ship_the_rest_of_its_storage() -> None:
    secret = torch.full((100_000,), 7, dtype=torch.int64)
    payload = bytearray().join(wire.encode_request([secret[:3], secret[::40_000]], nothing_to_refer))
    assert payload.count(struct.pack("<q", 7)) == 6
    assert len(payload) < 1000


def test_a_column_arrives_with_zeros_between_its_elements() -> None:
    column = ask(torch.arange(1.0, 13.0).reshape(4, 3)[:, 1])
    assert column.untyped_storage().nbytes() == 10 * 4
    assert column.as_strided((10,), (1,)).tolist() == [2.0, 0, 0, 5.0, 0, 0, 8.0, 0, 0, 11.0]


def test_one_tensor_given_twice_is_one_tensor_there() -> None:
    x = torch.zeros(2)
    first, kwargs = ask((x, {"again": x}))
    assert first is kwargs["again"]


def test_a_tensor_can_be_written_to_there() -> None:
    x = torch.zeros(2)
    there = ask(x)
    there += 1
    assert (x.tolist(), there.tolist()) == ([0.0, 0.0], [1.0, 1.0])


def test_a_parameter_and_a_module_arrive_as_such() -> None:
    linear = torch.nn.Linear(2, 3)
    weight, module = ask((linear.weight, linear))
    assert type(weight) is torch.nn.Parameter
    assert_same(weight.detach(), linear.weight.detach())
    assert_same(module(torch.ones(2)).detach(), linear(torch.ones(2)).detach())


def test_a_meta_tensor_a_sparse_one_and_a_generator_arrive() -> None:
    meta, sparse, generator = ask((torch.ones(2, device="meta"), torch.eye(2).to_sparse(), torch.Generator()))
    assert (meta.device.type, meta.shape) == ("meta", (2,))
    assert sparse.to_dense().tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert type(generator) is torch.Generator


def test_tensors_arrive_on_the_device_of_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request, "_target_device", "cpu")
    wire.place_tensors_on("meta")
    there = ask(torch.ones(2, requires_grad=True))
    assert (there.device.type, there.requires_grad) == ("meta", True)


def _double(x: int) -> int:
    return 2 * x


class _Doubler:
    def double(self, x: int) -> int:
        return 2 * x


@pytest.mark.parametrize(
    "function",
    [
        torch.relu,
        torch.nn.functional.gelu,
        torch.nn.functional.softmax,
        math.sin,
        operator.add,
        np.sum,
        len,
        torch.nn.Linear,
    ],
)
def test_a_function_of_a_library_travels_by_its_name(function: Any) -> None:
    assert not wire.is_check_function(function)
    assert ask(function) is function


@pytest.mark.parametrize("function", [_double, lambda x: 2 * x, _Doubler().double])
def test_a_function_of_a_check_travels_as_a_callback(function: Any) -> None:
    def refer(value: object) -> tuple[str, int] | None:
        return ("callback", 5) if wire.is_check_function(value) else None

    assert wire.is_check_function(function)
    payload = bytearray().join(wire.encode_request((1, {"loss": function}), refer))
    assert wire.decode_request(payload, lambda kind, number: (kind, number)) == (1, {"loss": ("callback", 5)})


def test_a_handle_travels_by_its_number() -> None:
    box = _Box()
    payload = bytearray().join(wire.encode_request([box, box], lambda value: ("handle", 3) if value is box else None))
    assert wire.decode_request(payload, lambda kind, number: f"{kind} {number}") == ["handle 3", "handle 3"]


def test_encoding_a_request_leaves_nothing_to_the_garbage_collector() -> None:
    """Python 3.11 crashes where it collects what lends out its memory before what has borrowed it."""
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for size in (10, 100_000):
            wire.encode_request({"args": (torch.ones(size), [torch.ones(size), np.ones(size)])}, lambda value: None)
        gc.collect()
        left = [type(thing).__name__ for thing in gc.garbage]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
    assert left == []


def test_arrays_and_tensors_of_all_sizes_travel_side_by_side() -> None:
    sent = {"args": [kind(size) * size for size in (3, 100_000, 4) for kind in (torch.ones, np.ones)]}
    received = wire.decode_request(bytearray().join(wire.encode_request(sent, lambda value: None)), no_references)
    for got, wanted in zip(received["args"], sent["args"], strict=True):
        assert type(got) is type(wanted)
        assert np.array_equal(np.asarray(got), np.asarray(wanted))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (torch.zeros(2**20), wire.TooLarge),
        (torch.zeros(2**10, 2**10).T, wire.TooLarge),
        (np.zeros(2**20, np.float32), wire.TooLarge),
        ([torch.zeros(2**18)] * 4, wire.TooLarge),
        (b"x" * 2**22, wire.TooLarge),
        (torch.zeros(1).expand(2**20), Unsendable),
        (np.broadcast_to(np.float32(0), (2**20,)), Unsendable),
    ],
    ids=["tensor", "transposed", "array", "several", "bytes", "expanded tensor", "expanded array"],
)
def test_what_there_is_no_room_for_is_a_shortage_only_where_it_takes_memory(value: object, kind: type) -> None:
    with pytest.raises(Unsendable) as caught:
        encode_reply(value, room=2**20)
    assert type(caught.value) is kind
    assert str(caught.value).startswith(TOO_LARGE)
    assert encode_reply(value, room=2**23)
