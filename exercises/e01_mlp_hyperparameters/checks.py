"""Checks of the trained network.

One real training serves most of them: `trains` makes it, the checks that continue it ask the model questions. The
judge numbers the characters, builds contexts for the model's own block_size and computes every loss itself, in
float64, from the logits. The dev words, on which the loss is measured, are never given to `train_best`: what it gets as
words_dev are the test words, which serve it as well.

Whether the model is a network is told by what it does after letter pairs that it has never seen: all words with a few
middling frequent pairs are kept from the training. A table of contexts knows nothing there. Counts that back off know
the last letter, but give one answer whatever came before the pair; a network goes on listening to all of its inputs.
"""

import math
import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
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

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SLACK = 1.1  # the tenth over the budget that the stub forgives
SHORT_BUDGET_S = 2.0
BUDGET_S = 30.0
#: Pairs in 40 to 120 of the 25,600 training words: eight of them leave 500 to 700 rows to judge by, and take away one
#: word in forty (which costs about 0.01 on the dev loss).
HELD_OUT_PAIRS, FEWEST_WORDS, MOST_WORDS = 8, 40, 120
#: Nats by which predictions after an unseen pair differ, on average, when the characters before it are exchanged.
#: Measured: 0.1 to 0.2 for networks too small for the task, 0.3 to 1.6 for all others, exactly 0 for counts.
LEAST_LISTENING = 0.05
#: Parts of operator names. The lists are wide: any product of matrices, anything that bends.
PRODUCT = re.compile("mm|mv|dot|matmul|linear|einsum|conv|rnn|gru|lstm|attention|transformer")
BEND = re.compile(
    "tanh|relu|elu|silu|mish|sigmoid|softplus|softsign|softmax|hardswish|threshold|max|clamp|exp(?!and)|pow|where|abs|"
    "sin|cos|erf|sqrt|norm|rnn|gru|lstm|attention|transformer"
)


def number_characters(draw: random.Random) -> dict[str, int]:
    """Give '.' and the letters an order of their own, in which '.' is not the first."""
    order = draw.sample(LETTERS, len(LETTERS))
    order.insert(draw.randint(1, len(order)), ".")
    return {ch: i for i, ch in enumerate(order)}


def build_rows(words: Iterable[str], stoi: dict[str, int], block_size: int) -> tuple[Tensor, Tensor]:
    """Cut words into contexts (N, block_size), filled with '.' in front, and what follows each (N,)."""
    X, Y = [], []
    for word in words:
        padded = [stoi["."]] * block_size + [stoi[ch] for ch in word + "."]
        for i in range(len(word) + 1):
            X.append(padded[i : i + block_size])
            Y.append(padded[i + block_size])
    return torch.tensor(X), torch.tensor(Y)


def pairs_of(word: str) -> set[str]:
    """The pairs of neighbouring letters in a word."""
    return {word[i : i + 2] for i in range(len(word) - 1)}


def hold_out_pairs(train: list[str], draw: random.Random) -> tuple[list[str], list[str], set[str]]:
    """Draw letter pairs and part the words: (those without any of them, those with one, the pairs)."""
    words_with = Counter(pair for word in train for pair in pairs_of(word))
    middling = sorted(pair for pair, n in words_with.items() if FEWEST_WORDS <= n <= MOST_WORDS)
    held_out = set(draw.sample(middling, HELD_OUT_PAIRS))
    kept = [word for word in train if not pairs_of(word) & held_out]
    return kept, [word for word in train if pairs_of(word) & held_out], held_out


def draw_cycle(words: list[str], draw: random.Random) -> str:
    """Draw five letters of which few words hold two neighbours, going round."""
    words_with = Counter(pair for word in words for pair in pairs_of(word))
    rounds = ["".join(draw.sample(LETTERS, 5)) for _ in range(50)]
    return min(rounds, key=lambda letters: sum(words_with[pair] for pair in pairs_of(letters + letters[0])))


def ask_logits(model: Any, X: Tensor, V: int) -> Tensor:
    """Ask the model for logits and require their form; returns (N, V) in float64."""
    logits: Tensor = model(X)
    require(
        isinstance(logits, Tensor) and logits.shape == (len(X), V) and logits.is_floating_point(),
        f"for contexts of shape {tuple(X.shape)} the logits should be a floating point tensor of shape ({len(X)}, {V})",
        got=logits,
    )
    bad = ~torch.isfinite(logits)
    row = int(bad.any(1).long().argmax())
    require(not bad.any(), f"{int(bad.sum())} of {logits.numel()} logits are not finite, first in row {row}")
    return logits.double()


def measure(carry: dict[str, Any], words: Sequence[str], rng: torch.Generator, *, again: bool = False) -> Losses:
    """Measure the loss of every character of some words and of their ends."""
    stoi = carry["stoi"]
    model = ask_rows(carry["model"], carry["block_size"], len(stoi), stoi["."])
    return measure_losses({"model": model}, spell(words, stoi), rng, again=again)["model"]


