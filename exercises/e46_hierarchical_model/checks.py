"""Checks of the hierarchical model.

Shapes are followed layer by layer from here. The last check trains on the corpus with the loop of the stub; the judge
computes the loss that counts, from the logits of the trained model in evaluation mode.
"""

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from grader.corpus import Corpus, split_words
from grader.testing import (
    CheckFailure,
    LearnerRaised,
    ask_rows,
    assert_above_floor,
    assert_close,
    assert_equal,
    measure_losses,
    require,
    spell,
    type_name,
)

LEVEL = ("FlattenConsecutive", "Linear", "BatchNorm1d", "Tanh")
#: (vocab_size, block_size, n_embd, n_hidden): all different in each.
SIZES = ((27, 8, 10, 68), (5, 2, 3, 4), (11, 4, 6, 7), (9, 16, 2, 5))
STEPS, BATCH_SIZE, LEARNING_RATE = 1500, 128, 0.01
STOI = {ch: i for i, ch in enumerate(".abcdefghijklmnopqrstuvwxyz")}


def describe_size(size: tuple[int, int, int, int]) -> str:
    return f"build_hierarchical{size}"


def draw_contexts(rng: Generator, N: int, size: tuple[int, int, int, int]) -> Tensor:
    return torch.randint(0, size[0], (N, size[1]), generator=rng)


def test_parameter_counts(submission: Any) -> None:
    small = submission.Sequential([submission.Linear(3, 4), submission.BatchNorm1d(4), submission.Linear(4, 2, False)])
    what = "count_parameters of a Linear(3, 4), a BatchNorm1d(4) and a Linear(4, 2) without bias"
    assert_equal(submission.count_parameters(small), 12 + 4 + 8 + 8, what=what)
    assert_equal(submission.count_parameters(submission.Sequential([])), 0, what="count_parameters without layers")
    for size, number in (((27, 8, 10, 68), 22_397), ((27, 8, 24, 128), 76_579), ((5, 2, 3, 4), 72)):
        model = submission.build_hierarchical(*size)
        # The count first: it holds no random numbers, which a likely mistake would have to agree with.
        counted = submission.count_parameters(model)
        assert_equal(counted, number, what=f"the number of parameters of {describe_size(size)}")
        found = sum(p.numel() for p in model.parameters())
        assert_equal(found, number, what=f"the size of all parameters of {describe_size(size)} together")


def test_layer_shapes(submission: Any, rng: Generator) -> None:
    for size in SIZES:
        V, block_size, n_embd, n_hidden = size
        model = submission.build_hierarchical(*size)
        layers = list(model.layers)
        kinds = [type_name(layer) for layer in layers]
        fusions = int(math.log2(block_size))
        expected = ["Embedding", *LEVEL * fusions, "Linear"]
        require(kinds == expected, f"{describe_size(size)} has other layers than asked", got=kinds, expected=expected)
        x = draw_contexts(rng, 3, size)
        # What each layer gives, as the stub describes it.
        shapes: list[tuple[int, ...]] = [(3, block_size, n_embd)]
        fan_in, positions = n_embd, block_size
        for _ in range(fusions):
            positions //= 2
            middle = (positions,) if positions > 1 else ()
            shapes += [(3, *middle, 2 * fan_in), *[(3, *middle, n_hidden)] * 3]
            fan_in = n_hidden
        shapes.append((3, V))
        for i, (layer, shape) in enumerate(zip(layers, shapes, strict=True)):
            given = tuple(x.shape)
            x = layer(x)
            require(isinstance(x, Tensor), f"layer {i}, a {kinds[i]}, should return a tensor", got=x)
            what = f"the shape after layer {i} ({kinds[i]}) of {describe_size(size)}, which got {given},"
            assert_equal(tuple(x.shape), shape, what=what)
        assert_equal(model.training, True, what="training of a fresh model")


def test_logits(submission: Any, rng: Generator) -> None:
    for size in SIZES:
        V = size[0]
        model = submission.build_hierarchical(*size)
        X = draw_contexts(rng, 6, size)
        for _ in range(2):  # two batches, so that the running statistics are no longer 0 and 1
            logits = model(X)
            require(
                isinstance(logits, Tensor) and logits.shape == (6, V) and logits.dtype == torch.float32,
                f"the logits of {describe_size(size)} for 6 contexts should be float32 (6, {V})",
                got=logits,
            )
        model.train(False)
        whole = model(X)
        for rows in (slice(0, 1), slice(3, 4), slice(2, 6)):
            # Matrix products of another size add up in another order: 1e-6 in float32.
            part = model(X[rows])
            some = "a single context" if rows.stop - rows.start == 1 else "four of six contexts"
            what = f"the logits of {some} in evaluation mode, which have nothing to do with the rest of a batch,"
            assert_close(part, whole[rows], rtol=1e-4, atol=1e-4, what=what)


