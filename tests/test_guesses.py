"""Each guess names its mistake, and nothing that only looks like it."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from grader.judge import guesses
from grader.judge.guesses import guess_cause

TRANSPOSE = "it is the transpose of the right answer"
RESHAPE = "the numbers are right, in another shape: reshape, or keep (or drop) a dimension of size 1"
ORDER = "the sizes are right but are in another order: look at which dimension is which"
REDUCED = "everything was reduced to one number: give the reduction a `dim`"
MISSING = "one dimension is missing: reduce one dimension less, or use keepdim=True"
TOO_MANY = "there is one dimension too many: reduce it, or squeeze it"
IS_NAN = "NaN comes from 0/0, inf - inf, inf * 0 or the log or root of a negative number"
IS_INF = "an infinity comes from a division by zero, log(0), or exp of a large number"
FLOAT32 = "the error is a float32 rounding: something is computed or stored in float32"
ALL_ZERO = "all of it is 0: is it ever filled in?"
ALL_SAME = "every element is the same: is the input used?"
UNCHANGED = "it is what came in, unchanged"
SIGN = "the sign is flipped"
WRONG_PLACES = "the numbers are right but are in the wrong places: look at the order of the axes"
SQUARE = "it is the square of the right answer: a root is missing"
ROOT = "it is the root of the right answer"
RECIPROCAL = "it is 1 divided by the right answer"
EXP = "it is exp of the right answer: a log is missing"
LOG = "it is the log of the right answer"
SIGNS_LOST = "the signs are lost"


def randn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def randint(low: int, high: int, *shape: int, seed: int = 0) -> Tensor:
    return torch.randint(low, high, shape, generator=torch.Generator().manual_seed(seed))


def times(factor: float) -> str:
    return f"it is the right answer times {factor:.6g}: look for a missing or doubled factor"


def biased(factor: float, what: str, count: int, made: str, asked: str) -> str:
    return (
        f"it is off by the factor {factor:.6g}, as between the biased and the unbiased {what} of {count} numbers: "
        f"divided by {made} where {asked} is wanted"
    )


X, SQUARE_X, POSITIVE = randn(4, 5), randn(4, 4), randn(4, 5).abs() + 0.5
SHUFFLED = X.flatten()[torch.randperm(20, generator=torch.Generator().manual_seed(0))].reshape(4, 5)
MASK = torch.ones(5, 5).tril().bool()
HEAVY = randn(3, 4) * torch.tensor([[1e6], [1.0], [1e-6]], dtype=torch.float64)

FOUND: dict[str, tuple[Tensor, Tensor, str]] = {
    # what came back, what is right, what is said
    "transposed": (X.T, X, TRANSPOSE),
    "square, transposed": (SQUARE_X.T, SQUARE_X, TRANSPOSE),
    "mask, transposed": (MASK.T, MASK, TRANSPOSE),
    "float32, transposed": (X.T.float(), X, TRANSPOSE),
    "flattened": (X.flatten(), X, RESHAPE),
    "dimension kept": (X.unsqueeze(1), X, RESHAPE),
    "dimension dropped": (X, X.unsqueeze(0), RESHAPE),
    "sizes in another order": (randn(3, 2, 4), randn(4, 3, 2, seed=1), ORDER),
    "reduced to a number": (X.sum(), X.sum(0), REDUCED),
    "a dimension is missing": (X.sum(1), X, MISSING),
    "a middle dimension is missing": (randn(2, 4), randn(2, 3, 4, seed=1), MISSING),
    "one dimension too many": (X, X.sum(0), TOO_MANY),
    "NaN": (torch.tensor([1.0, math.nan, math.inf]), torch.ones(3), IS_NAN),
    "infinity": (torch.tensor([1.0, -math.inf]), torch.ones(2), IS_INF),
    "one NaN": (torch.tensor(math.nan), torch.tensor(1.0), IS_NAN),
    "stored in float32": (X.float().double(), X, FLOAT32),
    "computed in float32": ((X.float() @ X.float().T).double(), X @ X.T, FLOAT32),
    "one number in float32": (torch.tensor(1 / 3).double(), torch.tensor(1 / 3, dtype=torch.float64), FLOAT32),
    "all zero": (torch.zeros(4, 5), X, ALL_ZERO),
    "all the same": (torch.full((4, 5), 0.2), X, ALL_SAME),
    "sign": (-X, X, SIGN),
    "sign of one number": (torch.tensor(-1.5), torch.tensor(1.5), SIGN),
    "variance of 5 over n - 1": (X.var(1), X.var(1, correction=0), biased(1.25, "variance", 5, "n - 1", "n")),
    "variance of 32 over n": (
        randn(32, 4).float().var(0, correction=0),
        randn(32, 4).float().var(0),
        biased(31 / 32, "variance", 32, "n", "n - 1"),
    ),
    "variance of 512 over n - 1, in float32": (
        randn(512, 4).float().var(0),
        randn(512, 4).float().var(0, correction=0),
        biased(512 / 511, "variance", 512, "n - 1", "n"),
    ),
    "deviation of 10 over n": (
        randn(10, 3).std(0, correction=0),
        randn(10, 3).std(0),
        biased(math.sqrt(0.9), "standard deviation", 10, "n", "n - 1"),
    ),
    "variance of 20, one number": (
        randn(20).var(),
        randn(20).var(correction=0),
        biased(20 / 19, "variance", 20, "n - 1", "n"),
    ),
    "log2": (
        POSITIVE.log2(),
        POSITIVE.log(),
        "it is off by the factor 1.4427: log2 was taken instead of the natural logarithm",
    ),
    "log10": (
        POSITIVE.log10(),
        POSITIVE.log(),
        "it is off by the factor 0.434294: log10 was taken instead of the natural logarithm",
    ),
    "sum for mean": (X * 20, X, "it is off by the factor 20: this looks like a sum where a mean is wanted"),
    "mean for sum": (X / 20, X, "it is off by the factor 0.05: this looks like a mean where a sum is wanted"),
    "some factor": (X * 0.7, X, times(0.7)),
    "all the same, as it should be": (torch.full((5,), 1.2), torch.full((5,), 0.6), times(2.0)),
    "a tiny factor": (X * 1e-200, X, times(1e-200)),
    "a huge factor": (X * 1e200, X, times(1e200)),
    "variance of 4, too few to tell": (X.var(0), X.var(0, correction=0), times(4 / 3)),
    "a factor, with zeros": (torch.tensor([0.0, 1.4, 0.7]), torch.tensor([0.0, 2.0, 1.0]), times(0.7)),
    "one number doubled": (torch.tensor(3.0), torch.tensor(1.5), times(2.0)),
    "one number, a third and negative": (torch.tensor(-0.5), torch.tensor(1.5), times(-1 / 3)),
    "too large by one": (X + 1.0, X, "every element is 1 too large"),
    "too small": (X - 0.25, X, "every element is 0.25 too small"),
    "ints too large": (torch.tensor([4, 5, 9]), torch.tensor([3, 4, 8]), "every element is 1 too large"),
    "a little too large": (X + 1e-6, X, "every element is 1e-06 too large"),
    "reversed": (X.flip(0), X, "it is reversed along dimension 0"),
    "reversed in the last dimension": (X.flip(1), X, "it is reversed along dimension 1"),
    "one late": (X.roll(1, 1), X, "it is one position late along dimension 1"),
    "one early": (X.roll(-1, 0), X, "it is one position early along dimension 0"),
    "in the wrong places": (SHUFFLED, X, WRONG_PLACES),
    "axes swapped inside": (randn(2, 2, 2).transpose(0, 2), randn(2, 2, 2), WRONG_PLACES),
    "squared": (POSITIVE**2, POSITIVE, SQUARE),
    "root": (POSITIVE.sqrt(), POSITIVE, ROOT),
    "reciprocal": (1 / POSITIVE, POSITIVE, RECIPROCAL),
    "exp": (X.exp(), X, EXP),
    "log": (POSITIVE.log(), POSITIVE, LOG),
    "signs lost": (X.abs(), X, SIGNS_LOST),
    "columns scaled": (
        X * torch.arange(1.0, 6.0),
        X,
        "every column is right but for one factor: look at what scales a column",
    ),
    "rows scaled": (
        X * torch.arange(1.0, 5.0)[:, None],
        X,
        "every row is right but for one factor: look at what scales a row",
    ),
}


@pytest.mark.parametrize("case", FOUND)
def test_a_mistake_is_named(case: str) -> None:
    actual, expected, cause = FOUND[case]
    assert guess_cause(actual, expected) == cause


def almost(t: Tensor, at: int = 3) -> Tensor:
    """Return a copy that differs by 1% of the largest element in one place."""
    other = t.double().contiguous().clone()
    other.reshape(-1)[at] += 0.01 * other.abs().max()
    return other


NEAR_MISSES: dict[str, tuple[Tensor, Tensor]] = {
    "square, almost transposed": (almost(SQUARE_X.T), SQUARE_X),
    "reshaped, with the infinities alone right": (
        randn(20, seed=1).index_fill_(0, torch.arange(5), math.inf),
        X.clone().index_fill_(0, torch.tensor([0]), math.inf),
    ),
    "other sizes": (randn(3), randn(4)),
    "other sizes, one dimension less": (randn(7), randn(2, 3)),
    "other sizes, one dimension more": (randn(2, 3), randn(7)),
    "two dimensions less": (randn(3), randn(3, 4, 5)),
    "both not finite": (torch.tensor([math.nan, 1.0]), torch.tensor([1.0, math.inf])),
    "not finite where NaN is right": (torch.tensor([1.0, 2.0]), torch.tensor([1.0, math.nan])),
    "float32 where float32 is asked": (almost(POSITIVE).float(), POSITIVE),
    "a float32 error where float32 is asked": ((POSITIVE + 1e-6 * X).float(), POSITIVE),
    "a small error that is no rounding": (POSITIVE + 1e-7 * X, POSITIVE),
    "an error far below float32": (POSITIVE * (1 + 1e-12 * X), POSITIVE),
    "almost the same everywhere": (torch.tensor([1.0, 1.0, 1.0, 1.5]), torch.tensor([0.3, 0.9, -2.0, 7.0])),
    "float32 numbers, nearly right": (POSITIVE.float().double(), POSITIVE.float().double() * (1 + 1e-12 * X)),
    "float32 numbers with an error above float32": ((POSITIVE * (1 + 1e-5 * X)).float().double(), POSITIVE),
    "a factor but for a 0": (torch.tensor([1.4, 2.8, 5.0]), torch.tensor([1.0, 2.0, 0.0])),
    "a factor beyond the floats": (POSITIVE * 1e300, POSITIVE.flip(0) * 1e-300),
    "almost a factor": (almost(X * 0.7), X),
    "a factor of almost 1": (X * (1 + 3e-6), X),
    "one number": (torch.tensor(2.5), torch.tensor(2.3)),
    "one number times 11": (torch.tensor(16.5), torch.tensor(1.5)),
    "one number that is 0": (torch.tensor(0.0), torch.tensor(1.5)),
    "one huge number": (torch.tensor(1e300, dtype=torch.float64), torch.tensor(1e-300, dtype=torch.float64)),
    "one tiny number": (torch.tensor(5e-324, dtype=torch.float64), torch.tensor(1.5, dtype=torch.float64)),
    "tiny, unrelated": (1e-14 * X, X.flip(0) * 3),
    "one number where 0 is right": (torch.tensor(1.5), torch.tensor(0.0)),
    "one wrong element in zeros": (torch.tensor([0.0, 0.0, 2.5]), torch.tensor([0.0, 0.0, 2.3])),
    "almost an offset": (almost(X + 1.0), X),
    "one number too large": (torch.tensor(2.3) + 1.0, torch.tensor(2.3)),
    "almost reversed": (almost(X.flip(0)), X),
    "symmetric and almost right": (torch.tensor([1.0, 2.0, 1.0 + 1e-6]), torch.tensor([1.0, 2.0, 1.0])),
    "ones and almost right": (1 + 1e-6 * X, torch.ones(4, 5, dtype=torch.float64)),
    "constant but for the first": (torch.tensor([5.0, 1.0, 1.0, 1.0]), torch.ones(4)),
    "shifted by what is constant": (torch.tensor([3.0, 0.0, 0.0, 0.0]), torch.tensor([0.0, 0.0, 0.0, 7.0])),
    "shifted back by what is constant": (torch.tensor([0.0, 0.0, 0.0, 3.0]), torch.tensor([7.0, 0.0, 0.0, 0.0])),
    "rows alike, the first wrong": (
        torch.cat([X[:1] * X[1:2], X[:1].expand(3, 5)]),
        X[:1].expand(4, 5),
    ),
    "two positions late": (X.roll(2, 1)[:, :3], X[:, :3]),
    "almost the same numbers": (almost(SHUFFLED), X),
    "the same counts in other places": (torch.tensor([1, 0, 2, 1, 1]), torch.tensor([1, 2, 1, 1, 0])),
    "another mask with as many ones": (torch.tensor([1.0, 0, 0, 1, 0, 1]) > 0, torch.tensor([1.0, 1, 0, 0, 0, 1]) > 0),
    "almost squared": (almost(POSITIVE**2), POSITIVE),
    "almost the root": (almost(POSITIVE.sqrt()), POSITIVE),
    "root of what is negative": (X.clamp_min(0).sqrt(), X),
    "almost exp": (almost(X.exp()), X),
    "exp that overflows": (X.abs() + 1, X * 1e200),
    "square that overflows": (randn(4, 5, seed=5), X * 1e200),
    "almost the log": (almost(POSITIVE.log()), POSITIVE),
    "signs almost lost": (almost(X.abs()), X),
    "columns almost scaled": (almost(X * torch.arange(1.0, 6.0)), X),
    "a column scaled where one element is 0": (
        X * torch.arange(1.0, 6.0) * (1 - torch.eye(4, 5)),
        X * (1 - torch.eye(4, 5)),
    ),
    "complex": (torch.tensor([1j, 2j]), torch.tensor([2j, 4j])),
    "equal": (X, X),
    "equal numbers": (torch.tensor(1.5), torch.tensor(1.5)),
    "empty": (torch.zeros(0, 3), torch.zeros(0, 3)),
    "empty where something is right": (torch.zeros(0, 3), X),
    "something where empty is right": (X, torch.zeros(0, 3)),
    "bools": (torch.tensor([True, True, False, True]), torch.tensor([False, True, True, True])),
    "one bool": (torch.tensor(True), torch.tensor(False)),
    "one int": (torch.tensor(7), torch.tensor(5)),
    "heavy tails": (HEAVY + HEAVY.roll(1, 1), HEAVY),
}


@pytest.mark.parametrize("case", NEAR_MISSES)
def test_what_only_looks_like_a_mistake_is_not_named(case: str) -> None:
    assert guess_cause(*NEAR_MISSES[case]) is None


SHAPES = [(2,), (3,), (7,), (2, 2), (3, 3), (2, 3), (5, 4), (2, 3, 4), (64,)]
DRAWS: dict[str, Callable[[tuple[int, ...], int], Tensor]] = {
    "normal": lambda shape, seed: randn(*shape, seed=seed),
    "uniform": lambda shape, seed: randn(*shape, seed=seed).sigmoid(),
    "heavy tails": lambda shape, seed: 1 / randn(*shape, seed=seed),
    "float32": lambda shape, seed: randn(*shape, seed=seed).float(),
    "probabilities": lambda shape, seed: randn(*shape, seed=seed).softmax(-1),
    "large ints": lambda shape, seed: randint(-1000, 1000, *shape, seed=seed),
}


@pytest.mark.parametrize("kind", DRAWS)
def test_unrelated_answers_get_no_guess(kind: str) -> None:
    draw, found = DRAWS[kind], []
    for seed in range(40):
        for shape in SHAPES:
            actual, expected, given = (draw(shape, 1000 * seed + i) for i in range(3))
            cause = guess_cause(actual, expected, [given])
            if cause:
                found.append((shape, seed, cause))
    # Two probabilities are one number, which may be near a simple ratio; of 360 cases each none was.
    assert found == []


def test_unrelated_numbers_get_a_guess_at_most_once_in_a_hundred() -> None:
    pairs = randn(1000, 2).tolist()
    guessed = [guess_cause(torch.tensor(a), torch.tensor(b)) for a, b in pairs]
    assert sum(cause is not None for cause in guessed) <= 10


def test_unrelated_bools_get_a_guess_at_most_once_in_ten() -> None:
    masks = [(randint(0, 2, 12, seed=2 * i) > 0, randint(0, 2, 12, seed=2 * i + 1) > 0) for i in range(100)]
    guessed = [guess_cause(actual, expected) for actual, expected in masks]
    assert sum(cause is not None for cause in guessed) <= 10


def test_what_came_in_is_recognised() -> None:
    assert guess_cause(X, POSITIVE, [SQUARE_X, X]) == UNCHANGED
    assert guess_cause(X.float(), POSITIVE.float(), [X]) == UNCHANGED


def test_what_came_in_is_not_named_where_it_is_nearly_right_or_one_number() -> None:
    assert guess_cause(X, X + 1e-7 * X.flip(0), [X]) is None
    assert guess_cause(torch.tensor(2.5), torch.tensor(2.3), [torch.tensor(2.5)]) is None
    assert guess_cause(X, POSITIVE, [torch.complex(X, X), X[:2]]) is None


def test_a_million_elements_are_looked_at_and_one_more_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = torch.arange(1_000_001.0)
    assert guess_cause(-expected[1:], expected[1:]) == SIGN
    assert guess_cause(expected[1:], torch.tensor(1.0)) == TOO_MANY
    assert guess_cause(torch.tensor(1.0), expected[1:]) == REDUCED

    def look(*_: Tensor) -> None:
        raise AssertionError("it was looked at")

    monkeypatch.setattr(guesses, "_GUESSES", (look,))
    assert guess_cause(-expected, expected) is None
    assert guess_cause(expected, torch.tensor(1.0)) is None
    assert guess_cause(torch.tensor(1.0), expected) is None


@pytest.mark.parametrize(
    "dtype", [torch.bool, torch.uint8, torch.int64, torch.float16, torch.bfloat16, torch.complex64]
)
@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 0), (1, 1, 1), (3, 3)], ids=str)
@pytest.mark.parametrize("other", [(), (0,), (1,), (3,), (3, 3)], ids=str)
def test_no_dtype_or_shape_breaks_a_guess(dtype: torch.dtype, shape: tuple[int, ...], other: tuple[int, ...]) -> None:
    for fill in (0, 1):
        cause = guess_cause(torch.full(shape, fill).to(dtype), torch.arange(math.prod(other)).reshape(other).to(dtype))
        assert cause is None or cause


def test_a_tensor_that_requires_a_gradient_is_looked_at() -> None:
    assert guess_cause((-X).requires_grad_(), X.clone().requires_grad_()) == SIGN
