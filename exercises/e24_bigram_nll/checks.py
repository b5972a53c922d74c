"""Checks of the average negative log-likelihood: small alphabets numbered in any order, then the whole corpus.

What is expected is the cross-entropy of torch for the logarithms of P as logits, in float64, on pairs that are made here.
"""

import math
import random
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from grader.corpus import Corpus
from grader.testing import assert_close, assert_equal

ALPHABETS = ("xy", "abc", "kwzéß")  # V = 3, 4 and 6
#: The stated figures have four decimals.
FOUR_DECIMALS = 1e-4


def shuffled_stoi(alphabet: str, draw: random.Random) -> dict[str, int]:
    """Number the dot and the letters in a random order, with the dot never at 0."""
    order = draw.sample(alphabet, len(alphabet))
    order.insert(draw.randint(1, len(order)), ".")
    return {ch: i for i, ch in enumerate(order)}


def draw_words(alphabet: str, how_many: int, draw: random.Random) -> list[str]:
    """Draw words of 0 to 6 letters; letters get rarer along the alphabet."""
    weights = range(len(alphabet), 0, -1)
    return ["".join(draw.choices(alphabet, weights, k=draw.randint(0, 6))) for _ in range(how_many)]


def draw_probabilities(V: int, rng: Generator) -> Tensor:
    """Draw a (V, V) table of distributions, float64, all entries above 0 and far from equal."""
    return torch.softmax(1.5 * torch.randn(V, V, generator=rng, dtype=torch.float64), dim=1)


def set_chance(P: Tensor, i: int, j: int, chance: float) -> None:
    """Give j after i another probability, and scale the others in its row so that it sums to 1 again."""
    P[i, j] = 0.0
    P[i] *= (1 - chance) / P[i].sum()
    P[i, j] = chance


def pairs(words: list[str], stoi: dict[str, int]) -> tuple[Tensor, Tensor]:
    """The numbers of all first and of all second characters."""
    both = [(stoi[a], stoi[b]) for w in words for a, b in zip(f".{w}", f"{w}.", strict=True)]
    before, after = torch.tensor(both).unbind(1)
    return before, after


def entropy_across(words: list[str], P: Tensor, stoi: dict[str, int]) -> float:
    """What torch says the words cost."""
    before, after = pairs(words, stoi)
    return F.cross_entropy(P.double().log()[before], after).item()


def assert_near(nll: Any, expected: float, *, what: str) -> None:
    """Compare as closely as float32 allows, the type of the lecture: 6e-8 for one logarithm, added up a few dozen times."""
    assert_close(nll, expected, rtol=2e-6, atol=2e-6, what=what)


