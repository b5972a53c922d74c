"""Checks of the two training loops.

The judge installs parameters of its own, in float64, trains the same network with torch.optim.SGD on the batches that an
equal generator gives, and compares losses and parameters. The last check trains on the corpus.
"""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from grader.corpus import Corpus, split_words
from grader.testing import assert_close, assert_equal, require

NAMES = ("C", "W1", "b1", "W2", "b2")
BUDGET_S = 20.0
STEPS, BATCH_SIZE, LEARNING_RATE = 1500, 256, 0.3


class Size(NamedTuple):
    """The sizes of a model."""

    vocab_size: int
    block_size: int
    n_embd: int
    n_hidden: int

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        V, block_size, n_embd, n_hidden = self
        return ((V, n_embd), (block_size * n_embd, n_hidden), (n_hidden,), (n_hidden, V), (V,))


LECTURE = Size(27, 3, 10, 200)
SMALL = Size(7, 2, 3, 5)


def draw_tensors(size: Size, rng: Generator) -> list[Tensor]:
    """Draw the five tensors in float64; half a standard normal, so that all of them get sizeable gradients."""
    return [0.5 * torch.randn(shape, generator=rng, dtype=torch.float64) for shape in size.shapes]


def draw_rows(size: Size, N: int, rng: Generator) -> tuple[Tensor, Tensor]:
    X = torch.randint(0, size.vocab_size, (N, size.block_size), generator=rng)
    return X, torch.randint(0, size.vocab_size, (N,), generator=rng)


def install(submission: Any, size: Size, tensors: list[Tensor]) -> Any:
    """Make a model of the submission with these tensors."""
    model = submission.MLPLanguageModel(*size)
    for name, tensor in zip(NAMES, tensors, strict=True):
        setattr(model, name, tensor.clone().requires_grad_())
    return model


def take_tensors(model: Any) -> list[Tensor]:
    return [getattr(model, name).detach() for name in NAMES]


def compute_loss(tensors: list[Tensor], X: Tensor, Y: Tensor) -> Tensor:
    C, W1, b1, W2, b2 = tensors
    return F.cross_entropy(torch.tanh(C[X].flatten(1) @ W1 + b1) @ W2 + b2, Y)


