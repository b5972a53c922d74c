"""Checks of the network that starts at zero.

Contexts and targets are drawn from the seed, with every size different from the others; the corpus is counted in one
check only, for the figure of the lecture's own data.
"""

import math
import random
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from grader.corpus import Corpus, split_words
from grader.testing import assert_close, assert_equal, require

NAMES = ("C", "W1", "b1", "W2", "b2")
#: Gradients are float32 means of at most a few hundred numbers below 1: their rounding stays under 1e-7.
FLOAT32_ATOL = 1e-6


class Case(NamedTuple):
    """One network and the data it sees."""

    X: Tensor  # (N, block_size)
    Y: Tensor  # (N,)
    vocab_size: int
    n_embd: int
    n_hidden: int

    @property
    def frequencies(self) -> Tensor:
        """How often each symbol is the target (V,), float64."""
        return torch.bincount(self.Y, minlength=self.vocab_size).double() / len(self.Y)

    @property
    def title(self) -> str:
        return f"N = {len(self.Y)}, V = {self.vocab_size}"


def draw_case(N: int, V: int, block_size: int, n_embd: int, n_hidden: int, rng: torch.Generator) -> Case:
    """Draw contexts evenly and targets unevenly: each symbol occurs, and late rows hold higher symbols than early ones.

    The drift along the rows is there for answers that look at a part of Y only.
    """
    X = torch.randint(0, V, (N, block_size), generator=rng)
    later = torch.arange(N) / N
    Y = (V * torch.rand(N, generator=rng) * (0.3 + 0.7 * later)).long().clamp(max=V - 1)
    Y[:V] = torch.arange(V)
    return Case(X, Y, V, n_embd, n_hidden)


def draw_cases(rng: torch.Generator) -> list[Case]:
    """Draw cases of several sizes, all of them with N > V."""
    return [
        draw_case(40, 7, 3, 5, 11, rng),
        draw_case(350, 27, 4, 6, 13, rng),
        draw_case(19, 4, 1, 2, 3, rng),
    ]


def take_gradients(submission: Any, case: Case) -> dict[str, Tensor]:
    """Ask for the first gradients and require the five names."""
    grads: dict[str, Tensor] = submission.zero_init_gradients(*case)
    assert_equal(sorted(grads), sorted(NAMES), what="the sorted keys of the gradients")
    return grads


def require_first_gradient(submission: Any, case: Case) -> None:
    """Require 1/V minus the frequencies for b2, and exact zeros of the right shape for the others."""
    X, _, V, n_embd, n_hidden = case
    shapes = {"C": (V, n_embd), "W1": (X.shape[1] * n_embd, n_hidden), "b1": (n_hidden,), "W2": (n_hidden, V)}
    expected = (1 / V - case.frequencies).float()
    grads = take_gradients(submission, case)
    for name, shape in shapes.items():
        assert_equal(grads[name], torch.zeros(shape), what=f"the first gradient of {name} ({case.title})")
    what = f"the first gradient of b2, mean softmax minus frequencies ({case.title}),"
    assert_close(grads["b2"], expected, rtol=0.0, atol=FLOAT32_ATOL, what=what)


def draw_start(case: Case, pictures: Any, rng: torch.Generator) -> None:
    """Draw the activations and gradients of a start of the usual size beside those of the start at zero."""
    X, Y, V, n_embd, n_hidden = case
    fan_in = X.shape[1] * n_embd
    C = torch.randn(V, n_embd, generator=rng)
    W1 = torch.randn(fan_in, n_hidden, generator=rng) * (5 / 3) / fan_in**0.5
    W2 = torch.randn(n_hidden, V, generator=rng) / n_hidden**0.5
    params = {"C": C, "W1": W1, "b1": torch.zeros(n_hidden), "W2": W2, "b2": torch.zeros(V)}
    for p in params.values():
        p.requires_grad_()
    h = torch.tanh(C[X].flatten(1) @ W1 + params["b1"])
    grads = torch.autograd.grad(F.cross_entropy(h @ W2 + params["b2"], Y), list(params.values()))
    pictures.histograms(
        "usual_gradients",
        "For comparison: the first gradients where W1 and W2 are drawn at random",
        dict(zip(NAMES, grads, strict=True)),
        x_label="gradient",
    )
    pictures.histograms(
        "activations",
        "What comes out of the tanh units at the start",
        {"W1 = 0": torch.zeros_like(h), "W1 drawn at random": h.detach()},
        x_label="activation",
    )


