"""Checks of the smoothing sweep, the choice on dev and the one look at test.

Most of them use words made from the seed over small alphabets, some of whose letters stand in train or in
dev only. The whole corpus is counted in two checks, on one fixed split, because what is said there is a fact
about those words.
"""

import math
import random
from itertools import pairwise
from types import ModuleType
from typing import Any

from grader.corpus import Corpus, split_words
from grader.testing import LearnerRaised, assert_close, assert_equal, require

#: Few, because a plain Python loop takes a second or two for each; wide enough to show both ends of the U.
CORPUS_STRENGTHS = (0.001, 0.01, 0.05, 0.2, 0.5, 2.0, 10.0, 100.0)
#: Float32, the type of the lecture, will do. Over some 100 characters of made words it is right to this ...
FEW_WORDS = 1e-5
#: ... and over the 182,000 of train, added up one by one, it was measured to drift by 3e-4.
WHOLE_CORPUS = 1e-3

Sweep = list[dict[str, float]]


def random_words(letters: str, how_many: int, draw: random.Random) -> list[str]:
    """Draw words of 0 to 6 letters; letters get rarer along the alphabet, and each of them occurs."""
    weights = range(len(letters), 0, -1)
    words = ["".join(draw.choices(letters, weights, k=draw.randint(0, 6))) for _ in range(how_many)]
    return [*words, letters]


def random_cases(draw: random.Random) -> list[tuple[list[str], list[str], int]]:
    """Draw (train, dev, V) for alphabets of several sizes; train and dev may have letters of their own."""
    cases = []
    for both, train_only, dev_only in (("ab", "c", ""), ("xyz", "", "w"), ("kéß", "mn", "p")):
        train = random_words(both + train_only, draw.randint(20, 30), draw)
        dev = random_words(both + dev_only, draw.randint(5, 9), draw)
        cases.append((train, dev, len(both + train_only + dev_only) + 1))
    return cases


def sweep_over(submission: Any, train: list[str], dev: list[str], strengths: list[float]) -> Sweep:
    """Sweep, and require rows of the right form."""
    sweep: Sweep = submission.smoothing_sweep(train, dev, strengths)
    require_rows(sweep, strengths)
    return sweep


def require_rows(sweep: Sweep, strengths: list[float]) -> None:
    """Require one row per strength, in the order given, with the three keys."""
    for n, row in enumerate(sweep):
        assert_equal(set(row), {"strength", "train", "dev"}, what=f"the set of keys of sweep[{n}]")
    swept = [row["strength"] for row in sweep]
    order = "the sweep should have one row per strength, in the order given"
    require(swept == strengths, order, got=swept, expected=strengths)


def assert_losses(sweep: Sweep, expected: Sweep, keys: tuple[str, ...] = ("train", "dev")) -> None:
    """Compare the losses of two sweeps over a few words, strength by strength."""
    for row, right in zip(sweep, expected, strict=True):
        for key in keys:
            what = f"the {key} loss at strength {right['strength']:g}"
            assert_close(row[key], right[key], rtol=FEW_WORDS, atol=FEW_WORDS, what=what)


def make_row(strength: float, train: float, dev: float) -> dict[str, float]:
    """Make one row of a sweep."""
    return {"strength": strength, "train": train, "dev": dev}


def test_uniform_limit(submission: Any, corpus: Corpus, seed: int) -> None:
    draw = random.Random(seed)
    words = draw.sample(corpus.words, 300)
    cases = [*random_cases(draw), (words[:200], words[200:], len(set("".join(words))) + 1)]
    for train, dev, V in cases:
        (row,) = sweep_over(submission, train, dev, [1e9])
        for key in ("train", "dev"):
            # At most 2,000 true counts against V times 1e9 fake ones change the loss by less than 1e-6.
            what = f"the {key} loss at strength 1e9 with V = {V}"
            assert_close(row[key], math.log(V), rtol=FEW_WORDS, atol=FEW_WORDS, what=what)