def train(
    tensors: list[Tensor], batches: list[tuple[Tensor, Tensor]], schedule: Callable[[int], float]
) -> tuple[list[float], list[Tensor]]:
    """Train copies with torch's own SGD; returns the loss before each step, and the tensors after the last one."""
    leaves = [t.clone().requires_grad_() for t in tensors]
    optimizer = torch.optim.SGD(leaves, lr=1.0)
    losses = []
    for step, (x, y) in enumerate(batches):
        loss = compute_loss(leaves, x, y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.param_groups[0]["lr"] = schedule(step)
        optimizer.step()
    return losses, [t.detach() for t in leaves]


def draw_batches(
    X: Tensor, Y: Tensor, steps: int, batch_size: int, generator: Generator
) -> list[tuple[Tensor, Tensor]]:
    """Draw the batches that the stub describes."""
    draws = [torch.randint(0, len(X), (batch_size,), generator=generator) for _ in range(steps)]
    return [(X[ix], Y[ix]) for ix in draws]


def require_losses(losses: list[float], steps: int, what: str) -> None:
    require(len(losses) == steps, f"{what} should return {steps} losses, one per step", got=f"{len(losses)} of them")
    strange = [loss for loss in losses if type(loss) is not float]
    require(not strange, f"{what} should return plain floats; .item() makes one of a tensor", got=strange[:1])


def require_same(got: list[Tensor], expected: list[Tensor], when: str) -> None:
    """Compare the five tensors; what a few steps in float64 round is far below the default tolerance of 1e-9."""
    for name, tensor, wanted in zip(NAMES, got, expected, strict=True):
        assert_close(tensor, wanted, what=f"{name} {when}")


def number_characters() -> dict[str, int]:
    return {ch: i for i, ch in enumerate(".abcdefghijklmnopqrstuvwxyz")}


def build_rows(words: list[str], block_size: int) -> tuple[Tensor, Tensor]:
    """Cut words into contexts (N, block_size) and what follows each (N,)."""
    stoi = number_characters()
    texts = [[0] * block_size + [stoi[ch] for ch in word + "."] for word in words]
    X = [text[i : i + block_size] for text in texts for i in range(len(text) - block_size)]
    Y = [i for text in texts for i in text[block_size:]]
    return torch.tensor(X), torch.tensor(Y)


def conditional_entropy(X: Tensor, Y: Tensor) -> float:
    """Nats per row that no model of the contexts can do without."""
    targets: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
    for row, y in zip(X.tolist(), Y.tolist(), strict=True):
        targets[tuple(row)][y] += 1
    nats = [n * math.log(counts.total() / n) for counts in targets.values() for n in counts.values()]
    return sum(nats) / len(Y)


def scaled_start(size: Size, rng: Generator) -> list[Tensor]:
    """Draw a start that trains well: W1 by its fan-in, W2 by 0.01, biases at zero."""
    C, W1, b1, W2, b2 = (torch.randn(shape, generator=rng) for shape in size.shapes)
    return [C, W1 / size.shapes[1][0] ** 0.5, 0 * b1, 0.01 * W2, 0 * b2]


def test_overfit(submission: Any, corpus: Corpus, seed: int, rng: Generator, pictures: Any) -> None:
    words = random.Random(seed).sample(corpus.words, 32)
    X, Y = (rows[:32] for rows in build_rows(words, 3))
    floor = conditional_entropy(X, Y)
    steps = 400
    model = install(submission, LECTURE, scaled_start(LECTURE, rng))
    call = submission.call("overfit_batch", model, X, Y, steps, 0.5)
    losses = call.value
    series = {"32 rows": losses, "what is left": [floor] * steps}
    pictures.lines("overfit", "One batch learned by heart", series, x_label="step", y_label="loss")
    require_losses(losses, steps, "overfit_batch")
    lowest = min(losses)
    require(
        lowest > floor - 1e-4,
        f"a loss of {lowest:.4f} was reported, below the {floor:.4f} that the contexts with several targets leave to any "
        "model: it is not the mean loss of the 32 rows",
    )
    loss = compute_loss(take_tensors(model), X, Y).item()
    # 0.0015 to 0.018 above it after 400 steps at 0.5, for 300 draws of the words.
    require(
        loss < floor + 0.05,
        f"after {steps} steps at a rate of 0.5 the model has a loss of {loss:.4f} on its 32 rows, which it can know by "
        f"heart down to {floor:.4f}; the last loss reported is {losses[-1]:.4f}",
    )
    assert_equal(call.args[1:3], (X, Y), what="X and Y after the call")


def test_batch_step(submission: Any, rng: Generator) -> None:
    for size, N, steps, lr in (
        (SMALL, 9, 1, 0.3),
        (SMALL, 6, 4, 0.7),
        (Size(5, 3, 2, 4), 1, 3, 0.1),
        (SMALL, 4, 0, 0.5),
    ):
        tensors = draw_tensors(size, rng)
        X, Y = draw_rows(size, N, rng)
        losses, after = train(tensors, [(X, Y)] * steps, lambda _, lr=lr: lr)
        model = install(submission, size, tensors)
        got = submission.overfit_batch(model, X, Y, steps, lr)
        require_losses(got, steps, "overfit_batch")
        where = f"{steps} steps on {N} rows at a rate of {lr:g}"
        assert_close(got, losses, what=f"the losses of {where}")
        require_same(take_tensors(model), after, f"after {where}")


def test_updates(submission: Any, rng: Generator, seed: int) -> None:
    for size, N, batch_size, steps in ((SMALL, 40, 6, 1), (SMALL, 40, 6, 3), (Size(5, 3, 2, 4), 300, 1, 5)):
        tensors = draw_tensors(size, rng)
        X, Y = draw_rows(size, N, rng)
        batches = draw_batches(X, Y, steps, batch_size, torch.Generator().manual_seed(seed))
        losses, after = train(tensors, batches, lambda _: 0.4)
        model = install(submission, size, tensors)
        call = submission.call(
            "train_sgd", model, X, Y, steps, batch_size, lambda _: 0.4, torch.Generator().manual_seed(seed)
        )
        require_losses(call.value, steps, "train_sgd")
        where = f"{steps} steps with {batch_size} of {N} rows at a rate of 0.4"
        assert_close(
            call.value, losses, what=f"the losses of {where}, the rows drawn by torch.randint with the generator,"
        )
        require_same(take_tensors(model), after, f"after {where}")
        assert_equal(call.args[1:3], (X, Y), what="X and Y after the call")


def test_whole_range(submission: Any, rng: Generator, seed: int) -> None:
    # Row i holds nothing but character i, so the rows of C that have moved tell which ones were drawn.
    N, steps = 5, 80
    size = Size(N, 2, 3, 4)
    tensors = draw_tensors(size, rng)
    X, Y = torch.arange(N)[:, None].repeat(1, 2), torch.arange(N).roll(1)
    model = install(submission, size, tensors)
    submission.train_sgd(model, X, Y, steps, 2, lambda _: 0.1, torch.Generator().manual_seed(seed))
    moved = (take_tensors(model)[0] != tensors[0]).any(1)
    never = [i for i in range(N) if not moved[i]]
    # That one of five rows is missed in 160 draws has a probability below 1e-14.
    require(not never, f"in {steps} steps with 2 of {N} rows these rows were never drawn: {never}")
    for batch_size in (12, 5):
        batches = draw_batches(X, Y, 2, batch_size, torch.Generator().manual_seed(seed))
        losses, after = train(tensors, batches, lambda _: 0.4)
        model = install(submission, size, tensors)
        got = submission.train_sgd(model, X, Y, 2, batch_size, lambda _: 0.4, torch.Generator().manual_seed(seed))
        where = f"2 steps with {batch_size} rows, drawn from {N} with repeats"
        assert_close(got, losses, what=f"the losses of {where},")
        require_same(take_tensors(model), after, f"after {where},")


def test_schedule(submission: Any, rng: Generator, seed: int) -> None:
    tensors = draw_tensors(SMALL, rng)
    X, Y = draw_rows(SMALL, 30, rng)
    asked: list[int] = []

    def schedule(step: int) -> float:
        asked.append(step)
        return (0.5, 0.0, 0.2, 0.05)[step % 4]

    batches = draw_batches(X, Y, 4, 5, torch.Generator().manual_seed(seed))
    losses, after = train(tensors, batches, lambda step: (0.5, 0.0, 0.2, 0.05)[step])
    model = install(submission, SMALL, tensors)
    got = submission.train_sgd(model, X, Y, 4, 5, schedule, torch.Generator().manual_seed(seed))
    assert_equal(asked, [0, 1, 2, 3], what="what lr_schedule was asked in 4 steps, once at each,")
    assert_close(got, losses, what="the losses of 4 steps at the rates 0.5, 0, 0.2 and 0.05")
    require_same(take_tensors(model), after, "after 4 steps at the rates 0.5, 0, 0.2 and 0.05")
    model = install(submission, SMALL, tensors)
    submission.train_sgd(model, X, Y, 6, 5, lambda _: 0.0, torch.Generator().manual_seed(seed))
    for name, tensor, before in zip(NAMES, take_tensors(model), tensors, strict=True):
        assert_equal(tensor, before, what=f"{name} after 6 steps at a rate of 0")


def test_trains(
    submission: Any, corpus: Corpus, thresholds: dict[str, float], rng: Generator, seed: int, pictures: Any
) -> None:
    words_train, words_dev, _ = split_words(corpus.words)
    X, Y = build_rows(list(words_train), 3)
    model = install(submission, LECTURE, scaled_start(LECTURE, rng))
    call = submission.call(
        "train_sgd", model, X, Y, STEPS, BATCH_SIZE, lambda _: LEARNING_RATE, torch.Generator().manual_seed(seed)
    )
    loss = compute_loss(take_tensors(model), *build_rows(list(words_dev), 3)).item()
    smooth = [sum(call.value[i : i + 50]) / 50 for i in range(0, STEPS - 49, 50)]
    series = {
        "each batch": call.value,
        "mean of 50": ([i + 25 for i in range(0, STEPS - 49, 50)], smooth),
        "dev words, at the end": ([0, STEPS], [loss, loss]),
    }
    pictures.lines("training", f"Minibatch losses on the {corpus.name} corpus", series, x_label="step", y_label="loss")
    require_losses(call.value, STEPS, "train_sgd")
    # charged_s leaves out the waiting for a busy machine, which is not the learner's.
    require(
        call.charged_s < BUDGET_S,
        f"{STEPS} steps took {call.charged_s:.1f} s of computing, not under {BUDGET_S:g} s: a step needs its batch only",
    )
    most = thresholds["dev_loss"]
    require(
        loss < most,
        f"after {STEPS} steps with {BATCH_SIZE} rows at a rate of {LEARNING_RATE:g} the loss on the dev words of the "
        f"{corpus.name} corpus is {loss:.4f}, not below {most:g}; the last 50 batches have {smooth[-1]:.4f}",
    )
