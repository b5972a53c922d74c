"""Checks of the direct connections, the penalty and the comparison.

The judge writes weights of its own into the learner's models and computes what should come out in float64. The three
variants are trained once for `trains`; then their losses are measured, all three side by side, so that no model is asked
about words that another was asked about before. `compare`, which trains them again with the same seed, has to report the
same.
"""

import random
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from grader.corpus import Corpus, split_words
from grader.testing import (
    Losses,
    ask_rows,
    assert_above_floor,
    assert_close,
    assert_equal,
    measure_losses,
    require,
    spell,
)

CHARACTERS = ".abcdefghijklmnopqrstuvwxyz"
STOI = {ch: i for i, ch in enumerate(CHARACTERS)}
BLOCK_SIZE = 3
VARIANTS = {"baseline": (False, 0.0), "direct": (True, 0.0), "penalty": (False, 1e-4)}
#: (vocab_size, block_size, n_embd, n_hidden): the lecture's, with 11,897 parameters, and two with no size twice.
SIZES = ((27, 3, 10, 200), (5, 2, 3, 4), (11, 4, 2, 7))
#: What three trainings may take on one thread; with the given loop they need about five seconds.
BUDGET_S = 60.0


def expected_shapes(V: int, block_size: int, n_embd: int, n_hidden: int, direct: bool) -> dict[str, tuple[int, ...]]:
    """Return the shape of every parameter by its name."""
    fan_in = block_size * n_embd
    shapes = {"C": (V, n_embd), "W1": (fan_in, n_hidden), "b1": (n_hidden,), "W2": (n_hidden, V), "b2": (V,)}
    return shapes | ({"W_direct": (fan_in, V)} if direct else {})


def read_parameters(model: Any) -> dict[str, Tensor]:
    """Ask a model for its parameters."""
    return {str(name): p for name, p in model.named_parameters()}


def draw_weights(sizes: tuple[int, int, int, int], direct: bool, rng: torch.Generator) -> dict[str, Tensor]:
    """Draw a value for every parameter, in float64, none of them small."""
    shapes = expected_shapes(*sizes, direct)
    return {name: torch.randn(shape, generator=rng, dtype=torch.float64) for name, shape in shapes.items()}


def make_model(submission: Any, sizes: tuple[int, int, int, int], weights: dict[str, Tensor]) -> Any:
    """Make a model of the learner's in float64 and write weights into it."""
    model = submission.DirectNPLM(*sizes, direct="W_direct" in weights)
    model.double()
    model.load_state_dict(weights)
    return model


def compute_logits(weights: dict[str, Tensor], x: Tensor) -> Tensor:
    """Compute the logits (N, V) of eq. (1)."""
    features = weights["C"][x].flatten(1)
    logits = torch.tanh(features @ weights["W1"] + weights["b1"]) @ weights["W2"] + weights["b2"]
    return logits + features @ weights["W_direct"] if "W_direct" in weights else logits


def test_parameters(submission: Any) -> None:
    for sizes in SIZES:
        for direct in (False, True):
            what = f"DirectNPLM{sizes} with direct={direct}"
            parameters = read_parameters(submission.DirectNPLM(*sizes, direct=direct))
            found = {name: tuple(p.shape) for name, p in parameters.items()}
            assert_equal(found, expected_shapes(*sizes, direct), what=f"the shapes of the parameters of {what}")
    default = read_parameters(submission.DirectNPLM(5, 2, 3, 4))
    require("W_direct" in default, "without an argument, direct is True", got=sorted(default))


def test_logits(submission: Any, rng: torch.Generator) -> None:
    for sizes in SIZES:
        for direct in (False, True):
            weights = draw_weights(sizes, direct, rng)
            model = make_model(submission, sizes, weights)
            for N in (1, 6):
                x = torch.randint(0, sizes[0], (N, sizes[1]), generator=rng)
                what = f"the logits of DirectNPLM{sizes} with direct={direct} for {N} contexts"
                assert_close(model(x), compute_logits(weights, x), what=what)


def test_zero_direct(submission: Any, rng: torch.Generator) -> None:
    for sizes in SIZES:
        weights = draw_weights(sizes, True, rng)
        weights["W_direct"] = torch.zeros_like(weights["W_direct"])
        x = torch.randint(0, sizes[0], (9, sizes[1]), generator=rng)
        with_direct = make_model(submission, sizes, weights)(x)
        del weights["W_direct"]
        without = make_model(submission, sizes, weights)(x)
        what = f"the logits of DirectNPLM{sizes} with W_direct = 0, against those without direct connections,"
        assert_close(with_direct, without.detach(), what=what)


