"""Checks of the trigram language model, from a single word to the whole corpus.

Words and tables are made anew from the seed. Alphabets are small and of several sizes and the dot lies at any
index, so that neither a 27 nor a 0 written into the code gets through.
"""

import math
import random
from collections import Counter
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from grader.corpus import Corpus
from grader.testing import assert_close, assert_equal, require

ALPHABETS = ("xy", "abc", "kwzéß")  # V = 3, 4 and 6
STRENGTHS = (0.01, 0.5, 3, 40.0)  # below and above 1, and one int
#: What the statement allows; a plain Python loop over the names needs between one and two seconds.
BUILD_BUDGET_S = 5.0
#: The stated losses have four decimals.
FOUR_DECIMALS = 1e-4


def shuffled_stoi(alphabet: str, random_source: random.Random) -> dict[str, int]:
    """Number the dot and the letters in a random order, with the dot never at 0."""
    order = list(alphabet)
    random_source.shuffle(order)
    order.insert(random_source.randint(1, len(order)), ".")
    return {ch: i for i, ch in enumerate(order)}


def lecture_stoi(words: tuple[str, ...] | list[str]) -> dict[str, int]:
    """Number the characters as the lecture does: the dot at 0, then the letters in order."""
    return {ch: i for i, ch in enumerate([".", *sorted(set("".join(words)))])}


def random_words(alphabet: str, how_many: int, random_source: random.Random) -> list[str]:
    """Draw words of 0 to 6 letters; letters get rarer along the alphabet, so no table is symmetric."""
    weights = range(len(alphabet), 0, -1)
    lengths = [random_source.randint(0, 6) for _ in range(how_many)]
    return ["".join(random_source.choices(alphabet, weights, k=n)) for n in lengths]


def counted(words: list[str], stoi: dict[str, int], order: int) -> Tensor:
    """Count the runs of `order` characters with a dictionary, one dot less than that in front."""
    padded = ["." * (order - 1) + w + "." for w in words]
    runs = Counter(p[n : n + order] for p in padded for n in range(len(p) - order + 1))
    table = torch.zeros((len(stoi),) * order, dtype=torch.int64)
    for run, count in runs.items():
        table[tuple(stoi[ch] for ch in run)] = count
    return table


def random_counts(V: int, rng: torch.Generator) -> Tensor:
    """Draw a (V, V, V) table in which about a third of the contexts were never seen, one of them for sure."""
    table = torch.randint(0, 9, (V, V, V), generator=rng)
    table[torch.rand(V, V, generator=rng) < 0.3] = 0
    table[V - 1, 0] = 0
    table[0, V - 1, 1] = 5  # and one context was seen for sure
    return table


def random_probabilities(V: int, rng: torch.Generator) -> Tensor:
    """Draw a (V, V, V) table of distributions over the last axis, all entries above 0."""
    table = torch.rand(V, V, V, generator=rng, dtype=torch.float64) + 0.05
    return table / table.sum(-1, keepdim=True)


def assert_near(actual: Any, expected: Any, *, what: str) -> None:
    """Compare as closely as float32 allows.

    In torch an int64 tensor plus a Python float is float32, so N + s loses digits before .double() sees it.
    That is not what is tested here: a float32 is right to 6e-8, and after a few operations still to 1e-6.
    """
    assert_close(actual, expected, rtol=1e-6, atol=1e-7, what=what)


def require_counts(N: Tensor, V: int) -> None:
    """Require the shape and dtype of a table of counts."""
    wrong_shape = f"the counts have shape {tuple(N.shape)} instead of {(V, V, V)}; V is len(stoi)"
    require(N.shape == (V, V, V), wrong_shape)
    require(N.dtype == torch.int64, "counts are whole numbers: int64", got=N.dtype, expected=torch.int64)


def require_probabilities(P: Tensor, V: int) -> None:
    """Require the shape and dtype of a table of probabilities."""
    require(P.shape == (V, V, V), f"P has shape {tuple(P.shape)} instead of {(V, V, V)}, the shape of N")
    require(P.dtype == torch.float64, "P should be float64", got=P.dtype, expected=torch.float64)