def entropy(frequencies: Tensor) -> float:
    """Nats of a distribution (V,); 0 log 0 counts as 0."""
    return float(torch.special.entr(frequencies).sum())


def require_loss(submission: Any, case: Case) -> float:
    """Require the entropy of the targets, and return what was answered."""
    expected = entropy(case.frequencies)
    before = case.Y.clone()
    call = submission.call("best_zero_init_loss", case.Y, case.vocab_size)
    loss: float = call.value
    # Counts in float32 are good enough: no mistake is as small as its rounding.
    assert_close(loss, expected, rtol=0.0, atol=2e-6, what=f"the loss that training tends to ({case.title})")
    assert_equal(call.args[0], before, what="Y after the call")
    return loss


def train_from_zero(case: Case, steps: int, lr: float, rng: torch.Generator) -> tuple[list[float], Tensor]:
    """Train the network of the stub in float64; returns the loss before each step and the last logits (N, V)."""
    X, Y, V, n_embd, n_hidden = case
    C = torch.randn(V, n_embd, generator=rng, dtype=torch.float64)
    shapes = ((X.shape[1] * n_embd, n_hidden), (n_hidden,), (n_hidden, V), (V,))
    params = [C, *(torch.zeros(shape, dtype=torch.float64) for shape in shapes)]
    losses = []
    for _ in range(steps):
        for p in params:
            p.requires_grad_()
        C, W1, b1, W2, b2 = params
        logits = torch.tanh(C[X].flatten(1) @ W1 + b1) @ W2 + b2
        loss = F.cross_entropy(logits, Y)
        losses.append(loss.item())
        grads = torch.autograd.grad(loss, params)
        params = [(p - lr * g).detach() for p, g in zip(params, grads, strict=True)]
    return losses, logits.detach()


def test_first_loss(submission: Any, rng: torch.Generator) -> None:
    for case in draw_cases(rng):
        # The gradient of b2 is (mean softmax) - (frequencies): adding the frequencies gives the guess itself.
        uniform = torch.full((case.vocab_size,), 1 / case.vocab_size)
        frequencies = case.frequencies.float()
        guess = take_gradients(submission, case)["b2"]
        require(
            guess.shape == uniform.shape and guess.dtype == uniform.dtype,
            f"the gradient of b2 should be float32 of shape ({case.vocab_size},)",
            got=guess,
        )
        loss = f"{math.log(case.vocab_size):.4f}"
        what = f"the first guess, told by the gradient of b2; only 1/V each has a loss of log V = {loss} ({case.title}): it"
        assert_close(guess + frequencies, uniform, rtol=0.0, atol=FLOAT32_ATOL, what=what)


def test_first_gradient(submission: Any, rng: torch.Generator, pictures: Any) -> None:
    cases = draw_cases(rng)
    pictures.histograms(
        "gradients", "Your first gradients from zero", take_gradients(submission, cases[1]), x_label="gradient"
    )
    draw_start(cases[1], pictures, rng)
    for case in cases:
        before = [case.X.clone(), case.Y.clone()]
        require_first_gradient(submission, case)
        call = submission.call("zero_init_gradients", *case)
        for name, given, after in zip("XY", before, call.args[:2], strict=True):
            assert_equal(after, given, what=f"{name} after the call")