def measure_seen(carry: dict[str, Any], words: Sequence[str], rng: torch.Generator) -> Losses:
    """Measure the losses of words that were trained on, in batches of very unequal size.

    Nothing is told here that the training did not tell. Rows of all places are mixed, as they were in training: whether a
    row's logits depend on its batch is for another check.
    """
    stoi = carry["stoi"]
    X, Y = build_rows(words, stoi, carry["block_size"])
    order = torch.randperm(len(Y), generator=rng)
    losses = [
        F.cross_entropy(ask_logits(carry["model"], X[part], len(stoi)), Y[part], reduction="none")
        for part in order.tensor_split((50, 750, 3750, 3814))
        if len(part)
    ]
    places = [(n, i) for n, word in enumerate(words) for i in range(len(word) + 1)]
    return Losses(torch.cat(losses)[order.argsort()], *torch.tensor(places).T)


def mix_contexts(X: Tensor, N: int, V: int, rng: torch.Generator) -> Tensor:
    """Take contexts (N, block_size) from X and make every second one up, with '.' at any place."""
    rows = X[torch.randint(0, len(X), (N,), generator=rng)]
    made_up = torch.randint(0, V, rows.shape, generator=rng)
    return torch.where(torch.arange(N)[:, None] % 2 == 0, rows, made_up)


def test_dev_loss_value(submission: Any, rng: torch.Generator) -> None:
    for N, block_size, V, size in ((1, 3, 27, 1.0), (7, 2, 5, 3.0), (1000, 4, 27, 2.0), (7, 3, 11, 1000.0)):
        W = size * torch.randn(block_size, V, V, generator=rng)  # logits of up to some thousands in the last case
        X = torch.randint(0, V, (N, block_size), generator=rng)
        Y = torch.randint(0, V, (N,), generator=rng)
        value = submission.dev_loss(make_model(W), X, Y)
        expected = F.cross_entropy(make_model(W)(X).double(), Y).item()
        what = f"the loss of {N} rows with logits up to {make_model(W)(X).abs().max():.3g}"
        # The logits are float32, and so may the mean be.
        assert_close(value, expected, rtol=1e-5, atol=1e-5, what=what)


def test_dev_loss_uneven(submission: Any, rng: torch.Generator) -> None:
    # A prime number of rows, about as many as the dev split: batches of any size leave a rest. The last rows are by
    # far the worst, so that a rest that counts too much shows: by 1e-3 for the usual sizes, by 1e-5 for every one.
    N, block_size, V = 22_651, 3, 27
    W = torch.randn(block_size, V, V, generator=rng)
    X = torch.randint(0, V, (N, block_size), generator=rng)
    logits = make_model(W)(X)
    Y = torch.where(torch.arange(N) < 0.95 * N, logits.argmax(1), logits.argmin(1))
    value = submission.dev_loss(make_model(W), X, Y)
    expected = F.cross_entropy(logits.double(), Y).item()
    what = f"the loss of {N} rows, every row counting the same,"
    assert_close(value, expected, rtol=0.0, atol=1e-5, what=what)  # a mean in float32 is right to 1e-6


def make_model(W: Tensor) -> Any:
    """Make a model of the judge: the logits are sums of one row of W (block_size, V, V) per place."""

    def logits_fn(X: Tensor) -> Tensor:
        require(
            isinstance(X, Tensor) and X.dtype == torch.int64 and X.dim() == 2 and X.shape[1] == len(W),
            f"logits_fn takes contexts (n, {len(W)}), int64",
            got=X,
        )
        # Row by row in float32, so that a row's logits do not depend on how the rows are batched.
        return sum((W[place][X[:, place]] for place in range(len(W))), torch.zeros(len(X), W.shape[2]))

    return logits_fn


