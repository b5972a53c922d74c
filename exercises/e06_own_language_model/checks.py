"""Checks of a model that may be of any kind: it is asked for distributions, and the judge does the rest.

Every answer is required to be a distribution before it is used, and every loss is computed here, over the words of the
judge's own dev split, which the model has never been given.
"""

import math
import random
from collections import Counter
from typing import Any

import torch
from torch import Tensor

from grader.corpus import Corpus, split_words
from grader.testing import (
    CheckFailure,
    Losses,
    ask_contexts,
    assert_above_floor,
    assert_close,
    assert_equal,
    measure_losses,
    require,
    spell,
)

CHARACTERS = ".abcdefghijklmnopqrstuvwxyz"
V = len(CHARACTERS)
STOI = {ch: i for i, ch in enumerate(CHARACTERS)}
LETTERS = CHARACTERS[1:]
#: A sum of 27 float32 numbers is right to 1e-6.
SUM_ATOL = 1e-5
#: The same computation in the same process: nothing but a product in another order may differ, in float32.
SAME_ATOL = 1e-6
#: What the statement allows for learning from the train words and 20,000 questions.
BUDGET_S, QUESTIONS = 60.0, 20_000
TIMED_QUESTIONS = 300
#: So many characters are sampled at least: with them, mixing up contexts shows by ten standard deviations.
SAMPLED = 700
#: An honest sampler is further off than this once in 10^8 grades.
SIX_DEVIATIONS = 6.0


def fit(submission: Any, words: list[str]) -> Any:
    """Make a model and let it learn."""
    call = submission.call(submission.CharLM().fit, words)
    require(call.value is not None, "fit should return the model itself, so that CharLM().fit(words) is one")
    assert_equal(call.args[0], words, what="the list of words after fit")
    return call.value


def ask(probs: Any, context: str) -> Tensor:
    """Ask for the distribution after a context (27,) and require it to be one; in float64."""
    p: Any = probs(context)
    shown = context if len(context) <= 12 else f"{context[:5]}…{context[-5:]}"
    what = f"probs({shown!r})"
    good = isinstance(p, Tensor) and p.shape == (V,) and p.dtype in (torch.float32, torch.float64)
    require(good, f"{what} should be a tensor (27,) in float32 or float64", got=p)
    require(bool(torch.isfinite(p).all()), f"{what} has entries that are not finite", got=p)
    lowest = int(p.argmin())
    require(p[lowest].item() >= 0, f"{what} gives {CHARACTERS[lowest]!r} a negative probability, {p[lowest]:.4g}")
    total = p.double().sum().item()
    require(abs(total - 1) <= SUM_ATOL, f"{what} sums to {total:.6g} instead of 1")
    return p.detach().double()


def draw_words(corpus: Corpus, how_many: int, draw: random.Random) -> list[str]:
    """Draw train words of the corpus."""
    return draw.sample(split_words(corpus.words)[0], how_many)


def draw_contexts(words: list[str], draw: random.Random) -> list[str]:
    """Take all beginnings of some words, the same with another first letter, and a few made up, in random order."""
    seen = {word[:i] for word in draw.sample(words, min(len(words), 8)) for i in range(len(word) + 1)}
    varied = {draw.choice(LETTERS) + context[1:] for context in seen if context}
    made_up = {"".join(draw.choices(LETTERS, k=k)) for k in (1, 2, 3, 7, 30)}
    contexts = sorted(seen | varied | made_up)
    draw.shuffle(contexts)
    return contexts


def test_distributions(submission: Any, corpus: Corpus, seed: int) -> None:
    draw = random.Random(seed)
    few, words = draw.sample(LETTERS, 2), draw_words(corpus, 300, draw)
    for train in (["".join(few)], words):
        probs = fit(submission, train).probs
        never = "".join(draw.choices(LETTERS, k=8))
        for context in ("", *train[0], train[0], "q", "zxq", never, never * 25, *draw_contexts(train, draw)[:40]):
            ask(probs, context)


def measure(probs: Any, words: list[str], rng: torch.Generator, *, again: bool = True) -> Losses:
    """Measure the loss of every character of some words and of their ends."""
    asks = {"probs": ask_contexts(lambda context: ask(probs, context), CHARACTERS)}
    return measure_losses(asks, spell(words, STOI), rng, again=again)["probs"]


