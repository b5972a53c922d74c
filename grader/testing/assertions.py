"""Assertions whose failures carry numbers.

Every assertion raises `CheckFailure`, which keeps both sides, so that the judge can say not only by how
much an answer is off and where, but also guess why. All of them run in the judge, on plain values:
nothing a learner wrote takes part in a comparison.
"""

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.testing.tolerances import TOLERANCES
from grader.text.wording import (
    MAX_ELEMENTS_SHOWN,
    MAX_TEXT_SHOWN,
    describe,
    name_dtype,
    name_kind,
    tell_apart,
    write_shape,
)

#: (rtol, atol) used when a check names none.
DEFAULT_TOLERANCES: Mapping[torch.dtype, tuple[float, float]] = {
    dtype: (tolerance.rtol, tolerance.atol) for dtype, tolerance in TOLERANCES.items()
}
#: A float in Python is a float64.
PYTHON_FLOAT_TOLERANCE = DEFAULT_TOLERANCES[torch.float64]
_NOT_GIVEN = object()


class CheckFailure(AssertionError):
    """A check did not hold.

    Attributes:
        headline: What is wrong, in one sentence, numbers included.
        got: What came back, in short, or None.
        expected: What should have come back, in short, or None.
        actual_tensor, expected_tensor: Both sides where they are tensors of one shape, for the guesses.
    """

    def __init__(
        self,
        headline: str,
        *,
        got: str | None = None,
        expected: str | None = None,
        actual_tensor: Tensor | None = None,
        expected_tensor: Tensor | None = None,
    ) -> None:
        super().__init__(headline)
        self.headline = headline
        self.got = got
        self.expected = expected
        self.actual_tensor = actual_tensor
        self.expected_tensor = expected_tensor


class LearnerRaised(Exception):
    """The submission raised; `kinds` are the names of the exception's class and its bases.

    A check that wants an exception writes `with pytest.raises(LearnerRaised) as caught: ...` and looks at
    `caught.value.kinds` and `caught.value.text`.
    """

    def __init__(self, kinds: tuple[str, ...], text: str, frames: tuple[tuple[int, str], ...] = ()) -> None:
        super().__init__(f"{kinds[0]}: {text}" if text else kinds[0])
        self.kinds = kinds
        self.text = text
        self.frames = frames  # (line, function) in the learner's file, outermost first


def require(condition: bool, headline: str, *, got: object = _NOT_GIVEN, expected: object = _NOT_GIVEN) -> None:
    """Fail with `headline` unless the condition holds; `got` and `expected` are shown when given."""
    if not condition:
        raise CheckFailure(
            headline,
            got=None if got is _NOT_GIVEN else describe(got),
            expected=None if expected is _NOT_GIVEN else describe(expected),
        )


def _name_item(key: object, what: str) -> str:
    """Name an item of what is compared: "the result[0]", but "item 0 of the words after the call"."""
    is_long = what.partition("[")[0].count(" ") > 1
    return f"item {key!r} of {what}" if is_long else f"{what}[{key!r}]"


def assert_equal(actual: Any, expected: Any, *, what: str = "the result") -> None:
    """Fail unless `actual` has exactly the type and value of `expected`.

    Tensors and arrays are compared in shape, dtype and every value; NaN equals NaN. True is not 1 and 1 is not
    1.0. What arrives from a submission is plain, so a named tuple or a Counter equals the tuple or dict it is.
    """
    if isinstance(expected, Tensor | np.ndarray):
        assert_close(actual, expected, rtol=0.0, atol=0.0, what=what)
        return
    if not _has_type_of(actual, expected):
        raise _wrong_type(actual, expected, what)
    if isinstance(expected, Mapping):
        _require_same_keys(actual, expected, what)
        for key, value in expected.items():
            assert_equal(actual[key], value, what=_name_item(key, what))
    elif isinstance(expected, list | tuple):
        _require_same_length(actual, expected, what)
        for i, (a, e) in enumerate(zip(actual, expected, strict=True)):
            assert_equal(a, e, what=_name_item(i, what))
    elif isinstance(expected, AbstractSet):
        _require_same_keys(actual, expected, what)
    elif actual != expected and not (actual != actual and expected != expected):
        if isinstance(expected, str) and max(len(actual), len(expected)) > MAX_TEXT_SHOWN:
            raise _wrong_text(actual, expected, what)
        got, wanted = describe(actual), describe(expected)
        if got == wanted and isinstance(expected, float | complex):
            got, wanted = tell_apart(actual, expected)
        raise CheckFailure(f"{what} is wrong", got=got, expected=wanted)