def test_counts_total(submission: Any, corpus: Corpus, seed: int) -> None:
    draw = random.Random(seed)
    for alphabet in ALPHABETS:
        stoi = shuffled_stoi(alphabet, draw)
        V = len(stoi)
        for letters in (4, 1, 2, 0):
            word = "".join(draw.choices(alphabet, k=letters))
            N = submission.trigram_counts([word], stoi)
            require_counts(N, V)
            total = int(N.sum())
            require(
                total == letters + 1,
                f"the counts of [{word!r}] sum to {total} instead of {letters + 1}: "
                f"its letters ({letters}) and its end are predicted",
            )
        nothing = torch.zeros(V, V, V, dtype=torch.int64)
        assert_equal(submission.trigram_counts([], stoi), nothing, what="the counts of an empty list")
        words = random_words(alphabet, 20, draw)
        twice = submission.call("trigram_counts", words + words, stoi)
        require_counts(twice.value, V)
        predicted = 2 * sum(len(w) + 1 for w in words)
        assert_equal(int(twice.value.sum()), predicted, what="the total of 20 words, each given twice,")
        assert_equal(twice.args[0], words + words, what="the list of words after the call")
        assert_equal(twice.args[1], stoi, what="stoi after the call")

    sample, stoi = draw.sample(corpus.words, 300), lecture_stoi(corpus.words)
    N = submission.trigram_counts(sample, stoi)
    require_counts(N, len(stoi))
    bigrams = int(counted(sample, stoi, 2).sum())
    assert_equal(int(N.sum()), bigrams, what="the number of predictions, against the bigram's,")


def test_counts_marginal(submission: Any, corpus: Corpus, seed: int) -> None:
    draw = random.Random(seed)
    # The letter q occurs in no word, but has its index.
    cases = [(random_words(a, 30, draw), shuffled_stoi(a + "q", draw)) for a in ALPHABETS]
    cases.append((draw.sample(corpus.words, 300), lecture_stoi(corpus.words)))
    for words, stoi in cases:
        N = submission.trigram_counts(words, stoi)
        require_counts(N, len(stoi))
        where = f"for words like {max(words, key=len)!r}"
        assert_equal(N.sum(0), counted(words, stoi, 2), what=f"N.sum(0), the bigram counts, {where}")
        assert_equal(N, counted(words, stoi, 3), what=f"N[i, j, k] {where}")


def test_rows_sum_to_one(submission: Any, rng: torch.Generator) -> None:
    for V in (2, 3, 5):
        N = random_counts(V, rng)
        before, unseen = N.clone(), N.sum(-1) == 0
        ones = torch.ones(V, V, dtype=torch.float64)
        uniform = torch.full((int(unseen.sum()), V), 1 / V, dtype=torch.float64)
        for s in STRENGTHS:
            call = submission.call("trigram_probabilities", N, s)
            P = call.value
            require_probabilities(P, V)
            case = f"with smoothing {s:g} and V = {V}"
            assert_near(P.sum(-1), ones, what=f"P.sum(-1), the sum of each row, {case},")
            assert_near(P[unseen], uniform, what=f"P of the contexts never seen, {case},")
            assert_equal(call.args[0], before, what="N after the call")
        assert_close(
            submission.trigram_probabilities(N),
            submission.trigram_probabilities(N, 1.0),
            what="P without a given smoothing, against smoothing 1,",
        )


def test_smoothing_both(submission: Any, reference: ModuleType, rng: torch.Generator, seed: int) -> None:
    draw = random.Random(seed)
    stoi = shuffled_stoi("abc", draw)
    N = counted(["abc", "ab", "cab", "bb", ""], stoi, 3)  # after a, b: one c and two ends
    a, b, c, end = (stoi[ch] for ch in "abc.")
    for s in (0.5, 2, 10.0):
        P = submission.trigram_probabilities(N, s)
        require_probabilities(P, 4)
        for name, k, count in (("c", c, 1), (".", end, 2), ("a", a, 0)):
            assert_near(
                float(P[a, b, k]),
                (count + s) / (3 + s * 4),
                what=f"P of {name!r} after 'ab', seen {count} of 3 times, with smoothing {s:g} and V = 4,",
            )
    for V in (2, 5, 6):
        N = random_counts(V, rng)
        for s in STRENGTHS:
            expected = reference.trigram_probabilities(N.clone(), s)
            P = submission.trigram_probabilities(N, s)
            assert_near(P, expected, what=f"P with smoothing {s:g} and V = {V}")