def test_time_budget(submission: Any, corpus: Corpus, seed: int, carry: dict[str, Any]) -> None:
    # A quarter of the words, so that most of the short time is for steps; the made-up ones are for the next check.
    draw = random.Random(seed)
    train = draw.sample(split_words(corpus.words)[0], 6400)
    letters = draw_cycle(train, draw)
    train = [word for word in train if not pairs_of(word) & pairs_of(letters + letters[0])]
    made_up = [(letters * 4)[start : start + length] for start in range(5) for length in range(6, 13)]
    dev = draw.choices(made_up, k=len(train) // 4)
    stoi = number_characters(draw)
    call = submission.call("train_best", train, dev, stoi, draw.randrange(2**31), SHORT_BUDGET_S)
    model, block_size = take_model(call, SHORT_BUDGET_S)
    for name, now, before in zip(("words_train", "words_dev", "stoi"), call.args, (train, dev, stoi), strict=False):
        assert_equal(now, before, what=f"{name} after the call")
    carry.update(model=model, block_size=block_size, stoi=stoi, made_up=made_up)


def take_model(call: Any, budget_s: float) -> tuple[Any, int]:
    """Require a call of train_best to have kept its budget, and take the model and its block_size."""
    require(
        call.charged_s <= SLACK * budget_s,
        f"train_best took {call.charged_s:.2f} s with a time_budget_s of {budget_s:g}: look at the clock every few "
        "steps, and count the time for building the data set too",
    )
    model, block_size = call.value
    require(3 <= block_size <= 32, "block_size should be from 3 to 32", got=block_size)
    return model, block_size


def test_dev_words_stay_out(submission: Any, carry: dict[str, Any]) -> None:
    # The dev words went round in a cycle of letters that no training word holds two of in a row. A model that has not
    # learned from them finds each step less likely than guessing would; untrained models are about at log V.
    stoi, block_size = carry["stoi"], carry["block_size"]
    V = len(stoi)
    inside = [(word[:i], word[i]) for word in carry["made_up"] for i in range(2, len(word))]
    X = torch.cat([build_rows([start], stoi, block_size)[0][-1:] for start, _ in inside])
    Y = torch.tensor([stoi[following] for _, following in inside])
    loss = F.cross_entropy(ask_logits(carry["model"], X, V), Y).item()
    require(
        loss > 0.8 * math.log(V),
        f"words_dev held made-up words of a pattern that words_train never shows, and the model predicts it with a "
        f"loss of {loss:.3f} (guessing costs log {V} = {math.log(V):.3f}): the dev words were learned from",
    )


def test_trains(submission: Any, corpus: Corpus, rng: torch.Generator, seed: int, carry: dict[str, Any]) -> None:
    draw = random.Random(seed)
    train, dev, test = split_words(corpus.words)
    kept, held_back, pairs = hold_out_pairs(list(train), draw)
    stoi = number_characters(draw)
    V = len(stoi)
    call = submission.call("train_best", kept, list(test), stoi, draw.randrange(2**31), BUDGET_S)
    model, block_size = take_model(call, BUDGET_S)
    carry.update(model=model, block_size=block_size, stoi=stoi, dev=dev, held_back=held_back, pairs=pairs)
    seen = draw.sample(kept, 1000)
    losses = measure_seen(carry, seen, rng)
    loss = losses.mean
    require(
        loss < 0.9 * math.log(V),
        f"on words it was trained on the model has a loss of {loss:.3f}, and guessing has log {V} = {math.log(V):.3f}: "
        "are the indices those of stoi, and is the latest character the last of its row?",
    )
    dot = stoi["."]
    loss = losses.nats[losses.places == 0].mean().item()
    # Good models are at 2.95 on the names and 3.09 on the embedded corpus, bad ones up to 3.3 = log V; after another
    # filling the row of '.' was never trained, and the loss is 4.1 and more.
    require(
        loss < 1.05 * math.log(V),
        f"for the first letter of words it was trained on the model has a loss of {loss:.3f}, worse than guessing "
        f"(log {V} = {math.log(V):.3f}): a short context is filled with stoi['.'] = {dot} in front",
    )
    carry.update(seen=seen, seen_losses=losses)


def test_probabilities(submission: Any, rng: torch.Generator, carry: dict[str, Any]) -> None:
    V = len(carry["stoi"])
    X, _ = build_rows(carry["seen"], carry["stoi"], carry["block_size"])  # the dev words are not measured yet
    for N in (1, 7, 300):
        rows = mix_contexts(X, N, V, rng)
        rows[-1] = rows[-1, 0]  # one character over and over
        total = ask_logits(carry["model"], rows, V).softmax(1).sum(1)
        what = f"the sum of the probabilities for {N} contexts"
        assert_close(total, torch.ones(N, dtype=torch.float64), what=what)


def test_rows_stand_alone(submission: Any, rng: torch.Generator, carry: dict[str, Any]) -> None:
    model, V = carry["model"], len(carry["stoi"])
    X, _ = build_rows(carry["seen"], carry["stoi"], carry["block_size"])  # the dev words are not measured yet
    rows = mix_contexts(X, 257, V, rng)
    whole = ask_logits(model, rows, V)
    order = torch.randperm(len(rows), generator=rng)
    questions = [
        ("asked a second time", rows, whole),
        ("of the batch in another order", rows[order], whole[order]),
        ("of the first 100 rows without the others", rows[:100], whole[:100]),
        *((f"of row {i} alone", rows[i : i + 1], whole[i : i + 1]) for i in range(3)),
    ]
    for how, some, expected in questions:
        # Matrix products of another size add up in another order: 1e-6 in float32. Dropout and batch statistics
        # change logits by tenths.
        assert_close(ask_logits(model, some, V), expected, rtol=1e-3, atol=1e-3, what=f"the logits {how}")


def require_dev_loss(carry: dict[str, Any], corpus: Corpus, most: float) -> None:
    """Require the dev loss to be below a threshold."""
    # What failed is not measured a second time: by now the dev words are known over there.
    require("dev_losses" in carry, "the dev loss could not be measured, see “The dev loss is below 2.2”")
    loss = carry["dev_losses"].mean
    require(
        loss < most,
        f"the dev loss on the {corpus.name} corpus is {loss:.4f}, {loss - most:.4f} above the {most:g} to get under",
    )


def draw_losses(carry: dict[str, Any], pictures: Any) -> None:
    """Picture the mean loss by the place in the word, of a thousand training words and of the dev words."""
    series = {}
    for label, losses in (("train", carry["seen_losses"]), ("dev", carry["dev_losses"])):
        longest = 12  # few words are longer
        means = [losses.nats[losses.places == place].mean().item() for place in range(longest)]
        series[f"{label}, {losses.mean:.4f} on average"] = means
    title = "Loss by the place in the word"
    pictures.lines("losses", title, series, x_label="letters before", y_label="loss in nats")


def test_beats_lecture(
    submission: Any,
    corpus: Corpus,
    thresholds: dict[str, float],
    rng: torch.Generator,
    carry: dict[str, Any],
    pictures: Any,
) -> None:
    carry["dev_losses"] = losses = measure(carry, carry["dev"], rng, again=True)
    draw_losses(carry, pictures)
    assert_above_floor(losses, corpus, what=f"the dev loss on the {corpus.name} corpus")
    require_dev_loss(carry, corpus, thresholds["dev_loss"])


def take_unseen_rows(carry: dict[str, Any]) -> Tensor:
    """Build the contexts (N, block_size) that end in a held-out pair."""
    stoi = carry["stoi"]
    X, _ = build_rows(carry["held_back"], stoi, carry["block_size"])
    codes = torch.tensor([stoi[a] * len(stoi) + stoi[b] for a, b in sorted(carry["pairs"])])
    return X[torch.isin(X[:, -2] * len(stoi) + X[:, -1], codes)]


def test_unseen_pairs(
    submission: Any, thresholds: dict[str, float], rng: torch.Generator, carry: dict[str, Any]
) -> None:
    # Networks with a dev loss below 2.2 were at 1.8 to 2.7 here, a table at log V = 3.3. The check needs that loss,
    # because a badly trained network is sure of the wrong letters and may do worse than a table.
    words, pairs = carry["held_back"], carry["pairs"]
    V, most = len(carry["stoi"]), thresholds["unseen_loss"]
    losses = measure(carry, words, rng)
    after_pair = [
        words[n][:i][-2:] in pairs for n, i in zip(losses.texts.tolist(), losses.places.tolist(), strict=True)
    ]
    loss = losses.nats[torch.tensor(after_pair)].mean().item()
    require(
        loss < most,
        f"after {HELD_OUT_PAIRS} letter pairs that no training word held the model has a loss of {loss:.3f}, not below "
        f"{most:g} (guessing: log {V} = {math.log(V):.3f}): it knows contexts one by one, where a network with "
        "embeddings carries over what it knows of each character",
    )


def test_is_a_network(submission: Any, rng: torch.Generator, carry: dict[str, Any]) -> None:
    X = take_unseen_rows(carry)
    model, V = carry["model"], len(carry["stoi"])
    # The same unseen pair behind other characters: exchange all but the last two between the rows.
    exchanged = X.clone()
    exchanged[:, :-2] = X[torch.randperm(len(X), generator=rng), :-2]
    p, q = (ask_logits(model, rows, V).log_softmax(1) for rows in (X, exchanged))
    listening = float((p.exp() * (p - q)).sum(1).mean())
    require(
        listening > LEAST_LISTENING,
        f"after letter pairs that no training word held the predictions hardly depend on what came before the pair (by "
        f"{listening:.4f} nats, a network by {LEAST_LISTENING:g} and more): counts that back off do that",
    )
    ops = submission.call(model, X[:3], want=("ops",)).ops
    names = sorted({name.split(".")[1] for name in ops if "." in name})
    require(
        any(map(PRODUCT.search, names)) or {"mul", "sum"} <= set(names),
        "logits_fn runs no matrix product, so it is not the network of the exercise",
        got=", ".join(names) or "no operator of torch",
    )
    require(
        any(map(BEND.search, names)),
        "logits_fn runs no nonlinear function, so it has no hidden layer: a product of matrices is a matrix",
        got=", ".join(names),
    )


def test_full_marks(submission: Any, corpus: Corpus, thresholds: dict[str, float], carry: dict[str, Any]) -> None:
    require_dev_loss(carry, corpus, thresholds["dev_loss_full_marks"])
