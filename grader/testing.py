"""What a check imports: assertions whose failures carry numbers, for `checks.py` files.

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

#: (rtol, atol) used when a check names none. float64 leaves room for a different but correct order of
#: operations; the float32 and half values are those of torch.testing.assert_close.
DEFAULT_TOLERANCES: Mapping[torch.dtype, tuple[float, float]] = {
    torch.float64: (1e-9, 1e-12),
    torch.complex128: (1e-9, 1e-12),
    torch.float32: (1.3e-6, 1e-5),
    torch.complex64: (1.3e-6, 1e-5),
    torch.bfloat16: (1.6e-2, 1e-5),
    torch.float16: (1e-3, 1e-5),
}
#: A float in Python is a float64.
PYTHON_FLOAT_TOLERANCE = DEFAULT_TOLERANCES[torch.float64]
#: A tensor up to this size is shown with its numbers.
MAX_ELEMENTS_SHOWN = 6


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


def type_name(value: object) -> str:
    """Return the name of a value's class; for an object that stayed with the learner, its class there."""
    named = getattr(type(value), "learner_type_name", None)
    return str(named(value)) if named is not None else type(value).__name__


def require(condition: bool, headline: str, *, got: object = None, expected: object = None) -> None:
    """Fail with `headline` unless the condition holds; `got` and `expected` are shown when given."""
    if not condition:
        raise CheckFailure(
            headline,
            got=None if got is None else describe(got),
            expected=None if expected is None else describe(expected),
        )


def assert_equal(actual: Any, expected: Any, *, what: str = "the result") -> None:
    """Fail unless `actual` has exactly the type and value of `expected`.

    Tensors are compared bit for bit in shape, dtype and value (two NaN at one place count as equal).
    True is not 1 and 1 is not 1.0.
    """
    if isinstance(expected, Tensor):
        assert_close(actual, expected, rtol=0.0, atol=0.0, what=what)
        return
    if type(actual) is not type(expected):
        raise CheckFailure(
            f"{what} should be {_kind(expected)}, not {_kind(actual)}",
            got=describe(actual),
            expected=describe(expected),
        )
    if isinstance(expected, Mapping):
        _require_same_keys(actual, expected, what)
        for key, value in expected.items():
            assert_equal(actual[key], value, what=f"{what}[{key!r}]")
    elif isinstance(expected, list | tuple):
        _require_same_length(actual, expected, what)
        for i, (a, e) in enumerate(zip(actual, expected, strict=True)):
            assert_equal(a, e, what=f"{what}[{i}]")
    elif actual != expected:
        raise CheckFailure(f"{what} is wrong", got=describe(actual), expected=describe(expected))


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
            assert_close(actual[key], value, rtol=rtol, atol=atol, dtype=dtype, what=f"{what}[{key!r}]")
    elif isinstance(expected, list | tuple):
        if type(actual) is not type(expected):
            raise _wrong_type(actual, expected, what)
        _require_same_length(actual, expected, what)
        for i, (a, e) in enumerate(zip(actual, expected, strict=True)):
            assert_close(a, e, rtol=rtol, atol=atol, dtype=dtype, what=f"{what}[{i}]")
    elif isinstance(expected, Tensor):
        _assert_tensor_close(actual, expected, rtol, atol, dtype or expected.dtype, what)
    elif isinstance(expected, np.ndarray):
        if type(actual) is not np.ndarray:
            raise _wrong_type(actual, expected, what)
        wanted = dtype or torch.from_numpy(expected).dtype
        _assert_tensor_close(torch.from_numpy(actual), torch.from_numpy(expected), rtol, atol, wanted, what)
    elif isinstance(expected, bool | str) or expected is None:
        assert_equal(actual, expected, what=what)
    else:
        _assert_number_close(actual, float(expected), rtol, atol, what)


def describe(value: object, *, limit: int = 160) -> str:
    """Say in one short line what a value is: small tensors whole, large ones as `float64[3, 5]`."""
    text = _describe(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _describe(value: object) -> str:
    if isinstance(value, Tensor):
        return _describe_tensor(value)
    if isinstance(value, np.ndarray):
        return f"numpy {value.dtype}[{', '.join(str(n) for n in value.shape)}]"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:59] + "…")
    if isinstance(value, tuple):
        inner = ", ".join(_describe(v) for v in value[:6]) + (", …" if len(value) > 6 else "")
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, list):
        more = f", … {len(value)} items" if len(value) > 6 else ""
        return "[" + ", ".join(_describe(v) for v in value[:6]) + more + "]"
    if isinstance(value, AbstractSet):
        return "{" + ", ".join(sorted(_describe(v) for v in value)[:12]) + "}" if value else "set()"
    if isinstance(value, Mapping):
        items = [f"{_describe(k)}: {_describe(v)}" for k, v in list(value.items())[:8]]
        more = f", … {len(value)} keys" if len(value) > 8 else ""
        return "{" + ", ".join(items) + more + "}"
    return repr(value)


def _describe_tensor(value: Tensor) -> str:
    head = f"{_name(value.dtype)}[{', '.join(str(n) for n in value.shape)}]"
    if value.numel() == 0 or value.numel() > MAX_ELEMENTS_SHOWN or value.is_meta:
        return head
    return f"{head} {_numbers(value)}"


