"""Checks of the start that predicts uniformly.

Contexts and targets are drawn from the seed. The judge computes losses, inputs of tanh and gradients itself, in float64,
from the tensors that were returned.
"""

import math
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from grader.testing import assert_close, assert_equal, require

NAMES = ("C", "W1", "b1", "W2", "b2")


class Size(NamedTuple):
    """The sizes of a network."""

    vocab_size: int
    block_size: int
    n_embd: int
    n_hidden: int

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        V, block_size, n_embd, n_hidden = self
        sizes = ((V, n_embd), (block_size * n_embd, n_hidden), (n_hidden,), (n_hidden, V), (V,))
        return dict(zip(NAMES, sizes, strict=True))

    @property
    def title(self) -> str:
        V, block_size, n_embd, n_hidden = self
        return f"V = {V}, block_size {block_size}, n_embd {n_embd}, n_hidden {n_hidden}"


LECTURE = Size(27, 3, 10, 200)
#: Fan-ins from 30 to 288; every V of the statement.
SIZES = (LECTURE, Size(2, 4, 12, 120), Size(1000, 12, 24, 64))


class State(NamedTuple):
    """What goes through a network."""

    inputs: Tensor  # of tanh (N, n_hidden)
    hidden: Tensor  # (N, n_hidden)
    logits: Tensor  # (N, V)


def run(params: dict[str, Tensor], X: Tensor) -> State:
    """Compute the network in float64, one block of W1 per place."""
    C, W1, b1, W2, b2 = (params[name].double() for name in NAMES)
    inputs = b1.expand(len(X), -1)
    for place, block in enumerate(W1.split(C.shape[1])):
        inputs = inputs + C[X[:, place]] @ block
    hidden = torch.tanh(inputs)
    return State(inputs, hidden, hidden @ W2 + b2)


def draw_rows(size: Size, N: int, rng: Generator) -> tuple[Tensor, Tensor]:
    X = torch.randint(0, size.vocab_size, (N, size.block_size), generator=rng)
    return X, torch.randint(0, size.vocab_size, (N,), generator=rng)


def draw_lecture_start(size: Size, rng: Generator, dtype: torch.dtype = torch.float32) -> dict[str, Tensor]:
    """Draw everything from a standard normal distribution."""
    return {name: torch.randn(shape, generator=rng, dtype=dtype) for name, shape in size.shapes.items()}


def take_start(submission: Any, size: Size, seed: int) -> dict[str, Tensor]:
    """Ask for parameters, and require their keys, shapes and dtypes."""
    params: dict[str, Tensor] = submission.init_parameters(*size, torch.Generator().manual_seed(seed))
    assert_equal(sorted(params), sorted(NAMES), what="the sorted keys of the parameters")
    for name, shape in size.shapes.items():
        tensor = params[name]
        good = isinstance(tensor, Tensor) and tensor.shape == shape and tensor.dtype == torch.float32
        require(good, f"{name} should be float32 of shape {shape} ({size.title})", got=tensor)
        require(bool(torch.isfinite(tensor).all()), f"{name} holds numbers that are not finite ({size.title})")
    return params


def test_uniform(submission: Any) -> None:
    for V in (27, 2, 1000, 1):
        assert_close(submission.uniform_loss(V), math.log(V), what=f"the loss of a uniform prediction with V = {V}")


def test_measured(submission: Any, rng: Generator) -> None:
    small = Size(6, 2, 3, 5)
    for size, N, dtype in ((LECTURE, 500, torch.float32), (small, 9, torch.float64), (small, 1, torch.float32)):
        params = draw_lecture_start(size, rng, dtype)
        X, Y = draw_rows(size, N, rng)
        expected = F.cross_entropy(run(params, X).logits, Y).item()
        call = submission.call("initial_loss", params, X, Y)
        # float32 to 1e-5: logits of some tens, rounded in sums of 200 products.
        what = f"the initial loss with every tensor drawn by randn ({N} rows, {size.title})"
        assert_close(call.value, expected, rtol=1e-5, atol=1e-5, what=what)
        for name, before in params.items():
            assert_equal(call.args[0][name], before, what=f"{name} after the call")
        assert_equal(call.args[1:], (X, Y), what="X and Y after the call")
    params = {name: torch.zeros(shape) for name, shape in small.shapes.items()}
    X, Y = draw_rows(small, 8, rng)
    # Nearly uniform, exactly uniform, and sure of itself.
    for scale in (0.1, 0.0, 1000.0):
        params["b2"] = scale * torch.linspace(-1, 1, small.vocab_size)
        expected = F.cross_entropy(run(params, X).logits, Y).item()
        value = submission.initial_loss(params, X, Y)
        what = f"the initial loss with logits from {-scale:g} to {scale:g}"
        assert_close(value, expected, rtol=1e-5, atol=1e-5, what=what)


