"""Checks of sampling with a temperature.

The models are the judge's: scripts that are sure of the next character, which say what was written, and small
distributions that the names are counted against.
"""

import math
import random
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch import Generator, Tensor

from grader.testing import CheckFailure, assert_close, assert_equal, describe, require

SURE = 60.0  # a logit so far above the others that exp(-60) is the chance of drawing another


def number_characters(alphabet: str, draw: random.Random) -> dict[int, str]:
    """Number the dot and the letters in a random order, with the dot never at 0."""
    order = draw.sample(alphabet, len(alphabet))
    order.insert(draw.randint(1, len(order)), ".")
    return dict(enumerate(order))


class Script:
    """A model that is sure of a text, one character per call, whatever the context; it notes the contexts it sees.

    After its text it goes on with names of one letter, so that whoever asks for more comes to an end too. It never
    raises: what is wrong with the contexts is for the check to say afterwards.
    """

    def __init__(self, text: str, itos: dict[int, str], block_size: int) -> None:
        self.text, self.itos, self.block_size = text, itos, block_size
        self.stoi = {ch: i for i, ch in itos.items()}
        self.more = next(ch for ch in itos.values() if ch != ".") + "."
        self.contexts: list[str] = []

    def answer(self, X: Tensor) -> Tensor:
        """Give the logits (1, V) of the next character of the text."""
        asked = len(self.contexts)
        good = isinstance(X, Tensor) and X.dtype == torch.int64 and X.dim() == 2 and len(X) == 1
        self.contexts.append("".join(self.itos.get(i, "?") for i in X[0].tolist()) if good else describe(X))
        following = self.text[asked] if asked < len(self.text) else self.more[(asked - len(self.text)) % 2]
        logits = torch.zeros(1, len(self.itos))
        logits[0, self.stoi[following]] = SURE
        return logits


def play(script: Script) -> Callable[[Tensor], Tensor]:
    """Make a plain function of a script: that is what travels to the submission."""

    def logits_fn(X: Tensor) -> Tensor:
        return script.answer(X)

    return logits_fn


def make_generator(seed: int) -> Generator:
    return torch.Generator().manual_seed(seed)


def entropy(p: Tensor) -> float:
    """Nats of a distribution (V,); 0 log 0 counts as 0."""
    return float(torch.special.entr(p.double()).sum())


def test_probabilities(submission: Any, rng: Generator) -> None:
    # float64 to 1e-10; float32 to 1e-5, because logits of some tens are rounded before their exponential is taken.
    for dtype, tolerance in ((torch.float64, 1e-10), (torch.float32, 1e-5)):
        for shape in ((2, 5), (7,), (3, 4, 6), (1, 27)):
            logits = 3 * torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype)
            for temperature in (1.0, 0.5, 2.0, 1, 10.0):
                expected = torch.softmax(logits.double() / temperature, dim=-1)
                call = submission.call("temperature_probs", logits, temperature)
                what = f"the probabilities at temperature {temperature:g} for logits of shape {shape}"
                assert_close(call.value, expected, dtype=dtype, rtol=tolerance, atol=tolerance, what=what)
                assert_equal(call.args[0], logits, what="the logits after the call")
        logits = torch.tensor([[1000.0, 999.0, -1000.0], [-3000.0, -2999.0, -3001.0]], dtype=dtype)
        for temperature in (1.0, 0.01, 100.0):
            expected = torch.softmax(logits.double() / temperature, dim=-1)
            what = f"the probabilities at temperature {temperature:g} for logits in the thousands"
            # In float32 a logit of 3000 / 0.01 is right to 0.02, its difference of 100 to the next one far enough.
            got = submission.temperature_probs(logits, temperature)
            assert_close(got, expected, dtype=dtype, rtol=1e-4, atol=1e-4, what=what)


