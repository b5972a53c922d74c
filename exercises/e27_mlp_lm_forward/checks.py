"""Checks of the MLP language model.

The judge keeps the five tensors of every model it asks, computes logits, losses and gradients from them in float64, and
compares. No two sizes of a case are equal, so that no dimension can stand in for another.
"""

import math
from itertools import combinations
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from grader.testing import CheckFailure, assert_close, assert_equal, require

NAMES = ("C", "W1", "b1", "W2", "b2")


class Size(NamedTuple):
    """The sizes of a model."""

    vocab_size: int
    block_size: int
    n_embd: int
    n_hidden: int

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        V, block_size, n_embd, n_hidden = self
        return {
            "C": (V, n_embd),
            "W1": (block_size * n_embd, n_hidden),
            "b1": (n_hidden,),
            "W2": (n_hidden, V),
            "b2": (V,),
        }

    @property
    def title(self) -> str:
        V, block_size, n_embd, n_hidden = self
        return f"{V} characters, block_size {block_size}, n_embd {n_embd}, n_hidden {n_hidden}"


LECTURE = Size(27, 3, 10, 200)
SIZES = (Size(11, 3, 4, 6), Size(7, 5, 2, 9), Size(5, 2, 6, 3))


def draw_tensors(size: Size, rng: Generator, dtype: torch.dtype = torch.float64, scale: float = 0.5) -> list[Tensor]:
    """Draw the five tensors; half a standard normal, so that tanh bends without flattening out."""
    return [
        (scale * torch.randn(shape, generator=rng, dtype=torch.float64)).to(dtype) for shape in size.shapes.values()
    ]


def draw_rows(size: Size, N: int, rng: Generator) -> tuple[Tensor, Tensor]:
    """Draw contexts (N, block_size) and targets (N,)."""
    X = torch.randint(0, size.vocab_size, (N, size.block_size), generator=rng)
    return X, torch.randint(0, size.vocab_size, (N,), generator=rng)


def install(submission: Any, size: Size, tensors: list[Tensor]) -> Any:
    """Make a model of the submission with these tensors."""
    model = submission.MLPLanguageModel(*size)
    for name, tensor in zip(NAMES, tensors, strict=True):
        setattr(model, name, tensor.clone().requires_grad_())
    return model


def compute_logits(tensors: list[Tensor], X: Tensor) -> Tensor:
    """Compute the logits (N, V) from one weight block of W1 per place, in float64."""
    C, W1, b1, W2, b2 = (t.double() for t in tensors)
    n_embd = C.shape[1]
    hidden = b1.expand(len(X), -1)
    for place in range(X.shape[1]):
        hidden = hidden + C[X[:, place]] @ W1[place * n_embd : (place + 1) * n_embd]
    return torch.tanh(hidden) @ W2 + b2


def test_tensors(submission: Any, rng: Generator) -> None:
    for size in (LECTURE, *SIZES):
        model = submission.MLPLanguageModel(*size)
        found = [getattr(model, name) for name in NAMES]
        for name, tensor, shape in zip(NAMES, found, size.shapes.values(), strict=True):
            where = f"{name} of a model with {size.title}"
            if not isinstance(tensor, Tensor):
                raise CheckFailure(f"{where} should be a tensor", got=str(type(tensor).__name__))
            require(tensor.shape == shape, f"{where} should have the shape {shape}", got=tuple(tensor.shape))
            require(tensor.dtype == torch.float32, f"{where} should be float32", got=tensor.dtype)
            require(tensor.requires_grad, f"{where} should require a gradient")
        listed = model.parameters()
        total = sum(math.prod(shape) for shape in size.shapes.values())
        assert_equal(sum(t.numel() for t in listed), total, what=f"the number of parameters with {size.title}")
        assert_equal(listed, found, what="parameters(), the list [C, W1, b1, W2, b2],")


def test_start(submission: Any, seed: int) -> None:
    size = Size(40, 3, 20, 50)
    makes = [submission.MLPLanguageModel(*size, torch.Generator().manual_seed(seed + i)) for i in (0, 0, 1)]
    first, again, other = ([t.detach() for t in model.parameters()] for model in makes)
    for name, tensor, same, different in zip(NAMES, first, again, other, strict=True):
        assert_equal(same, tensor, what=f"{name} of a second model made with an equal generator")
        require(not torch.equal(tensor, different), f"{name} is the same with generators of different seeds")
    for a, b in combinations(range(5), 2):
        shared = set(first[a].flatten()[:5].tolist()) & set(first[b].flatten()[:5].tolist())
        require(not shared, f"{NAMES[a]} and {NAMES[b]} hold the same random numbers")
    submission.MLPLanguageModel(*size, generator=None)
    for name, tensor in zip(NAMES, first, strict=True):
        mean, std, n = tensor.mean().item(), tensor.std().item(), tensor.numel()
        # Five standard errors of the mean, 1 / sqrt(n), and of the spread, 1 / sqrt(2 n): for the few numbers of a
        # bias up to 0.8 and 0.6, for the 3,000 of W1 0.1 and 0.07. Uniform numbers have the mean 0.5 and the spread 0.29.
        require(
            abs(mean) < 5 / n**0.5 and abs(std - 1) < 5 / (2 * n) ** 0.5,
            f"the {n} numbers of {name} have the mean {mean:.3f} and the standard deviation {std:.3f}: a standard "
            "normal distribution has 0 and 1",
        )