def assert_close(
    actual: Any,
    expected: Any,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    dtype: torch.dtype | None = None,
    what: str = "the result",
) -> None:
    """Fail unless |actual - expected| <= atol + rtol * |expected| everywhere, in type, shape and dtype too.

    Args:
        actual: What the submission returned: a tensor, a number, or lists, tuples and dicts of them.
        expected: What it should be, usually computed in float64.
        rtol, atol: Tolerances; by default those of the dtype (`DEFAULT_TOLERANCES`). Give both or neither.
        dtype: The dtype the answer must have; by default that of `expected`. The comparison itself is made
            in the wider of the two.
        what: The name of the compared thing in the message.

    Raises:
        CheckFailure: With the largest error, its index and the share of wrong elements. NaN equals NaN,
            and an infinity equals itself.
    """
    if (rtol is None) != (atol is None):
        raise ValueError("give both rtol and atol, or neither")
    if isinstance(expected, Mapping):
        if type(actual) is not dict:
            raise _wrong_type(actual, expected, what)
        _require_same_keys(actual, expected, what)
        for key, value in expected.items():
            assert_close(actual[key], value, rtol=rtol, atol=atol, dtype=dtype, what=_name_item(key, what))
    elif isinstance(expected, list | tuple):
        if not _has_type_of(actual, expected):
            raise _wrong_type(actual, expected, what)
        _require_same_length(actual, expected, what)
        for i, (a, e) in enumerate(zip(actual, expected, strict=True)):
            assert_close(a, e, rtol=rtol, atol=atol, dtype=dtype, what=_name_item(i, what))
    elif isinstance(expected, Tensor):
        _assert_tensor_close(actual, expected, rtol, atol, dtype or expected.dtype, what)
    elif isinstance(expected, np.ndarray):
        if type(actual) is not np.ndarray:
            raise _wrong_type(actual, expected, what)
        wanted = _to_tensor(expected)
        _assert_tensor_close(_to_tensor(actual), wanted, rtol, atol, dtype or wanted.dtype, what)
    elif isinstance(expected, bool | str) or expected is None:
        assert_equal(actual, expected, what=what)
    else:
        number = complex(expected) if isinstance(expected, complex | np.complexfloating) else float(expected)
        _assert_number_close(actual, number, rtol, atol, what)


_PLAIN_TYPES = (bool, int, float, complex, str, bytes, tuple, list, dict, set, frozenset)


def _has_type_of(actual: object, expected: object) -> bool:
    """Tell whether `actual` has the type of `expected`, or the plain type that one arrives as."""
    if type(actual) is type(expected):
        return True
    plain = next((kind for kind in _PLAIN_TYPES if isinstance(expected, kind)), None)
    return type(actual) is plain and not isinstance(expected, np.generic)


def _wrong_type(actual: object, expected: object, what: str, kind: str | None = None) -> CheckFailure:
    hint = ""
    shape = f" of shape {write_shape(actual.shape)}" if isinstance(actual, Tensor) else ""
    if actual is None:
        hint = "; does every path of the function end in `return`?"
    elif isinstance(actual, Tensor) and actual.numel() == 1 and isinstance(expected, bool | int | float | complex):
        hint = "; end with .item()"
    return CheckFailure(
        f"{what} should be {kind or name_kind(expected)}, not {name_kind(actual)}{shape}{hint}",
        got=describe(actual),
        expected=describe(expected),
    )


def _wrong_text(actual: str, expected: str, what: str) -> CheckFailure:
    shorter = min(len(actual), len(expected))
    at = next((i for i in range(shorter) if actual[i] != expected[i]), shorter)
    start = max(0, at - 20)
    got, wanted = (("…" if start else "") + text[start:] for text in (actual, expected))
    return CheckFailure(f"{what} is wrong from character {at} on", got=describe(got), expected=describe(wanted))


def _require_same_keys(actual: Any, expected: Any, what: str) -> None:
    """Fail unless two mappings have the same keys, or two sets the same items."""
    missing = [key for key in expected if key not in actual]
    extra = [key for key in actual if key not in expected]
    if missing or extra:
        parts = [f"lacks {_some(missing)}"] if missing else []
        parts += [f"has {_some(extra)} too many"] if extra else []
        raise CheckFailure(f"{what} {' and '.join(parts)}", got=describe(actual), expected=describe(expected))


def _some(keys: list[Any]) -> str:
    more = f" and {len(keys) - 6} more" if len(keys) > 6 else ""
    texts = (repr(key) if isinstance(key, float) else describe(key, limit=60) for key in keys)
    return ", ".join(sorted(texts)[:6]) + more


def _to_tensor(array: "np.ndarray[Any, Any]") -> Tensor:
    # A copy: torch takes neither negative strides nor read-only memory.
    return torch.from_numpy(array.astype(array.dtype.newbyteorder("=")))


def _require_same_length(actual: Sequence[Any], expected: Sequence[Any], what: str) -> None:
    if len(actual) != len(expected):
        raise CheckFailure(
            f"{what} has {len(actual)} item{'' if len(actual) == 1 else 's'} instead of {len(expected)}",
            got=describe(actual),
            expected=describe(expected),
        )