def test_form(submission: Any, seed: int) -> None:
    for size in SIZES:
        first, again = (take_start(submission, size, seed) for _ in range(2))
        assert_equal(again, first, what="the parameters of a second call with an equal generator")


def test_near_uniform(submission: Any, rng: Generator, seed: int, pictures: Any) -> None:
    lecture = draw_lecture_start(LECTURE, rng)
    for i in range(10):
        size = SIZES[i % len(SIZES)]
        params = take_start(submission, size, seed + i)
        X, Y = draw_rows(size, 300, rng)
        logits = run(params, X).logits
        if i == 0:
            series = {"every tensor by randn": run(lecture, X).logits, "your start": logits}
            pictures.histograms("logits", "Logits before the first step", series, x_label="logit")
        loss, wanted = F.cross_entropy(logits, Y).item(), math.log(size.vocab_size)
        require(
            abs(loss - wanted) < 0.05,
            f"the first loss is {loss:.4f}, where a uniform prediction has {wanted:.4f} ({size.title}): the logits have "
            f"a standard deviation of {logits.std():.3g}, which says how sure the network is before it has seen anything",
        )
    first, other = (take_start(submission, LECTURE, seed + i) for i in range(2))
    random = [name for name in NAMES if not torch.equal(first[name], other[name])]
    require(bool(random), "generators of different seeds lead to the same five tensors: nothing is drawn from them")


def test_hidden_scale(submission: Any, rng: Generator, seed: int, pictures: Any) -> None:
    lecture = draw_lecture_start(LECTURE, rng)
    # V = 27 and 1000 only: of the two embeddings of V = 2 the size is left to chance.
    for i, size in enumerate((LECTURE, SIZES[2], LECTURE._replace(block_size=8, n_embd=30), LECTURE)):
        params = take_start(submission, size, seed + i)
        X, _ = draw_rows(size, 300, rng)
        state = run(params, X)
        if i == 0:
            series = {"every tensor by randn": run(lecture, X).hidden, "your start": state.hidden}
            pictures.histograms("hidden", "Outputs of tanh before the first step", series, x_label="output")
        spread = state.inputs.std().item()
        flat = (state.hidden.abs() > 0.97).double().mean().item()
        require(
            0.5 <= spread <= 2,
            f"what goes into tanh has a standard deviation of {spread:.3g} instead of 0.5 to 2 ({size.title}, so W1 has "
            f"{size.block_size * size.n_embd} rows); {flat:.0%} of the outputs are beyond 0.97 in size",
        )


def test_alive(submission: Any, rng: Generator, seed: int) -> None:
    for i, size in enumerate(SIZES):
        params = take_start(submission, size, seed + i)
        X, Y = draw_rows(size, 200, rng)
        for name, units in (("W1", params["W1"].T), ("W2", params["W2"])):
            different = len(torch.unique(units, dim=0))
            if name == "W1" or different > 1:
                require(
                    different == size.n_hidden,
                    f"only {different} of {size.n_hidden} hidden units have a {'column' if name == 'W1' else 'row'} of "
                    f"their own in {name} ({size.title}): units that start alike stay alike",
                )
        leaves = {name: params[name].double().requires_grad_() for name in NAMES}
        loss = F.cross_entropy(run(leaves, X).logits, Y)
        for name, gradient in zip(NAMES, torch.autograd.grad(loss, list(leaves.values())), strict=True):
            # Those of a start with W2 of about 0.01 are at least 1e-4; exact zeros come back as rounding, 1e-17.
            require(
                gradient.abs().max().item() > 1e-9,
                f"the gradient of {name} is zero at the first step ({size.title}): nothing comes through to it",
            )