def test_new_words(submission: Any, corpus: Corpus, rng: torch.Generator, seed: int) -> None:
    draw = random.Random(seed)
    probs = fit(submission, draw_words(corpus, 500, draw)).probs
    dev = draw.sample(split_words(corpus.words)[1], 40)
    losses = measure(probs, dev, rng, again=False)  # whether asking changes anything is another check
    for n, place in zip(*(index[losses.nats.isinf()].tolist() for index in losses[1:]), strict=True):
        raise CheckFailure(
            f"a model of 500 words gives {(dev[n] + '.')[place]!r} after {dev[n][:place]!r} probability 0, and a new word goes "
            "on just so: leave every character a chance after every context"
        )
    mean = losses.mean
    # Most models are at 2.4 to 2.8 here.
    require(
        mean < math.log(V),
        f"a model of 500 words has a loss of {mean:.3f} on 40 new words, worse than an even guess (log {V} = "
        f"{math.log(V):.3f}): it is sure of the wrong characters",
    )


def test_sample_follows_probs(submission: Any, corpus: Corpus, rng: torch.Generator, seed: int) -> None:
    model = fit(submission, draw_words(corpus, 200, random.Random(seed)))
    sample, probs = model.sample, model.probs
    generator: Any = torch.Generator().manual_seed(int(torch.randint(0, 2**40, (1,), generator=rng)))
    known: dict[str, Tensor] = {}
    surprise, variance, predictions = 0.0, 0.0, 0
    while predictions < SAMPLED:
        call = submission.call(sample, generator)
        word, generator = call.value, call.args[0]  # the generator stays over there and moves on
        require(type(word) is str and set(word) <= set(LETTERS), "sample should return the letters of a word", got=word)
        require(len(word) < 1000, f"a sampled word has {len(word)} letters", got=word)
        for i, ch in enumerate(word + "."):
            context = word[:i]
            if context not in known:
                known[context] = ask(probs, context)
            p = known[context]
            chance = p[CHARACTERS.index(ch)].item()
            after = f"after {context!r}" if context else "as the first character"
            require(chance > 0, f"sample drew {ch!r} {after}, to which probs gives no chance (word {word!r})")
            entropy = torch.special.entr(p).sum().item()
            surprise += -math.log(chance) - entropy
            variance += (torch.special.entr(p) * -p.clamp(min=1e-300).log()).sum().item() - entropy**2
            predictions += 1
    # The mean surprise of what is drawn from p is the entropy of p: the sum of the differences is 0 but for chance.
    allowed = SIX_DEVIATIONS * math.sqrt(max(variance, 0.0)) + SUM_ATOL * predictions
    require(
        abs(surprise) <= allowed,
        f"the {predictions} characters of sampled words are {'less' if surprise > 0 else 'more'} likely under probs than draws "
        f"from probs would be, by {abs(surprise) / predictions:.3f} nats each (chance explains up to "
        f"{allowed / predictions:.3f}): draw each one from probs of all that is written so far",
    )


def test_sample_by_generator(submission: Any, corpus: Corpus, rng: torch.Generator, seed: int) -> None:
    sample = fit(submission, draw_words(corpus, 200, random.Random(seed))).sample
    seeds = torch.randint(0, 2**40, (2,), generator=rng).tolist()
    runs = []
    for one in (seeds[0], seeds[0], seeds[1]):
        generator: Any = torch.Generator().manual_seed(one)
        words = []
        for _ in range(12):
            call = submission.call(sample, generator)
            generator = call.args[0]
            words.append(call.value)
        runs.append(words)
    require(
        runs[0] == runs[1],
        f"two generators with seed {seeds[0]} give other words: draw with the given generator alone",
        got=runs[1],
        expected=runs[0],
    )
    require(len(set(runs[0])) > 1, "twelve samples in a row from one generator are all alike", got=runs[0])
    require(runs[0] != runs[2], f"generators with seeds {seeds[0]} and {seeds[1]} give the same words", got=runs[0])


def require_same(now: dict[str, Tensor], before: dict[str, Tensor], why: str) -> None:
    """Require the same distribution after every context."""
    for context, p in before.items():
        assert_close(now[context], p, rtol=0.0, atol=SAME_ATOL, what=f"probs({context!r}) {why}")


def test_reproducible(submission: Any, corpus: Corpus, seed: int) -> None:
    draw = random.Random(seed)
    words = draw_words(corpus, 200, draw)
    contexts = draw_contexts(words, draw)
    first, second = (fit(submission, list(words)).probs for _ in range(2))
    expected = {context: ask(first, context) for context in contexts}
    now = {context: ask(second, context) for context in contexts}
    require_same(now, expected, "of a second model, fitted to the same words as the first,")


def test_fresh_fit(submission: Any, corpus: Corpus, seed: int) -> None:
    draw = random.Random(seed)
    words = draw_words(corpus, 300, draw)
    one, other = words[:200], words[200:]
    contexts = draw_contexts(words, draw)
    model = fit(submission, one)
    before = {context: ask(model.probs, context) for context in contexts}
    new = fit(submission, other)
    expected = {context: ask(new.probs, context) for context in contexts}
    now = {context: ask(model.probs, context) for context in contexts}
    require_same(now, before, "of a model after another one was fitted to other words, against before,")
    again = model.fit(other)
    now = {context: ask(again.probs, context) for context in contexts}
    require_same(now, expected, "of a model fitted a second time, to other words, against a new model's,")


