"""Checks of the split and of the losses on its parts.

Words are made anew from the seed, over alphabets of several sizes. The losses on the corpus are measured on the judge's
own split, so that a split which is not the lecture's (any shuffle will do) changes no figure.
"""

import math
import random
from collections import Counter
from types import ModuleType
from typing import Any

from grader.corpus import Corpus, split_words
from grader.testing import assert_close, assert_equal, require

PARTS = ("train", "dev", "test")
#: Their sums are exact enough that every way to add them up gives the same whole numbers below.
FRACTIONS = ((0.8, 0.1, 0.1), (0.5, 0.25, 0.25), (0.75, 0.25, 0.0), (0.25, 0.0, 0.75), (0.0, 0.5, 0.5), (1.0, 0.0, 0.0))
SIZES = (0, 1, 4, 9, 10, 39, 57)
#: Float32, the type of the lecture, is right to this over some 100 characters.
FLOAT32_ATOL = 1e-5
#: Float32 over the 182,000 characters of train, added up one by one, was measured to drift by 3e-4.
CORPUS_ATOL = 1e-3


def random_words(alphabet: str, how_many: int, draw: random.Random) -> list[str]:
    """Draw words of 0 to 6 letters; letters get rarer along the alphabet, so no table is symmetric."""
    weights = range(len(alphabet), 0, -1)
    return ["".join(draw.choices(alphabet, weights, k=draw.randint(0, 6))) for _ in range(how_many)]