def test_train_rises(submission: Any, reference: ModuleType, seed: int) -> None:
    draw = random.Random(seed)
    strengths = [0.001, 0.02, 0.3, 1.0, 7.0, 150.0]
    for train, dev, _ in random_cases(draw):
        expected = reference.smoothing_sweep(list(train), list(dev), strengths)
        call = submission.call("smoothing_sweep", train, dev, strengths)
        require_rows(call.value, strengths)
        for lower, higher in pairwise(call.value):
            require(
                not higher["train"] <= lower["train"],  # nan is left to the comparison below
                f"the train loss does not rise from strength {lower['strength']:g} ({lower['train']:.6g}) "
                f"to strength {higher['strength']:g} ({higher['train']:.6g})",
            )
        assert_losses(call.value, expected, ("train",))
        for n, given in enumerate((train, dev, strengths)):
            name = ("train", "dev", "strengths")[n]
            assert_equal(call.args[n], given, what=f"the list {name} after the call")

        shuffled = draw.sample(strengths, len(strengths))
        sweep = submission.smoothing_sweep(train, dev, tuple(shuffled))
        require_rows(sweep, shuffled)
        assert_losses(sweep, [expected[strengths.index(s)] for s in shuffled], ("train",))
        assert_equal(submission.smoothing_sweep(train, dev, []), [], what="the sweep over no strengths")