def test_knows_nothing(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for alphabet in (*ALPHABETS, "abcdefghijklmnopqrstuvwxyz"):
        stoi = shuffled_stoi(alphabet, draw)
        V = len(stoi)
        uniform = torch.full((V, V), 1 / V, dtype=torch.float64)
        for words in ([*draw_words(alphabet, 12, draw), alphabet[0] * 3], [alphabet[0]], [alphabet[1] * 7, ""]):
            nll = submission.average_nll(words, uniform, stoi)
            predictions = sum(len(w) + 1 for w in words)
            what = f"the loss of {len(words)} words with {predictions} predictions under a uniform P, log {V},"
            assert_near(nll, math.log(V), what=what)


def test_each_pair(submission: Any, rng: Generator, seed: int) -> None:
    draw = random.Random(seed)
    for alphabet in ALPHABETS:
        stoi = shuffled_stoi(alphabet, draw)
        P = draw_probabilities(len(stoi), rng)
        letters = draw.sample(alphabet, 2)
        for word in ("".join(letters), "", letters[0], "".join(draw.choices(alphabet, k=9))):
            scored = ", ".join(a + b for a, b in zip(f".{word}", f"{word}.", strict=True))
            for table in (P, P.float()):
                expected = entropy_across([word], table, stoi)
                what = (
                    f"the loss of [{word!r}], the mean over {scored}, with P in {str(table.dtype)[6:]} and stoi {stoi}"
                )
                assert_near(submission.average_nll([word], table, stoi), expected, what=what)


def test_per_character(submission: Any, rng: Generator, seed: int) -> None:
    draw = random.Random(seed)
    for alphabet in ALPHABETS:
        stoi = shuffled_stoi(alphabet, draw)
        P = draw_probabilities(len(stoi), rng)
        short, long = alphabet[0], "".join(draw.choices(alphabet, k=20))
        # 2,000 letters: the product of their probabilities is 0 in every dtype.
        for words in (
            [short, long],
            [short, long * 100],
            [short, short, short, long],
            [*draw_words(alphabet, 15, draw), long, ""],
        ):
            expected = entropy_across(words, P, stoi)
            lengths = [len(w) for w in words]
            what = f"the loss of words of {lengths} letters, the mean over all {sum(lengths) + len(words)} predictions,"
            assert_near(submission.average_nll(words, P, stoi), expected, what=what)


def test_impossible(submission: Any, rng: Generator, seed: int) -> None:
    draw = random.Random(seed)
    for alphabet in ALPHABETS:
        stoi = shuffled_stoi(alphabet, draw)
        a, b = draw.sample(alphabet, 2)
        for pair, word in ((a + b, f"{b}{a}{b}"), (f".{b}", f"{b}{a}"), (f"{b}.", f"{a}{b}"), ("..", "")):
            P = draw_probabilities(len(stoi), rng)
            i, j = (stoi[ch] for ch in pair)
            others = [a * 2, a, a * 5]  # none of them has one of the four pairs
            for table in (P, P.float()):
                set_chance(table, i, j, 0.0)
                what = f"the loss of {[*others, word]} where P of the pair {pair!r} is 0"
                assert_equal(submission.average_nll([*others, word], table, stoi), math.inf, what=what)
                expected = entropy_across(others, table, stoi)
                what = f"the loss of {others}, where P of the pair {pair!r} is 0 but the pair does not occur,"
                assert_near(submission.average_nll(others, table, stoi), expected, what=what)
                set_chance(table, i, j, 1e-25)
                expected = entropy_across([*others, word], table, stoi)
                what = f"the loss of {[*others, word]} where P of the pair {pair!r} is 1e-25"
                assert_near(submission.average_nll([*others, word], table, stoi), expected, what=what)


def test_perplexity(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for choices in (27, 1, 2, draw.uniform(2, 1000)):
        what = f"the perplexity of a loss of log {choices:.4g}"
        assert_close(submission.perplexity(math.log(choices)), float(choices), what=what)
    # 1e-6: float32 tensors are welcome on the way.
    assert_close(
        submission.perplexity(2.454), math.exp(2.454), rtol=1e-6, atol=0.0, what="the perplexity of a loss of 2.454"
    )
    assert_equal(submission.perplexity(math.inf), math.inf, what="the perplexity of an infinite loss")


def test_arguments(submission: Any, rng: Generator, seed: int) -> None:
    draw = random.Random(seed)
    for alphabet in ALPHABETS:
        stoi, words = shuffled_stoi(alphabet, draw), draw_words(alphabet, 6, draw)
        for P in (draw_probabilities(len(stoi), rng), draw_probabilities(len(stoi), rng).float()):
            after = submission.call("average_nll", words, P, stoi).args
            for name, before, now in zip(("words", "P", "stoi"), (words, P, stoi), after, strict=True):
                assert_equal(now, before, what=f"`{name}` after the call")


def test_lecture_figures(submission: Any, corpus: Corpus, thresholds: dict[str, float]) -> None:
    words = list(corpus.words)
    chars = [".", *sorted(set("".join(words)))]
    stoi = {ch: i for i, ch in enumerate(chars)}
    V = len(chars)
    before, after = pairs(words, stoi)
    N = torch.bincount(before * V + after, minlength=V * V).reshape(V, V).double()
    for fake, name in ((0, "nll_unsmoothed"), (1, "nll_plus_one")):
        P = (N + fake) / (N + fake).sum(1, keepdim=True)
        nll = submission.average_nll(words, P, stoi)
        what = f"the loss of the count table with {fake} fake counts per pair on the {corpus.name} corpus"
        assert_close(nll, thresholds[name], rtol=0.0, atol=FOUR_DECIMALS, what=what)