def _assert_number_close(
    actual: Any, expected: float | complex, rtol: float | None, atol: float | None, what: str
) -> None:
    real = isinstance(actual, int | float | np.integer | np.floating) and not isinstance(actual, bool)
    if not real and not (isinstance(expected, complex) and isinstance(actual, complex | np.complexfloating)):
        raise _wrong_type(actual, expected, what, "a number")
    rtol, atol = (rtol, atol) if rtol is not None and atol is not None else PYTHON_FLOAT_TOLERANCE
    number: Any = complex(actual) if isinstance(expected, complex) else _to_float(actual)
    if number == expected or (number != number and expected != expected):
        return
    error = abs(number - expected)
    # An infinity is close to nothing but itself: a tolerance relative to it would be infinite, too.
    if math.isfinite(error) and error <= atol + rtol * abs(expected):
        return
    got, wanted = tell_apart(number, expected)
    dtype = torch.complex128 if isinstance(expected, complex) else torch.float64
    raise CheckFailure(
        f"{what} is off by {error:.4g}" if math.isfinite(error) else f"{what} is {got}, where {wanted} is right",
        got=got,
        expected=wanted,
        actual_tensor=torch.tensor(number, dtype=dtype),
        expected_tensor=torch.tensor(expected, dtype=dtype),
    )


def _to_float(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:  # an int beyond the floats
        return math.inf if number > 0 else -math.inf


def _assert_tensor_close(
    actual: object, expected: Tensor, rtol: float | None, atol: float | None, dtype: torch.dtype, what: str
) -> None:
    if type(actual) not in (Tensor, torch.nn.Parameter):
        raise _wrong_type(actual, expected, what)
    assert isinstance(actual, Tensor)
    expected = expected.detach()
    actual = actual.detach()
    if actual.shape != expected.shape:
        raise CheckFailure(
            f"{what} has shape {write_shape(actual.shape)} instead of {write_shape(expected.shape)}",
            got=describe(actual),
            expected=describe(expected),
            actual_tensor=actual,
            expected_tensor=expected,
        )
    if actual.dtype != dtype:
        raise CheckFailure(
            f"{what} is {name_dtype(actual.dtype)} instead of {name_dtype(dtype)}",
            got=describe(actual),
            expected=f"{name_dtype(dtype)}[{', '.join(str(n) for n in expected.shape)}]",
        )
    if rtol is None or atol is None:
        rtol, atol = DEFAULT_TOLERANCES.get(dtype, (0.0, 0.0))
    _assert_elements_close(actual, expected, rtol, atol, what)


def _assert_elements_close(actual: Tensor, expected: Tensor, rtol: float, atol: float, what: str) -> None:
    wide = torch.promote_types(torch.promote_types(actual.dtype, expected.dtype), torch.float64)
    # int64 beyond 2**53 would lose digits in float64, and bool has no minus: exact types compare exactly.
    exact = not (actual.is_floating_point() or actual.is_complex() or expected.is_floating_point())
    same = (actual == expected) | ((actual != actual) & (expected != expected))
    a, e = actual.to(wide), expected.to(wide)
    error = (a - e).abs()
    # An infinity is close to nothing but itself: a tolerance relative to it would be infinite, too.
    good = same if exact else same | ((error <= atol + rtol * e.abs()) & torch.isfinite(error))
    bad = int((~good).sum())
    if bad == 0:
        return
    # At least a little: int64 values that differ may round to one float64.
    worst = torch.where(good, 0.0, error.nan_to_num(nan=math.inf, posinf=math.inf).clamp_min(1e-300))
    flat = int(worst.argmax())
    index = [int(i) for i in np.unravel_index(flat, tuple(actual.shape))] if actual.dim() else []
    place = f" at index {index}" if index else ""
    verb = "is" if bad == 1 else "are"
    share = f"; {bad} of {actual.numel()} elements {verb} wrong" if actual.numel() > 1 else ""
    here, there = (side.flatten()[flat].item() for side in ((actual, expected) if exact else (a, e)))
    got, wanted = tell_apart(here, there)
    off = abs(here - there) if exact else float(worst.flatten()[flat])
    if actual.dtype is torch.bool and expected.dtype is torch.bool:
        headline = f"{what} is {got}{place} instead of {wanted}{share}"
    elif not math.isfinite(off):
        not_finite = int((~torch.isfinite(a)).sum())
        count = f" ({not_finite} not finite)" if not_finite else ""
        headline = f"{what} holds {here:.6g}{place}, where {there:.6g} is right{count}{share}"
    else:
        relative = f" (relative {off / abs(there):.3g})" if there else ""
        amount = str(off) if isinstance(off, int) else f"{off:.4g}"
        headline = f"{what} is off by {'up to ' if bad > 1 else ''}{amount}{relative}{place}{share}"
    whole = describe(actual), describe(expected)
    if actual.numel() > MAX_ELEMENTS_SHOWN or whole[0] == whole[1]:
        whole = got + place, wanted + place
    raise CheckFailure(headline, got=whole[0], expected=whole[1], actual_tensor=actual, expected_tensor=expected)