def test_zero_temperature(submission: Any, rng: Generator) -> None:
    for dtype in (torch.float32, torch.float64):
        for shape in ((5,), (3, 6), (2, 3, 4)):
            logits = torch.randn(shape, generator=rng, dtype=dtype)
            for zero in (0.0, 0):
                expected = (logits == logits.amax(-1, keepdim=True)).to(dtype)
                call = submission.call("temperature_probs", logits, zero)
                what = f"the probabilities at temperature {zero} for logits of shape {shape}"
                assert_equal(call.value, expected, what=what)
                assert_equal(call.args[0], logits, what="the logits after the call")
        logits = torch.tensor([[0.0, 2.0, 2.0, 1.0], [-1.0, -1.0, -1.0, -1.0]], dtype=dtype)
        expected = torch.tensor([[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]], dtype=dtype)
        got = submission.temperature_probs(logits, 0.0)
        assert_equal(got, expected, what=f"the probabilities at temperature 0 for the logits {logits.tolist()}")


def test_entropy(submission: Any, rng: Generator, pictures: Any) -> None:
    temperatures = [0.0, 0.1, 0.3, 0.5, 1.0, 2.0, 5.0, 1e4]
    for V in (12, 3):
        logits = 2 * torch.randn(V, generator=rng, dtype=torch.float64)
        rows = [submission.temperature_probs(logits, temperature) for temperature in temperatures]
        for temperature, row in zip(temperatures, rows, strict=True):
            require(row.shape == (V,), f"the probabilities of {V} logits should have the shape ({V},)", got=row)
            what = f"the sum of the probabilities at temperature {temperature:g}"
            assert_close(float(row.sum()), 1.0, what=what)
        if V == 12:
            labels = [f"{temperature:g}" for temperature in temperatures]
            title = "The probabilities of twelve characters, the warmer the more even"
            pictures.heat_map("temperatures", title, rows, rows=labels, x_label="character", y_label="temperature")
        nats = [entropy(row) for row in rows]
        for i, (cold, warm) in enumerate(pairwise(nats)):
            require(
                warm > cold - 1e-12,
                f"the entropy falls from {cold:.4f} to {warm:.4f} nats when the temperature rises from "
                f"{temperatures[i]:g} to {temperatures[i + 1]:g}",
            )
        assert_close(nats[0], 0.0, rtol=0.0, atol=1e-12, what="the entropy at temperature 0")
        # The logits are divided by 10,000: what is left of them moves the entropy by 1e-7.
        assert_close(
            nats[-1], math.log(V), rtol=0.0, atol=1e-5, what=f"the entropy of {V} characters at temperature 10,000"
        )