def test_gradients(submission: Any, rng: torch.Generator) -> None:
    for sizes in SIZES:
        for direct in (False, True):
            weights = draw_weights(sizes, direct, rng)
            model = make_model(submission, sizes, weights)
            X = torch.randint(0, sizes[0], (8, sizes[1]), generator=rng)
            Y = torch.randint(0, sizes[0], (8,), generator=rng)
            leaves = {name: w.clone().requires_grad_() for name, w in weights.items()}
            loss = F.cross_entropy(compute_logits(leaves, X), Y)
            expected = dict(zip(leaves, torch.autograd.grad(loss, list(leaves.values())), strict=True))
            grads = submission.take_gradients(model, X, Y, 0.0)
            for name, grad in expected.items():
                what = f"the gradient of the cross-entropy with respect to {name} (direct={direct})"
                assert_close(grads[name], grad, what=what)


def sum_squares(weights: dict[str, Tensor]) -> float:
    """Add up the squares that the penalty is about."""
    return sum(float((w**2).sum()) for name, w in weights.items() if name.startswith("W"))


def test_penalty_value(submission: Any, rng: torch.Generator) -> None:
    for sizes in SIZES:
        for direct in (False, True):
            weights = draw_weights(sizes, direct, rng)
            model = make_model(submission, sizes, weights)
            for weight in (0.0, 1e-4, 0.5, 2):
                got = submission.l2_penalty(model, weight)
                require(
                    isinstance(got, Tensor) and got.shape == (),
                    "l2_penalty should return a tensor of shape ()",
                    got=got,
                )
                expected = torch.tensor(weight * sum_squares(weights), dtype=torch.float64)
                assert_close(got, expected, what=f"the penalty with weight {weight:g} (direct={direct})")
            for name in ("C", "b1", "b2"):
                model.load_state_dict(weights | {name: 3 * weights[name]})
                got = submission.l2_penalty(model, 0.5)
                expected = torch.tensor(0.5 * sum_squares(weights), dtype=torch.float64)
                assert_close(got, expected, what=f"the penalty after {name}, which it is not about, was tripled,")
            after = read_parameters(model)
            assert_close(after["W1"].detach(), weights["W1"], rtol=0.0, atol=0.0, what="W1 after the calls")


def test_penalty_gradient(submission: Any, rng: torch.Generator) -> None:
    for sizes in SIZES[1:]:
        for direct in (False, True):
            weights = draw_weights(sizes, direct, rng)
            model = make_model(submission, sizes, weights)
            X = torch.randint(0, sizes[0], (8, sizes[1]), generator=rng)
            Y = torch.randint(0, sizes[0], (8,), generator=rng)
            plain = submission.take_gradients(model, X, Y, 0.0)
            for weight in (0.01, 1.5):
                grads = submission.take_gradients(model, X, Y, weight)
                for name, w in weights.items():
                    added = grads[name] - plain[name]
                    expected = 2 * weight * w if name.startswith("W") else torch.zeros_like(w)
                    what = f"what a penalty of weight {weight:g} adds to the gradient of {name} (direct={direct})"
                    # A difference of two gradients of about 1 keeps 15 digits after the point.
                    assert_close(added, expected, rtol=1e-9, atol=1e-11, what=what)


def start_at(submission: Any, words: list[str], seed: int, name: str, steps: int) -> dict[str, Tensor]:
    """Ask for the parameters of a variant after some steps."""
    direct, weight = VARIANTS[name]
    model = submission.train_variant(words, seed, direct, weight, steps)
    return {key: p.detach() for key, p in read_parameters(model).items()}


def test_same_start(submission: Any, corpus: Corpus, seed: int) -> None:
    draw = random.Random(seed)
    words = draw.sample(corpus.words, 50)
    one, other = draw.sample(range(2**31), 2)
    starts = {name: start_at(submission, words, one, name, 0) for name in VARIANTS}
    for name in ("direct", "penalty"):
        for key, p in starts["baseline"].items():
            what = f"{key} at the start of the variant {name!r}, against the baseline's with the same seed,"
            assert_close(starts[name][key], p, rtol=0.0, atol=0.0, what=what)
    again = start_at(submission, words, one, "direct", 0)
    assert_equal(again, starts["direct"], what="the start of the variant 'direct' a second time, with the same seed,")
    moved = start_at(submission, words, other, "baseline", 0)
    same = [key for key in ("C", "W1") if torch.equal(moved[key], starts["baseline"][key])]
    require(not same, f"{same[:1]} starts alike with the seeds {one} and {other}: let the seed decide")