def test_initial_loss(submission: Any, rng: Generator, seed: int) -> None:
    size = (27, 8, 10, 68)
    models = [
        submission.build_hierarchical(*size, generator=torch.Generator().manual_seed(seed + i)) for i in (0, 0, 1, 2)
    ]
    X, Y = draw_contexts(rng, 800, size), torch.randint(0, 27, (800,), generator=rng)
    for model in models[1:]:
        loss = F.cross_entropy(model(X).double(), Y).item()
        # Scaled to a tenth: at most 0.005 from log 27 in hundreds of draws; not scaled down: 0.14 and more above it.
        require(
            abs(loss - math.log(27)) < 0.1,
            f"the loss of a fresh model is {loss:.3f}, and a nearly uniform guess has log 27 = {math.log(27):.3f}: its "
            "last layer is too sure of itself",
            got=round(loss, 4),
        )
    last = torch.cat([list(model.layers)[-1].weight.detach() for model in models[1:]])  # (204, 27)
    what = "the standard deviation of the last weight, a tenth of 1 / sqrt(68),"
    # 5,508 numbers: their spread is known to 1 %.
    assert_close(float(last.std()), 0.1 / math.sqrt(68), rtol=0.1, atol=0.0, what=what)
    first, second, other = ([p.detach() for p in model.parameters()] for model in models[:3])
    assert_equal(second, first, what="the parameters of a second model with an equal generator")
    same = [i for i, (a, b) in enumerate(zip(first, other, strict=True)) if a.dim() == 2 and torch.equal(a, b)]
    require(not same, f"generators of different seeds lead to the same weights (parameters {same})")


def make_partly_blind(submission: Any, blind: tuple[int, ...], block_size: int, rng: Generator) -> Any:
    """Make a flat model with zeros for all weights of some positions."""
    n_embd, n_hidden = 3, 6
    weight = torch.randn(block_size, n_embd, n_hidden, generator=rng)
    weight[list(blind)] = 0
    first = submission.Linear(block_size * n_embd, n_hidden, bias=False)
    first.weight = weight.flatten(0, 1)
    layers = [submission.Embedding(7, n_embd), submission.FlattenConsecutive(block_size), first]
    norm = submission.BatchNorm1d(n_hidden)
    norm.running_mean = torch.randn(n_hidden, generator=rng)
    return submission.Sequential([*layers, norm, submission.Tanh(), submission.Linear(n_hidden, 7)])


def test_receptive_field(submission: Any, rng: Generator) -> None:
    for blind, block_size in (((0, 1, 2), 8), ((0, 3, 5), 6), ((), 5), ((1,), 2), ((0,), 1), (tuple(range(4)), 4)):
        model = make_partly_blind(submission, blind, block_size, rng)
        text = "no position" if not blind else f"position{'s' * (len(blind) > 1)} {', '.join(map(str, blind))}"
        what = f"receptive_field of a model of {block_size} positions that pays no attention to {text}"
        assert_equal(submission.receptive_field(model, block_size), block_size - len(blind), what=what)
    for size in SIZES:
        model = submission.build_hierarchical(*size)
        block_size = size[1]
        what = f"receptive_field of a fresh {describe_size(size)}"
        assert_equal(submission.receptive_field(model, block_size), block_size, what=what)
    # Two logits that are each other's negative: their sum is always the same, and still both depend on the context.
    model = make_partly_blind(submission, (1,), 4, rng)
    weight = torch.randn(6, 1, generator=rng)
    list(model.layers)[-1].weight = torch.cat([weight, -weight], 1)
    list(model.layers)[-1].bias = torch.zeros(2)
    what = "receptive_field of a model with the logits z and -z that pays no attention to position 1 of 4"
    assert_equal(submission.receptive_field(model, 4), 3, what=what)
    # One branch of a tree cut: the second FlattenConsecutive's later half gets weights of zero.
    model = submission.build_hierarchical(9, 8, 3, 5)
    joint = list(model.layers)[6]
    weight = joint.weight.clone()
    weight[5:] = 0
    joint.weight = weight
    what = "receptive_field of a tree whose second level pays no attention to the later one of two pairs"
    assert_equal(submission.receptive_field(model, 8), 4, what=what)