def test_asking_changes_nothing(submission: Any, corpus: Corpus, seed: int) -> None:
    draw = random.Random(seed)
    words = draw_words(corpus, 300, draw)
    contexts = draw_contexts(words, draw)
    one, other = (fit(submission, list(words)).probs for _ in range(2))
    first = {context: ask(one, context) for context in contexts}
    again = {context: ask(one, context) for context in contexts[::-1]}
    require_same(again, first, "when it is asked a second time, after other contexts,")
    turned = {context: ask(other, context) for context in contexts[::-1]}
    require_same(turned, first, "when the same contexts are asked in another order,")


def test_in_time(submission: Any, corpus: Corpus, seed: int, carry: dict[str, Any]) -> None:
    draw = random.Random(seed)
    train, dev, test = split_words(corpus.words)
    model = submission.CharLM()
    call = submission.call(model.fit, list(train))
    fit_s = call.charged_s
    require(call.value is not None, "fit should return the model itself, so that CharLM().fit(words) is one")
    require(fit_s < BUDGET_S, f"fit took {fit_s:.1f} s for {len(train)} words, and {BUDGET_S:g} s are for all")
    probs, asked_s = call.value.probs, 0.0
    for n in range(1, TIMED_QUESTIONS + 1):
        word = draw.choice(test)  # the dev words are unknown over there until they are measured
        asked_s += submission.call(probs, word[: draw.randint(0, len(word))]).charged_s
        took_s = fit_s + QUESTIONS * asked_s / n
        # The clock ticks every hundredth of a second: what a tenth of a second and more says can be believed.
        require(
            asked_s < 0.1 or took_s < BUDGET_S or n < 10,
            f"fit took {fit_s:.1f} s and {n} calls of probs {asked_s:.2f} s, so {QUESTIONS} calls would take "
            f"{QUESTIONS * asked_s / n:.0f} s: do the work that all calls share once, in fit",
        )
    carry.update(probs=probs, train=train, dev=dev)


def count_losses(carry: dict[str, Any], order: int, smoothing: float) -> Tensor:
    """Compute the losses (N,) of counted n-grams, as in the lecture, on the same characters."""

    def runs(words: tuple[str, ...]) -> list[str]:
        padded = ["." * (order - 1) + word + "." for word in words]
        return [text[i : i + order] for text in padded for i in range(len(text) - order + 1)]

    seen = Counter(runs(carry["train"]))
    totals: Counter[str] = Counter()
    for run, n in seen.items():
        totals[run[:-1]] += n
    chances = [(seen[run] + smoothing) / (totals[run[:-1]] + smoothing * V) for run in runs(carry["dev"])]
    return -torch.tensor(chances, dtype=torch.float64).log()


def draw_losses(carry: dict[str, Any], pictures: Any) -> None:
    """Picture the mean loss by the place in the word: the learner's model, the bigram and the trigram."""
    places = carry["losses"].places
    models = {
        "yours": carry["losses"].nats,
        "bigram": count_losses(carry, 2, 1.0),
        "trigram": count_losses(carry, 3, 0.15),
    }
    series = {
        f"{name}, {losses.mean():.4f} on average": [losses[places == place].mean().item() for place in range(11)]
        for name, losses in models.items()
    }
    pictures.lines("losses", "Dev loss by the place in the word", series, x_label="letters before", y_label="nats")


def test_beats_bigram(
    submission: Any,
    corpus: Corpus,
    thresholds: dict[str, float],
    rng: torch.Generator,
    carry: dict[str, Any],
    pictures: Any,
) -> None:
    carry["losses"] = losses = measure(carry["probs"], carry["dev"], rng)
    draw_losses(carry, pictures)
    impossible = int(torch.isinf(losses.nats).sum())
    require(
        impossible == 0,
        f"{impossible} of {len(losses.nats)} characters of the dev words have probability 0, so the loss is infinite: "
        "leave every character a chance after every context",
    )
    assert_above_floor(losses, corpus, what=f"the dev loss on the {corpus.name} corpus")
    require_below(losses, thresholds["bigram"], f"the smoothed bigram's on the {corpus.name} corpus")


def require_below(losses: Losses, most: float, whose: str) -> None:
    """Require the mean loss to be below a threshold."""
    require(losses.mean < most, f"the dev loss is {losses.mean:.4f}, not below {most:g}, {whose}")


def test_beats_trigram(submission: Any, corpus: Corpus, thresholds: dict[str, float], carry: dict[str, Any]) -> None:
    require_below(carry["losses"], thresholds["trigram"], f"the best trigram's on the {corpus.name} corpus")