def test_nll_per_character(submission: Any, reference: ModuleType, rng: torch.Generator, seed: int) -> None:
    draw = random.Random(seed)
    for alphabet in ALPHABETS:
        stoi = shuffled_stoi(alphabet, draw)
        V = len(stoi)
        words = [*random_words(alphabet, 12, draw), alphabet[0], alphabet[0] * 9]  # lengths differ for sure
        uniform = torch.full((V, V, V), 1 / V, dtype=torch.float64)
        nll = submission.trigram_nll(words, uniform, stoi)
        assert_near(nll, math.log(V), what=f"the loss under a uniform P with V = {V}")
        P = random_probabilities(V, rng)
        for word in (words[0], "", words[-1]):
            expected = reference.trigram_nll([word], P, stoi)
            nll = submission.trigram_nll([word], P, stoi)
            assert_near(nll, expected, what=f"the loss of the one word {word!r}")
        expected = reference.trigram_nll(words, P, stoi)
        call = submission.call("trigram_nll", words, P, stoi)
        assert_near(call.value, expected, what=f"the loss of {len(words)} words of 0 to 9 letters")
        assert_equal(call.args[0], words, what="the list of words after the call")
        assert_equal(call.args[1], P, what="P after the call")
        assert_equal(call.args[2], stoi, what="stoi after the call")
        expected = reference.trigram_nll(words[-2:], P, stoi)
        nll = submission.trigram_nll(words[-2:], P.float(), stoi)
        assert_near(nll, expected, what="the loss under the same P in float32")


def test_zero_smoothing(submission: Any, reference: ModuleType, seed: int) -> None:
    draw = random.Random(seed)
    for alphabet in ALPHABETS:
        stoi = shuffled_stoi(alphabet, draw)
        x, y = alphabet[0], alphabet[1]
        words = [w.replace(y * 2, x) for w in random_words(alphabet, 25, draw)]
        # xy is a context but xyy does not occur, and .y is no context at all.
        words = [w.removeprefix(y) for w in words] + [x + y]
        N = counted(words, stoi, 3)
        for zero in (0.0, 0):
            expected = reference.trigram_probabilities(N.clone(), zero)
            P = submission.trigram_probabilities(N, zero)
            assert_near(P, expected, what=f"P with smoothing {zero}, zeros in contexts never seen,")
        nll = submission.trigram_nll(words, P, stoi)
        expected = reference.trigram_nll(words, expected, stoi)
        assert_near(nll, expected, what="the unsmoothed loss of the seen words")
        for word, why in ((x + y + y, "a new triple"), (y + x, "a new context")):
            nll = submission.trigram_nll([*words, word], P, stoi)
            assert_equal(nll, math.inf, what=f"the unsmoothed loss with one word too many, {word!r}, {why},")
            nll = submission.trigram_nll([word], submission.trigram_probabilities(N, 0.1), stoi)
            require(math.isfinite(nll), f"with smoothing 0.1 the loss of {word!r} is finite", got=nll)


def test_builds_in_time(submission: Any, corpus: Corpus, thresholds: dict[str, float]) -> None:
    words, stoi = list(corpus.words), lecture_stoi(corpus.words)
    counting = submission.call("trigram_counts", words, stoi)
    require_counts(counting.value, len(stoi))
    normalising = submission.call("trigram_probabilities", counting.value, 1.0)
    total = int(counting.value.sum())
    on_corpus = f"on the {corpus.name} corpus"
    assert_equal(total, int(thresholds["predictions"]), what=f"the number of predictions {on_corpus}")
    # charged_s leaves out the waiting for a busy machine, which is not the learner's.
    took_s = counting.charged_s + normalising.charged_s
    require(
        took_s < BUILD_BUDGET_S,
        f"counting {len(words)} words and normalising took {took_s:.1f} s of computing, "
        f"not under {BUILD_BUDGET_S:g} s: go through the words once",
    )
    assert_equal(counting.value, counted(words, stoi, 3), what=f"the counts {on_corpus}")


def test_train_nll(submission: Any, corpus: Corpus, thresholds: dict[str, float]) -> None:
    words, stoi = list(corpus.words), lecture_stoi(corpus.words)
    N = counted(words, stoi, 3)  # test_builds_in_time holds the learner's counts against these
    bigram = thresholds["nll_bigram"]
    for s, name in ((0.0, "nll_unsmoothed"), (1.0, "nll_plus_one")):
        nll = submission.trigram_nll(words, submission.trigram_probabilities(N, s), stoi)
        with_s = f"with smoothing {s:g} on the {corpus.name} corpus"
        require(
            not nll >= bigram,  # nan is left to the comparison below
            f"the loss {with_s} is {nll:.4f}, not below the bigram's {bigram:.4f}: "
            "two characters of context cannot do worse on the words they were counted on",
        )
        assert_close(nll, thresholds[name], rtol=0.0, atol=FOUR_DECIMALS, what=f"the loss {with_s}")