def distinct_words(how_many: int, draw: random.Random) -> list[str]:
    """Draw words of three letters, no two alike, in the order of the alphabet."""
    letters = "abcdefghijklmnop"
    return sorted("".join(letters[n // 16**i % 16] for i in range(3)) for n in draw.sample(range(16**3), how_many))


def take_parts(split: Any) -> tuple[list[str], list[str], list[str]]:
    """Require three lists of words."""
    good = len(split) == 3 and all(type(part) is list for part in split)
    require(good, "split_words returns a tuple of three lists: train, dev, test", got=split)
    return split  # type: ignore[no-any-return]


def test_partition(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for n in SIZES:
        for fractions in FRACTIONS:
            words = random_words("ab", n, draw)  # so short and so few letters that many words repeat
            parts = take_parts(submission.split_words(words, fractions, draw.randrange(2**31)))
            n1, n2 = int(fractions[0] * n), int((fractions[0] + fractions[1]) * n)
            sizes = [len(part) for part in parts]
            require(
                sizes == [n1, n2 - n1, n - n2],
                f"train, dev and test have {sizes} of {n} word{'' if n == 1 else 's'} with fractions {fractions}, where "
                f"train ends at int({fractions[0]} * {n}) = {n1} and dev at int({sum(fractions[:2])} * {n}) = {n2}",
            )
            together = Counter(word for part in parts for word in part)
            what = f"how often each word occurs in the three parts together, of {n} words with repeats,"
            assert_equal(dict(together), dict(Counter(words)), what=what)


def test_by_word(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for n in (10, 60):
        words = distinct_words(n, draw)
        parts = take_parts(submission.split_words(words, (0.5, 0.25, 0.25), draw.randrange(2**31)))
        for name, part in zip(PARTS, parts, strict=True):
            strange = [entry for entry in part if entry not in words]
            require(
                not strange,
                f"{name} holds {strange[:1]}, which is none of the words: whole words are parted, not pieces of them",
            )
        for i, j in ((0, 1), (0, 2), (1, 2)):
            shared = sorted(set(parts[i]) & set(parts[j]))
            require(
                not shared,
                f"{PARTS[i]} and {PARTS[j]} share {shared[:1]}, though no word occurs twice: each word belongs to one part",
            )


def test_seed_decides(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    words = distinct_words(40, draw)
    before = list(words)
    fractions = (0.5, 0.25, 0.25)
    seeds = draw.sample(range(1000), 3)
    splits = []
    for one in seeds:
        call = submission.call("split_words", words, fractions, one)
        assert_equal(call.args[0], before, what="the list of words after the call")
        splits.append(take_parts(call.value))
        assert_equal(
            submission.split_words(words, fractions, one), splits[-1], what=f"the second split with seed {one}"
        )
    for i, j in ((0, 1), (0, 2), (1, 2)):
        # Two shuffles of 40 words agree in the first 20 about once in 10^11 draws, even as sets.
        same = sorted(splits[i][0]) == sorted(splits[j][0])
        require(not same, f"seeds {seeds[i]} and {seeds[j]} give the same train words, of 40 words")
    what = "the split without fractions and seed, against (0.8, 0.1, 0.1) and 42,"
    assert_equal(submission.split_words(words), submission.split_words(words, (0.8, 0.1, 0.1), 42), what=what)


def test_shuffled(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    words, rounds = distinct_words(8, draw), 160
    counts = {name: Counter[str]() for name in PARTS}
    for one in draw.sample(range(2**31), rounds):
        parts = take_parts(submission.split_words(words, (0.5, 0.25, 0.25), one))
        for name, part in zip(PARTS, parts, strict=True):
            counts[name].update(part)
    for name, share in zip(PARTS, (0.5, 0.25, 0.25), strict=True):
        # Six standard deviations: a fair shuffle is outside once in 10^8 draws.
        spread = 6 * math.sqrt(rounds * share * (1 - share))
        for i, word in enumerate(words):
            count = counts[name][word]
            require(
                abs(count - share * rounds) < spread,
                f"word number {i + 1} of 8 came into {name} {count} times in {rounds} splits with other seeds, where "
                f"about {share * rounds:g} are fair: every word should be as likely as any other to land there",
            )


def require_losses(losses: Any, expected: dict[str, float], atol: float, case: str) -> None:
    """Require the three keys, and every loss to be close to the judge's."""
    assert_equal(sorted(losses), sorted(PARTS), what="the sorted keys of what evaluate_ngram returns")
    for name in PARTS:
        assert_close(losses[name], expected[name], rtol=0.0, atol=atol, what=f"the {name} loss {case}")


def test_losses(submission: Any, reference: ModuleType, seed: int) -> None:
    draw = random.Random(seed)
    for alphabet in ("xy", "abcde"):
        # One word holds all letters and none is empty, so the context of every mistake occurs.
        parts = [[alphabet, *random_words(alphabet, n, draw)] for n in (25, 7, 5)]
        for order in (2, 3):
            for smoothing in (0.01, 1, 30.0):
                expected = reference.evaluate_ngram(*parts, order, smoothing)
                call = submission.call("evaluate_ngram", *parts, order, smoothing)
                case = f"with order {order}, smoothing {smoothing:g} and V = {len(alphabet) + 1}"
                require_losses(call.value, expected, FLOAT32_ATOL, case)
                for name, now, before in zip(PARTS, call.args, parts, strict=False):
                    assert_equal(now, before, what=f"the list of {name} words after the call")


def test_train_counts_only(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    train, dev, test = (["cabbed", *random_words("abcde", n, draw)] for n in (40, 8, 8))
    rare = "eedeecee"  # known letters, so V stays; triples that train hardly has
    for order in (2, 3):
        before = submission.evaluate_ngram(train, dev, test, order, 0.1)
        for name, lists in (("test", (train, dev, [*test, rare])), ("dev", (train, [*dev, rare], test))):
            after = submission.evaluate_ngram(*lists, order, 0.1)
            for part in PARTS:
                if part != name:
                    assert_close(
                        after[part],
                        before[part],
                        rtol=0.0,
                        atol=FLOAT32_ATOL,
                        what=f"the {part} loss after the word {rare!r} was added to {name} (order {order}), where "
                        "nothing but train may be counted,",
                    )
            require(
                after[name] != before[name],
                f"the {name} loss stays {before[name]:.4f} when the word {rare!r} is added to {name} (order {order})",
            )
        after = submission.evaluate_ngram([*train, rare], dev, test, order, 0.1)
        for part in PARTS:
            require(
                after[part] != before[part],
                f"the {part} loss stays {before[part]:.4f} when the word {rare!r} is added to train (order {order}): "
                "each part is scored with the counts of train",
            )


def test_unseen_letters(submission: Any, reference: ModuleType, seed: int) -> None:
    draw = random.Random(seed)
    train = ["ab", *random_words("abc", 12, draw)]
    for dev, test in ((["axb", "xx"], ["ab"]), (["ab"], ["q", "bq"]), (["xab"], ["abq"])):
        for order in (2, 3):
            for smoothing in (1.0, 0.05, 0.0):
                expected = reference.evaluate_ngram(train, dev, test, order, smoothing)
                losses = submission.evaluate_ngram(train, dev, test, order, smoothing)
                V = len({"."}.union(*train, *dev, *test))
                case = f"(order {order}, smoothing {smoothing:g}, dev {dev}, test {test}, with train V = {V})"
                require_losses(losses, expected, FLOAT32_ATOL, case)


def split_corpus(corpus: Corpus) -> list[list[str]]:
    """Part the corpus as the judge does."""
    return [list(part) for part in split_words(corpus.words)]


def test_corpus(submission: Any, reference: ModuleType, corpus: Corpus, thresholds: dict[str, float]) -> None:
    parts = split_corpus(corpus)
    bigram, trigram = (submission.evaluate_ngram(*parts, order, 1.0) for order in (2, 3))
    gain = bigram["dev"] - trigram["dev"]
    low, high = thresholds["dev_low"], thresholds["dev_high"]
    require(
        low <= trigram["dev"] <= high,
        f"the dev loss of the trigram on the {corpus.name} corpus is {trigram['dev']:.4f}, not from {low:g} to {high:g}",
    )
    require(
        gain > thresholds["gain"],
        f"on dev the trigram ({trigram['dev']:.4f}) is better than the bigram ({bigram['dev']:.4f}) by {gain:.4f} nats, "
        f"where more than {thresholds['gain']:g} are to be had: is the order used, for counting and for scoring?",
    )
    for order, losses in ((2, bigram), (3, trigram)):
        expected = reference.evaluate_ngram(*parts, order, 1.0)
        require_losses(losses, expected, CORPUS_ATOL, f"with order {order} and smoothing 1 on the {corpus.name} corpus")


def test_train_below_dev(submission: Any, corpus: Corpus) -> None:
    losses = submission.evaluate_ngram(*split_corpus(corpus), 3, 0.01)
    require(
        losses["train"] < losses["dev"],
        f"with order 3 and smoothing 0.01 train has {losses['train']:.4f} and dev {losses['dev']:.4f}: the words that "
        "were counted must do better than new ones",
    )