def _numbers(value: Tensor) -> str:
    def text(x: Any) -> str:
        if isinstance(x, list):
            return "[" + ", ".join(text(i) for i in x) + "]"
        return f"{x:.5g}" if isinstance(x, float) else str(x)

    return text(value.detach().tolist())


def _shape(shape: Sequence[int]) -> str:
    return "(" + ", ".join(str(n) for n in shape) + ("," if len(shape) == 1 else "") + ")"


def _kind(value: object) -> str:
    if isinstance(value, Tensor):
        return "a tensor"
    if isinstance(value, np.ndarray):
        return "a numpy array"
    if value is None:
        return "None"
    name = type_name(value)
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _wrong_type(actual: object, expected: object, what: str) -> CheckFailure:
    hint = "; does every path of the function end in `return`?" if actual is None else ""
    return CheckFailure(
        f"{what} should be {_kind(expected)}, not {_kind(actual)}{hint}",
        got=describe(actual),
        expected=describe(expected),
    )


def _require_same_keys(actual: Mapping[Any, Any], expected: Mapping[Any, Any], what: str) -> None:
    missing = sorted(repr(k) for k in expected.keys() - actual.keys())
    extra = sorted(repr(k) for k in actual.keys() - expected.keys())
    if missing or extra:
        parts = [f"lacks {', '.join(missing[:6])}"] if missing else []
        parts += [f"has {', '.join(extra[:6])} too many"] if extra else []
        raise CheckFailure(f"{what} {' and '.join(parts)}", got=describe(actual), expected=describe(expected))


def _require_same_length(actual: Sequence[Any], expected: Sequence[Any], what: str) -> None:
    if len(actual) != len(expected):
        raise CheckFailure(
            f"{what} has {len(actual)} items instead of {len(expected)}",
            got=describe(actual),
            expected=describe(expected),
        )


def _assert_number_close(actual: object, expected: float, rtol: float | None, atol: float | None, what: str) -> None:
    if isinstance(actual, Tensor):
        hint = "; end with .item()" if actual.numel() == 1 else ""
        raise CheckFailure(
            f"{what} should be a number, not a tensor of shape {_shape(actual.shape)}{hint}",
            got=describe(actual),
            expected=describe(expected),
        )
    if isinstance(actual, bool) or not isinstance(actual, int | float | np.integer | np.floating):
        raise _wrong_type(actual, expected, what)
    rtol, atol = (rtol, atol) if rtol is not None and atol is not None else PYTHON_FLOAT_TOLERANCE
    number = float(actual)
    if number == expected or (math.isnan(number) and math.isnan(expected)):
        return
    error = abs(number - expected)
    if not error <= atol + rtol * abs(expected):  # written so that NaN fails
        raise CheckFailure(
            f"{what} is off by {error:.4g}" if math.isfinite(error) else f"{what} is {number}",
            got=f"{number:.8g}",
            expected=f"{expected:.8g}",
            actual_tensor=torch.tensor(number, dtype=torch.float64),
            expected_tensor=torch.tensor(expected, dtype=torch.float64),
        )


def _assert_tensor_close(
    actual: object, expected: Tensor, rtol: float | None, atol: float | None, dtype: torch.dtype, what: str
) -> None:
    if type(actual) is not Tensor:
        raise _wrong_type(actual, expected, what)
    expected = expected.detach()
    actual = actual.detach()
    if actual.shape != expected.shape:
        raise CheckFailure(
            f"{what} has shape {_shape(actual.shape)} instead of {_shape(expected.shape)}",
            got=describe(actual),
            expected=describe(expected),
            actual_tensor=actual,
            expected_tensor=expected,
        )
    if actual.dtype != dtype:
        raise CheckFailure(
            f"{what} is {_name(actual.dtype)} instead of {_name(dtype)}",
            got=describe(actual),
            expected=f"{_name(dtype)}[{', '.join(str(n) for n in expected.shape)}]",
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
    good = same if exact else same | (error <= atol + rtol * e.abs())
    bad = int((~good).sum())
    if bad == 0:
        return
    worst_error = torch.where(good, torch.zeros_like(error), error.nan_to_num(nan=math.inf, posinf=math.inf))
    flat = int(worst_error.argmax()) if error.numel() else 0
    index = [int(i) for i in np.unravel_index(flat, tuple(actual.shape))] if actual.dim() else []
    place = f" at index {index}" if index else ""
    share = f"; {bad} of {actual.numel()} elements are wrong" if actual.numel() > 1 else ""
    here, there = a.flatten()[flat].item(), e.flatten()[flat].item()
    absolute = float(worst_error.flatten()[flat])
    if not math.isfinite(absolute):
        nonfinite = int((~torch.isfinite(a)).sum())
        headline = f"{what} holds {here}{place}, where {there:.6g} is right ({nonfinite} not finite){share}"
    else:
        size = abs(there)
        relative = f" (relative {absolute / size:.3g})" if size > 0 else ""
        headline = f"{what} is off by up to {absolute:.4g}{relative}{place}{share}"
    raise CheckFailure(
        headline,
        got=f"{here:.8g}{place}" if actual.numel() > MAX_ELEMENTS_SHOWN else describe(actual),
        expected=f"{there:.8g}{place}" if actual.numel() > MAX_ELEMENTS_SHOWN else describe(expected),
        actual_tensor=actual,
        expected_tensor=expected,
    )


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