def test_model_stays(submission: Any, rng: Generator) -> None:
    for mode in (True, False):
        model = submission.build_hierarchical(7, 4, 3, 5)
        model(torch.randint(0, 7, (6, 4), generator=rng))
        model.train(mode)
        norms = [layer for layer in model.layers if type_name(layer) == "BatchNorm1d"]
        before = [(norm.running_mean, norm.running_var) for norm in norms]
        learned = [p.detach().clone() for p in model.parameters()]
        submission.receptive_field(model, 4)
        submission.count_parameters(model)
        name = "training" if mode else "evaluation"
        assert_equal(model.training, mode, what=f"`training` of a model in {name} mode after receptive_field")
        for norm, (mean, var) in zip(norms, before, strict=True):
            what = f"`training` of a BatchNorm1d of a model in {name} mode after receptive_field"
            assert_equal(norm.training, mode, what=what)
            stays = torch.equal(norm.running_mean, mean) and torch.equal(norm.running_var, var)
            require(stays, f"receptive_field moves the running statistics of a model in {name} mode")
        now = [p.detach() for p in model.parameters()]
        assert_equal(now, learned, what="the parameters after receptive_field")


def test_power_of_two(submission: Any) -> None:
    for block_size in (3, 6, 12, 7, 1, 0):
        try:
            submission.build_hierarchical(27, block_size, 4, 5)
        except LearnerRaised as error:
            if "NotImplementedError" in error.kinds:
                raise
            if "ValueError" not in error.kinds:
                text = f"a block_size of {block_size} raises {error.kinds[0]} instead of ValueError"
                raise CheckFailure(text, got=error.text) from None
            told = str(block_size) in error.text
            require(told, f"the ValueError should show the block_size {block_size}", got=error.text)
        else:
            raise CheckFailure(f"a block_size of {block_size} cannot be merged pair by pair: ValueError expected")
    for block_size in (2, 32):
        submission.build_hierarchical(5, block_size, 2, 3)


def build_rows(words: tuple[str, ...], block_size: int) -> tuple[Tensor, Tensor]:
    """Cut words into contexts (N, block_size) and what follows each (N,)."""
    texts = [[0] * block_size + [STOI[ch] for ch in word + "."] for word in words]
    X = [text[i : i + block_size] for text in texts for i in range(len(text) - block_size)]
    Y = [i for text in texts for i in text[block_size:]]
    return torch.tensor(X), torch.tensor(Y)


def test_trains(
    submission: Any, corpus: Corpus, thresholds: dict[str, float], rng: Generator, seed: int, pictures: Any
) -> None:
    words_train, words_dev, _ = split_words(corpus.words)
    X, Y = build_rows(words_train, 8)
    model = submission.build_hierarchical(27, 8, 10, 68, generator=torch.Generator().manual_seed(seed))
    losses = submission.train_adam(
        model, X, Y, STEPS, BATCH_SIZE, LEARNING_RATE, torch.Generator().manual_seed(seed + 1)
    )
    model.train(False)
    dev = measure_losses({"model": ask_rows(model, 8, 27)}, spell(words_dev, STOI), rng)["model"]
    loss = dev.mean
    smooth = [sum(losses[i : i + 50]) / 50 for i in range(0, STEPS - 49, 50)]
    series = {
        "each batch": losses,
        "mean of 50": ([i + 25 for i in range(0, STEPS - 49, 50)], smooth),
        "dev words, at the end": ([0, STEPS], [loss, loss]),
    }
    title = f"Training the tree on the {corpus.name} corpus"
    pictures.lines("training", title, series, x_label="step", y_label="loss")
    assert_above_floor(dev, corpus, what=f"the loss on the dev words of the {corpus.name} corpus")
    most = thresholds["dev_loss"]
    require(
        loss < most,
        f"after {STEPS} steps of Adam the loss on the dev words of the {corpus.name} corpus is {loss:.4f}, not below "
        f"{most:g}; the last 50 batches have {smooth[-1]:.4f}",
    )