def test_spelled(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for alphabet, block_size in (("abcd", 3), ("kwzéß", 1), ("xy", 8)):
        itos = number_characters(alphabet, draw)
        names = ["".join(draw.choices(alphabet, k=k)) for k in (4, 1, 0, 6, 3)]
        script = Script("".join(f"{name}." for name in names), itos, block_size)
        call = submission.call("sample_names", play(script), itos, block_size, len(names), make_generator(seed))
        assert_equal(call.value, names, what=f"the names of a model that writes {script.text!r}")
        asked = len(script.contexts)
        require(asked == len(script.text), f"logits_fn is to be asked {len(script.text)} times", got=asked)
        assert_equal(call.args[1], itos, what="itos after the call")
    # The lecture's numbering, and no names at all.
    itos = dict(enumerate(".abcdefghijklmnopqrstuvwxyz"))
    got = submission.sample_names(play(Script("emma.", itos, 3)), itos, 3, 1, make_generator(seed))
    assert_equal(got, ["emma"], what="the names of a model that writes 'emma.'")
    assert_equal(
        submission.sample_names(play(Script("", itos, 3)), itos, 3, 0, make_generator(seed)), [], what="no names"
    )


def test_contexts(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for alphabet, block_size in (("abcd", 3), ("kwzéß", 1), ("abcdef", 5)):
        itos = number_characters(alphabet, draw)
        names = ["".join(draw.sample(alphabet, k=k)) for k in (4, 2, 3)]
        script = Script("".join(f"{name}." for name in names), itos, block_size)
        submission.sample_names(play(script), itos, block_size, len(names), make_generator(seed))
        padded = ["." * block_size + name for name in names]
        expected = [text[i : i + block_size] for text in padded for i in range(len(text) - block_size + 1)]
        for i, (seen, right) in enumerate(zip(script.contexts, expected, strict=False)):
            if seen != right:
                what = "is wrong" if len(seen) == block_size else f"should hold {block_size} characters"
                raise CheckFailure(
                    f"context {i} {what}; the model writes {script.text!r} and has written {script.text[:i]!r}",
                    got=seen,
                    expected=right,
                )
        assert_equal(script.contexts, expected, what=f"the contexts for {script.text!r}")


def one_letter_model(itos: dict[int, str], logits: dict[str, float]) -> Callable[[Tensor], Tensor]:
    """Make a model whose names have one letter, drawn by the given logits, and no other at any temperature."""
    stoi = {ch: i for i, ch in itos.items()}

    def logits_fn(X: Tensor) -> Tensor:
        answer = torch.full((1, len(itos)), -1e6)
        if X[0, -1].item() == stoi["."]:
            for ch, logit in logits.items():
                answer[0, stoi[ch]] = logit
        else:
            answer[0, stoi["."]] = SURE
        return answer

    return logits_fn


def test_draws(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    itos = number_characters("abcd", draw)
    wanted = {"a": 0.6, "b": 0.25, "c": 0.15}
    model = one_letter_model(itos, {ch: math.log(p) for ch, p in wanted.items()})
    n = 300
    # With max_len 1 the ends need not be asked for, which would double the calls.
    names = submission.sample_names(model, itos, 2, n, make_generator(seed), max_len=1)
    again = submission.sample_names(model, itos, 2, 60, make_generator(seed), max_len=1)
    assert_equal(again, names[:60], what="the first 60 names, drawn again with an equal generator,")
    plain = submission.sample_names(model, itos, 2, 60, make_generator(seed), 1.0, 1)
    assert_equal(plain, names[:60], what="60 names at temperature 1, against those without a given temperature,")
    counts = Counter(names)
    for ch, p in wanted.items():
        # Five standard deviations of a binomial count: missed by a right answer in a few of a million grades.
        slack = 5 * math.sqrt(n * p * (1 - p))
        require(
            abs(counts[ch] - n * p) < slack,
            f"{ch!r} was drawn {counts[ch]} times in {n} names, where its probability of {p:g} makes about {n * p:g}",
        )
    other = submission.sample_names(model, itos, 2, 60, make_generator(seed + 1), max_len=1)
    require(other != names[:60], "generators of different seeds lead to the same 60 names")
    # Logits 2 apart: at temperature 1 the second letter is drawn in one name of eight, at 100 in every second one, and
    # at a quarter in one of 3,000.
    model = one_letter_model(itos, {"c": 2.0, "d": 0.0})
    for temperature, least, most in ((100.0, 24, 76), (0.25, 0, 4), (0.0, 0, 0)):
        names = submission.sample_names(model, itos, 2, 100, make_generator(seed), temperature, 1)
        count = names.count("d")
        require(
            least <= count <= most,
            f"at temperature {temperature:g} the letter whose logit is less by 2 was drawn {count} times in 100 names, "
            f"not {f'{least} to {most}' if most else 'never'}",
        )


def test_limits(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    itos = number_characters("abc", draw)
    names = ["".join(draw.choices("abc", k=k)) for k in (9, 5, 4)]
    text = names[0][:5] + names[1] + names[2] + "."
    script = Script(text, itos, 2)
    got = submission.sample_names(play(script), itos, 2, 3, make_generator(seed), 1.0, 5)
    expected = [names[0][:5], names[1], names[2]]
    assert_equal(got, expected, what=f"the names with max_len 5, of a model that writes {text!r},")
    endless = Script("ab" * 60, itos, 2)
    got = submission.sample_names(play(endless), itos, 2, 2, make_generator(seed))
    assert_equal([len(name) for name in got], [50, 50], what="the lengths of two names without an end")
    watch = submission.GradWatch(play(Script("abc.b..", itos, 2)))
    got = submission.sample_names(watch, itos, 2, 3, make_generator(seed))
    assert_equal(got, ["abc", "b", ""], what="the names of a model that writes 'abc.b..'")
    require(
        watch.calls_with_gradients == 0,
        f"{watch.calls_with_gradients} of 7 calls of logits_fn were made with gradients on: each of them builds a graph",
    )