def test_same_batches(submission: Any, seed: int) -> None:
    # Each letter is in the context of one of 52 rows, so after one step the rows of C that have moved tell which rows
    # were in the batch: all but two or three of them, and for other batches other ones, but for one in 70.
    words = list(CHARACTERS[1:])
    for one in random.Random(seed).sample(range(2**31), 5):
        moved = {}
        for name in VARIANTS:
            before, after = (start_at(submission, words, one, name, steps)["C"] for steps in (0, 1))
            moved[name] = "".join(CHARACTERS[k] for k in (before != after).any(1).nonzero().flatten().tolist())
        require(len(moved["baseline"]) > 1, "after one step on the words a to z no features have moved")
        for name in ("direct", "penalty"):
            require(
                moved[name] == moved["baseline"],
                f"the first batch of the variant {name!r} is another than the baseline's with the same seed ({one}): of "
                "the words a to z it holds other letters; give the batches a generator of their own",
                got=moved[name],
                expected=moved["baseline"],
            )


def measure_variants(models: dict[str, Any], words: list[str], rng: torch.Generator) -> dict[str, Losses]:
    """Measure the losses of the words under each model, from its logits."""
    asks = {name: ask_rows(model, BLOCK_SIZE, len(CHARACTERS)) for name, model in models.items()}
    return measure_losses(asks, spell(words, STOI), rng)


def test_trains(
    submission: Any,
    corpus: Corpus,
    thresholds: dict[str, float],
    rng: torch.Generator,
    seed: int,
    carry: dict[str, Any],
    pictures: Any,
) -> None:
    train, dev, _ = (list(part) for part in split_words(corpus.words))
    one = random.Random(seed).randrange(2**31)
    models = {}
    for name, (direct, weight) in VARIANTS.items():
        call = submission.call("train_variant", train, one, direct, weight)
        assert_equal(call.args[0], train, what="words_train after the call")
        models[name] = call.value
        if direct:
            draw_direct(read_parameters(call.value), pictures)
    measured = measure_variants(models, dev, rng)
    losses = {name: of_variant.mean for name, of_variant in measured.items()}
    for name, loss in losses.items():
        what = f"the dev loss of the variant {name!r} on the {corpus.name} corpus"
        assert_above_floor(measured[name], corpus, what=what)
        require(
            loss < thresholds["dev_loss"],
            f"the variant {name!r} has a dev loss of {loss:.4f} on the {corpus.name} corpus, not below "
            f"{thresholds['dev_loss']:g}, the bigram's: does the training start near log 27 = 3.30, on all the words?",
        )
    carry.update(train=train, dev=dev, seed=one, losses=losses)


def draw_direct(parameters: dict[str, Tensor], pictures: Any) -> None:
    """Picture what the direct connections add to each logit for each latest character."""
    C, W = parameters["C"].detach(), parameters["W_direct"].detach()
    table = C @ W[-C.shape[1] :]  # (V, V)
    labels = list(CHARACTERS)
    title = "What the direct path adds to each logit, by the latest character"
    pictures.heat_map("direct", title, table, rows=labels, columns=labels, x_label="next", y_label="latest")


def require_true(reported: Any, measured: dict[str, float]) -> None:
    """Require what compare returned to be the losses that were measured here."""
    assert_equal(sorted(reported), sorted(measured), what="the sorted keys of what compare returns")
    for name, loss in measured.items():
        got = reported[name]
        require(type(got) is float, f"compare should return floats, but {name!r} is none", got=got)
        # A mean of 22,000 float32 losses is right to 1e-5; all else is the same computation.
        require(
            abs(got - loss) <= 1e-4,
            f"compare says {got:.4f} for {name!r}; the model that train_variant gives for the same words, seed and steps "
            f"has a dev loss of {loss:.4f}: train on the train words with the seed as it is, then measure all dev rows",
        )


def test_compare(submission: Any, corpus: Corpus, rng: torch.Generator, seed: int) -> None:
    draw = random.Random(seed)
    words = draw.sample(corpus.words, 300)
    train, dev = words[:200], words[200:]
    for steps in (1, 60):
        one = draw.randrange(2**31)
        models = {
            name: submission.train_variant(train, one, direct, weight, steps)
            for name, (direct, weight) in VARIANTS.items()
        }
        measured = {name: losses.mean for name, losses in measure_variants(models, dev, rng).items()}
        call = submission.call("compare", train, dev, one, steps)
        require_true(call.value, measured)
        for name, now, before in zip(("words_train", "words_dev"), call.args, (train, dev), strict=False):
            assert_equal(now, before, what=f"{name} after the call")


def test_compare_corpus(submission: Any, carry: dict[str, Any]) -> None:
    call = submission.call("compare", carry["train"], carry["dev"], carry["seed"])
    require_true(call.value, carry["losses"])
    took_s = call.charged_s
    require(took_s < BUDGET_S, f"compare took {took_s:.0f} s of computing, not under {BUDGET_S:g} s")
