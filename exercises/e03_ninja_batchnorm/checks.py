"""Hidden checks of e03_ninja_batchnorm: autograd in float64 through the BatchNorm of the definition."""

from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor

from grader.testing import assert_close, assert_equal, require

#: (n, H): more rows than features and the other way round, and never the same number of both.
SHAPES = ((2, 5), (5, 3), (32, 64), (7, 1))
UNBIASED, BIASED = "batchnorm_backward", "batchnorm_backward_biased"
FUNCTIONS = (UNBIASED, BIASED)


class Case(NamedTuple):
    """The arguments of one call, and the gradient that is right."""

    d: Tensor  # gradient of the output (n, H)
    raw: Tensor  # normalised (n, H)
    gain: Tensor  # (1, H)
    inv: Tensor  # (1, H)
    expected: Tensor  # (n, H)

    @property
    def arguments(self) -> tuple[Tensor, ...]:
        return self[:4]


def draw_case(function: str, n: int, H: int, rng: Generator, eps: float = 1e-5, scale: float = 1.0) -> Case:
    """Normalise random numbers of unequal spread, shift and gain, and differentiate by autograd, in float64."""

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=rng, dtype=torch.float64)

    x = normal(n, H) * (0.5 + normal(1, H).abs()) + normal(1, H)
    x[0] += 1  # at least some spread, so that no feature is a matter of rounding for n = 2
    x[1] -= 1
    x = x.requires_grad_()
    gain = 1.5 + 0.3 * normal(1, H)
    d = scale * normal(n, H)
    centred = x - x.mean(0, keepdim=True)
    variance = (centred**2).sum(0, keepdim=True) / (n - 1 if function == UNBIASED else n)
    inv = (variance + eps) ** -0.5
    raw = centred * inv
    (expected,) = torch.autograd.grad(gain * raw, x, d)
    return Case(d, raw.detach(), gain, inv.detach(), expected)


def require_gradient(submission: Any, function: str, case: Case, note: str) -> None:
    result = getattr(submission, function)(*case.arguments)
    # float64 to 1e-10: some ten roundings of numbers of about 10, of which part cancels.
    assert_close(result, case.expected, rtol=1e-10, atol=1e-10, what=f"the result of `{function}` {note}")


def test_unbiased(submission: Any, rng: Generator) -> None:
    for n, H in SHAPES:
        for eps in (1e-5, 0.5):
            case = draw_case(UNBIASED, n, H, rng, eps)
            require_gradient(submission, UNBIASED, case, f"for n = {n}, H = {H}, eps = {eps:g}")


def test_biased(submission: Any, rng: Generator) -> None:
    for n, H in SHAPES:
        for eps in (1e-5, 0.5):
            case = draw_case(BIASED, n, H, rng, eps)
            require_gradient(submission, BIASED, case, f"for n = {n}, H = {H}, eps = {eps:g}")


def test_columns_sum_to_zero(submission: Any, rng: Generator) -> None:
    for function in FUNCTIONS:
        for n, H in SHAPES:
            result = getattr(submission, function)(*draw_case(function, n, H, rng).arguments)
            require_shape(result, n, H, function)
            what = f"the sum of each column of `{function}` for n = {n}: a shift of the whole batch is taken off again, so it"
            assert_close(result.sum(0), torch.zeros(H, dtype=torch.float64), rtol=0.0, atol=1e-10, what=what)


def require_shape(result: Tensor, n: int, H: int, function: str) -> None:
    text = f"`{function}` returns shape {tuple(result.shape)} instead of {(n, H)}"
    require(result.shape == (n, H), text)


def test_orthogonal(submission: Any, rng: Generator) -> None:
    for function in FUNCTIONS:
        for n, H in SHAPES:
            for eps in (1e-5, 0.5):
                case = draw_case(function, n, H, rng, eps)
                result = getattr(submission, function)(*case.arguments)
                require_shape(result, n, H, function)
                # Stretching a feature about its mean changes nothing but for eps: the share eps / (variance + eps)
                # of what would be without the normalisation is left.
                left = case.gain * case.inv * (case.d * case.raw).sum(0, keepdim=True) * eps * case.inv**2
                what = f"the product of `{function}` with the normalised input, summed over the batch (eps = {eps:g}),"
                assert_close((result * case.raw).sum(0, keepdim=True), left, rtol=1e-9, atol=1e-9, what=what)


def test_versions_differ(submission: Any, rng: Generator) -> None:
    # The same numbers into both: what differs is the share of the variance, 1 / (n - 1) against 1 / n.
    for n, H in ((2, 5), (3, 4), (32, 64)):
        case = draw_case(UNBIASED, n, H, rng)
        first, second = (getattr(submission, function)(*case.arguments) for function in FUNCTIONS)
        require_shape(first, n, H, UNBIASED)
        require_shape(second, n, H, BIASED)
        share = (1 / n - 1 / (n - 1)) * case.raw * (case.d * case.raw).sum(0, keepdim=True)
        what = f"the difference of the two versions on the same arguments, n = {n},"
        assert_close(first - second, case.gain * case.inv * share, rtol=1e-9, atol=1e-10, what=what)


def test_linear(submission: Any, rng: Generator) -> None:
    for function in FUNCTIONS:
        ask = getattr(submission, function)
        case = draw_case(function, 6, 4, rng)
        other = torch.randn(6, 4, generator=rng, dtype=torch.float64)
        base = ask(*case.arguments)
        for what, result, expected in (
            ("with dhpreact three times as large", ask(3 * case.d, *case.arguments[1:]), 3 * base),
            ("with bngain three times as large", ask(case.d, case.raw, 3 * case.gain, case.inv), 3 * base),
            ("with bngain 0", ask(case.d, case.raw, 0 * case.gain, case.inv), 0 * base),
            ("with dhpreact 0", ask(0 * case.d, *case.arguments[1:]), 0 * base),
            (
                "with the sum of two gradients",
                ask(case.d + other, *case.arguments[1:]),
                base + ask(other, *case.arguments[1:]),
            ),
        ):
            # Zero times a negative number is -0.0, which equals 0.0; otherwise a few roundings.
            assert_close(result, expected, rtol=1e-10, atol=1e-10, what=f"`{function}` {what}")


def test_float32(submission: Any, rng: Generator) -> None:
    for function in FUNCTIONS:
        # As in the lecture: 32 rows, and gradients of about 1/32 because the loss is a mean.
        case = draw_case(function, 32, 64, rng, scale=1 / 32)
        result = getattr(submission, function)(*(t.float() for t in case.arguments))
        # Numbers of up to 0.3, rounded to 1e-8 at worst, some ten times.
        what = f"`{function}` in float32, on numbers of the lecture's size,"
        assert_close(result, case.expected, rtol=0.0, atol=1e-6, dtype=torch.float32, what=what)


def test_arguments(submission: Any, rng: Generator) -> None:
    for function, names in (
        (UNBIASED, ("dhpreact", "bnraw", "bngain", "bnvar_inv")),
        (BIASED, ("dy", "xhat", "gamma", "inv_std")),
    ):
        case = draw_case(function, 4, 3, rng)
        after = submission.call(function, *case.arguments).args
        for name, before, now in zip(names, case.arguments, after, strict=True):
            assert_equal(now, before, what=f"`{name}` after the call of `{function}`")