def test_logits(submission: Any, rng: Generator) -> None:
    # float64 to 1e-10, float32 to 1e-5 of logits of about 1: sums of some 30 rounded products.
    for dtype, tolerance in ((torch.float64, 1e-10), (torch.float32, 1e-5)):
        for size, N in zip((*SIZES, LECTURE), (4, 12, 8, 32), strict=True):
            tensors = draw_tensors(size, rng, dtype)
            X, _ = draw_rows(size, N, rng)
            expected = compute_logits(tensors, X)
            call = submission.call(install(submission, size, tensors).forward, X)
            scale = float(expected.abs().max())
            what = f"the logits of {N} rows ({size.title})"
            assert_close(call.value, expected, dtype=dtype, rtol=tolerance, atol=tolerance * scale, what=what)
            assert_equal(call.args[0], X, what="X after the call")


def test_one_row(submission: Any, rng: Generator) -> None:
    for size, N in ((Size(7, 3, 2, 5), 1), (Size(6, 1, 4, 3), 5), (Size(6, 3, 1, 4), 2), (Size(5, 2, 3, 1), 1)):
        tensors = draw_tensors(size, rng)
        X, Y = draw_rows(size, N, rng)
        expected = compute_logits(tensors, X)
        model = install(submission, size, tensors)
        rows = f"{N} row{'s' if N > 1 else ''} ({size.title})"
        assert_close(model.forward(X), expected, what=f"the logits of {rows}")
        assert_close(model.loss(X, Y), F.cross_entropy(expected, Y), what=f"the loss of {rows}")


def test_places(submission: Any, rng: Generator) -> None:
    for size in SIZES:
        tensors = draw_tensors(size, rng)
        model = install(submission, size, tensors)
        X, _ = draw_rows(size, 6, rng)
        X[:, 0], X[:, -1] = 1, 3  # two that differ, to be exchanged
        swapped = X.clone()
        swapped[:, 0], swapped[:, -1] = 3, 1
        logits, exchanged = model.forward(X), model.forward(swapped)
        require(
            logits.shape == exchanged.shape == (6, size.vocab_size),
            f"the logits of 6 rows ({size.title}) should have the shape (6, {size.vocab_size})",
            got=tuple(logits.shape),
        )
        nearest = (logits - exchanged).abs().amax(1).min().item()
        # Other weights meet the two embeddings, so each row's logits change by tenths; the same sums would be equal.
        require(
            nearest > 1e-6,
            f"the first and the last character of the context can be exchanged without any effect on the logits of a "
            f"row ({size.title}): the order of the characters is lost",
        )
        order = torch.randperm(6, generator=rng)
        what = f"the logits of the same rows in another order ({size.title})"
        assert_close(model.forward(X[order]), logits[order], what=what)
        assert_close(model.forward(X[2:3]), logits[2:3], what=f"the logits of row 2 asked alone ({size.title})")


def test_loss(submission: Any, rng: Generator) -> None:
    for size, N, scale in zip(SIZES, (4, 12, 9), (0.5, 1.0, 0.2), strict=True):
        tensors = draw_tensors(size, rng, scale=scale)
        X, Y = draw_rows(size, N, rng)
        expected = F.cross_entropy(compute_logits(tensors, X), Y)
        call = submission.call(install(submission, size, tensors).loss, X, Y)
        assert_close(call.value, expected, what=f"the loss of {N} rows ({size.title})")
        assert_equal(call.args[:2], (X, Y), what="X and Y after the call")
    size = SIZES[0]
    for dtype in (torch.float32, torch.float64):
        tensors = draw_tensors(size, rng, dtype)
        # Logits of b2 alone, +-1000 among them: the exponential of 1000 fits into neither dtype.
        tensors[3] = torch.zeros_like(tensors[3])
        tensors[4] = torch.linspace(-1000, 1000, size.vocab_size, dtype=dtype)
        X, _ = draw_rows(size, size.vocab_size, rng)
        Y = torch.arange(size.vocab_size)
        expected = F.cross_entropy(compute_logits(tensors, X), Y)
        loss = install(submission, size, tensors).loss(X, Y)
        # float32 holds a loss of about 1000 to 1e-4.
        what = "the loss with logits from -1000 to 1000"
        assert_close(loss, expected, dtype=dtype, rtol=1e-6, atol=0.0, what=what)


def test_gradients(submission: Any, rng: Generator) -> None:
    for size, N in zip(SIZES, (4, 2, 9), strict=True):
        tensors = draw_tensors(size, rng)
        X, Y = draw_rows(size, N, rng)
        X[X == 0] = 1  # one row of C is never used, another in several places
        X[0] = 2
        leaves = [t.clone().requires_grad_() for t in tensors]
        expected = torch.autograd.grad(F.cross_entropy(compute_logits(leaves, X), Y), leaves)
        gradients = submission.take_gradients(install(submission, size, tensors), X, Y)
        for name, gradient, wanted in zip(NAMES, gradients, expected, strict=True):
            what = f"the gradient of the loss with respect to {name} ({size.title})"
            require(gradient is not None, f"{what} does not exist: the loss does not depend on {name}")
            assert_close(gradient, wanted, rtol=1e-8, atol=1e-10, what=what)
        unused = [i for i in range(size.vocab_size) if i not in X]
        zeros = torch.zeros(len(unused), size.n_embd, dtype=torch.float64)
        assert_equal(gradients[0][unused], zeros, what="the gradient of the rows of C that no context uses")