def test_choose_dev(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for best in (0.003, 0.4, 20.0):
        strengths = [0.003, 0.05, 0.4, 3.0, 20.0]
        # The train loss rises, as it does; the dev loss is lowest at `best`.
        sweep = [make_row(s, 2.0 + s / 100, 2.2 + abs(math.log(s / best)) / 10) for s in strengths]
        draw.shuffle(sweep)
        call = submission.call("choose_smoothing", [dict(row) for row in sweep])
        assert_equal(call.value, best, what="the strength with the lowest dev loss")
        assert_equal(call.args[0], sweep, what="the sweep after the call")
    # Here train and dev are closest at 5, and 0.2 is as good as 0.15 to three decimals only.
    sweep = [make_row(0.001, 2.1827, 2.2447), make_row(0.15, 2.1895, 2.2221)]
    sweep += [make_row(0.2, 2.1914, 2.2223), make_row(5.0, 2.2920, 2.3031)]
    assert_equal(submission.choose_smoothing(sweep), 0.15, what="the strength with the lowest dev loss")
    assert_equal(submission.choose_smoothing(sweep[:1]), 0.001, what="the only strength")
    tied = [make_row(0.1, 2.1, 2.25), make_row(0.2, 2.2, 2.25)]
    tied += [make_row(0.5, 2.3, 2.25), make_row(0.9, 2.4, 2.26)]
    for n in range(len(tied)):
        chosen = submission.choose_smoothing(tied[n:] + tied[:n])
        assert_equal(chosen, 0.5, what="the largest of 0.1, 0.2 and 0.5, which share the lowest dev loss,")


def test_dev_u_shape(
    submission: Any,
    reference: ModuleType,
    corpus: Corpus,
    thresholds: dict[str, float],
    seed: int,
    carry: dict[str, Any],
) -> None:
    for train, dev, _ in random_cases(random.Random(seed)):
        strengths = [0.05, 0.5, 5.0]
        expected = reference.smoothing_sweep(list(train), list(dev), strengths)
        assert_losses(sweep_over(submission, train, dev, strengths), expected)

    train, dev, _ = map(list, split_words(corpus.words))
    strengths = list(CORPUS_STRENGTHS)
    sweep = sweep_over(submission, train, dev, strengths)
    losses = [row["dev"] for row in sweep]
    best = losses.index(min(losses))
    low, high = thresholds["lowest_best_strength"], thresholds["highest_best_strength"]
    on_corpus = f"on the {corpus.name} corpus"
    require(
        low <= strengths[best] <= high,
        f"the dev loss {on_corpus} is lowest at {strengths[best]:g}, not between {low:g} and {high:g}",
        got=losses,
    )
    require(
        losses == sorted(losses[:best], reverse=True) + sorted(losses[best:]),
        f"the dev loss {on_corpus} does not fall up to strength {strengths[best]:g} and rise from there",
        got=losses,
    )
    best_nll = thresholds["best_dev_nll"]
    assert_close(losses[best], best_nll, rtol=0.0, atol=WHOLE_CORPUS, what=f"the best dev loss {on_corpus}")
    expected = reference.smoothing_sweep(train, dev, strengths)
    assert_close(sweep, expected, rtol=0.0, atol=WHOLE_CORPUS, what=f"the sweep {on_corpus}")
    carry["sweep"] = sweep


def test_test_close_to_dev(
    submission: Any, corpus: Corpus, thresholds: dict[str, float], carry: dict[str, Any]
) -> None:
    train, _, test = map(list, split_words(corpus.words))
    sweep = carry["sweep"]
    chosen = submission.choose_smoothing(sweep)
    require(chosen in CORPUS_STRENGTHS, "the chosen strength is none of the sweep's", got=chosen)
    dev_nll = sweep[CORPUS_STRENGTHS.index(chosen)]["dev"]
    test_nll = submission.final_test_nll(train, test, chosen)
    gap = thresholds["test_gap"]
    require(
        abs(test_nll - dev_nll) < gap,
        f"on the {corpus.name} corpus at strength {chosen:g} the test loss is {test_nll:.4f} and the dev "
        f"loss {dev_nll:.4f}; words that were never counted should cost about the same, within {gap:g}",
    )


def test_zero_strength(submission: Any, reference: ModuleType, seed: int) -> None:
    strengths = [0.0, 0.2, 4.0]
    for train, dev, _ in random_cases(random.Random(seed)):
        x, y = train[-1][0], train[-1][1]
        train = [w.replace(x + x, y) for w in train]
        # A new triple after a context that was seen, and a new context; either makes the loss infinite.
        for word, why in ((x + x, "a new triple"), (y + x + x + x, "also a new context")):
            expected = reference.smoothing_sweep(list(train), [*dev, word], strengths)
            sweep = sweep_over(submission, train, [*dev, word], strengths)
            here = f"at strength 0, {why} in dev ({word!r}),"
            assert_equal(sweep[0]["dev"], math.inf, what=f"the dev loss {here}")
            assert_losses(sweep, expected)
            chosen = submission.choose_smoothing(sweep)
            assert_equal(chosen, reference.choose_smoothing(expected), what=f"the strength chosen {here}")
        # Nothing is new when the train words themselves are scored.
        expected = reference.smoothing_sweep(list(train), list(train), [0.0])
        assert_losses(sweep_over(submission, train, train, [0.0]), expected)
    for bad in (math.inf, math.nan):
        good = [make_row(0.1, 2.1, 2.3), make_row(0.5, 2.2, 2.4)]
        for n in range(3):
            chosen = submission.choose_smoothing([*good[:n], make_row(0.0, 2.0, bad), *good[n:]])
            assert_equal(chosen, 0.1, what=f"the strength chosen where sweep[{n}] has the dev loss {bad}")
        for hopeless in ([make_row(0.0, 2.0, bad), make_row(0.1, 2.1, math.inf)], []):
            try:
                came_back = submission.choose_smoothing(hopeless)
            except LearnerRaised as error:
                came_back = error.kinds
            require(
                type(came_back) is tuple and "ValueError" in came_back,
                f"{len(hopeless)} strengths, none with a finite dev loss, should raise ValueError",
                got=came_back,
            )


def test_test_decides_nothing(submission: Any, reference: ModuleType, seed: int) -> None:
    # The sweep is never given the test words, so it cannot read them. What can go wrong is the other end: the
    # test words pick a strength after all. Bad ones show it, since a search would report less than they cost.
    for train, test, _ in random_cases(random.Random(seed)):
        strengths = [0.1, 2.0]
        sweep = sweep_over(submission, train, test[:4], strengths)
        for s in (0.05, 0.8, 30.0, 1e9, 1e-6, 0.0):
            expected = reference.final_test_nll(list(train), list(test), s)
            call = submission.call("final_test_nll", train, test, s)
            nll, what = call.value, f"the test loss at strength {s:g}"
            too_low = f"{what} is lower than that strength allows"
            require(not nll < expected - 1e-4, too_low, got=nll, expected=expected)
            assert_close(nll, expected, rtol=FEW_WORDS, atol=FEW_WORDS, what=what)
            assert_equal(call.args[0], train, what="the train list after the call")
            assert_equal(call.args[1], test, what="the test list after the call")
        again = submission.smoothing_sweep(train, test[:4], strengths)
        assert_equal(again, sweep, what="the sweep after the test words were scored, the same as before,")