def test_only_b2_moves(submission: Any, rng: torch.Generator) -> None:
    for case, lr in zip(draw_cases(rng), (0.1, 1.0, 0.03), strict=True):
        moved = submission.trainable_parts(*case, 200, lr)
        what = f"the tensors moved by 200 steps at lr {lr:g} ({case.title})"
        assert_equal(moved, {"b2"}, what=what)
    before = [case.X.clone(), case.Y.clone()]
    call = submission.call("trainable_parts", *case, 1, 0.5)
    assert_equal(call.value, {"b2"}, what="the tensors moved by a single step")
    for name, given, after in zip("XY", before, call.args[:2], strict=True):
        assert_equal(after, given, what=f"{name} after the call")
    assert_equal(submission.trainable_parts(*case, 0, 0.5), set(), what="the tensors moved by 0 steps")
    assert_equal(submission.trainable_parts(*case, 3, 0.0), set(), what="the tensors moved at lr 0")


def test_frequencies(submission: Any, corpus: Corpus, thresholds: dict[str, float], rng: torch.Generator) -> None:
    for case in draw_cases(rng):
        require_loss(submission, case)
    train = split_words(corpus.words)[0]
    symbols = sorted({".", *"".join(train)})
    stoi = {ch: i for i, ch in enumerate(symbols)}
    Y = torch.tensor([stoi[ch] for word in train for ch in word + "."])
    loss = submission.best_zero_init_loss(Y, len(symbols))
    # The figure is stated with four decimals.
    what = f"the loss on the training words of the {corpus.name} corpus"
    assert_close(loss, thresholds["train_entropy_nats"], rtol=0.0, atol=5.1e-5, what=what)


def test_training_agrees(submission: Any, seed: int, rng: torch.Generator) -> None:
    # Six symbols, each at least a twentieth of the targets: plain gradient descent is then at its limit to
    # rounding after 300 steps at lr 2, for every seed (2,000 of them were tried).
    case = draw_case(60, 6, 3, 4, 5, rng)
    case.Y[:18] = torch.arange(18) % 6
    answered = submission.best_zero_init_loss(case.Y, case.vocab_size)
    losses, logits = train_from_zero(case, 300, 2.0, rng)
    for step in (0, 1, 10, 299):
        require(
            losses[step] >= answered - 2e-6,
            f"a training from zero has a loss of {losses[step]:.6g} after {step} steps, below the {answered:.6g} "
            "that it is said to tend to from above",
        )
    require(
        losses[-1] <= answered + 1e-3,
        f"a training from zero comes down to {losses[-1]:.6g} (from log 6 = {losses[0]:.6g}), "
        f"not to {answered:.6g}: b2 goes on learning until softmax(b2) is the frequencies of the targets",
    )
    # Every context gets the same logits, so the contexts are free to be anything.
    assert_equal(logits, logits[:1].expand_as(logits), what="the logits of the trained network in all rows")
    draw = random.Random(seed)
    for symbol in (0, 5):
        other = case._replace(X=torch.full_like(case.X, symbol))
        require_first_gradient(submission, other)
        moved = submission.trainable_parts(*other, draw.randint(2, 20), 0.2)
        assert_equal(moved, {"b2"}, what=f"the tensors moved where every context is {symbol}, {symbol}, {symbol}")


def test_smallest_cases(submission: Any, rng: torch.Generator) -> None:
    X = torch.randint(0, 2, (6, 2), generator=rng)
    cases = [
        Case(X[:1], torch.tensor([1]), 2, 3, 4),  # N = 1, V = 2
        Case(X[:1], torch.tensor([4]), 9, 1, 1),  # N = 1, one symbol of nine
        Case(X[:5], torch.tensor([0, 1, 0, 0, 1]), 2, 3, 4),  # V = 2
        Case(X, torch.tensor([1, 1, 1, 1, 1, 1]), 2, 4, 3),  # always the same target
        Case(X, torch.tensor([6, 2, 6, 6, 2, 6]), 8, 3, 2),  # six symbols that never occur
    ]
    for case in cases:
        require_first_gradient(submission, case)
        moved = submission.trainable_parts(*case, 5, 0.3)
        assert_equal(moved, {"b2"}, what=f"the tensors moved for Y = {case.Y.tolist()}, V = {case.vocab_size}")
        require_loss(submission, case)
