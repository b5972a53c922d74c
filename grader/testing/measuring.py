"""The one way to measure the loss of a learner's model: no question ever holds an answer that is still wanted.

A model that is asked for all rows of some words at once need not predict anything: the target of one row is the last
character of the next row, and of a sequence the next token. Shuffling the rows hides little of that, and what one call
does not tell, a later call does, because the learner's process remembers. So the questions are put in the order of
time. First all models are asked for the first character of every word, then for the second after the first, and so on:
whatever has been sent when a character is to be predicted, the character itself has not. Equal beginnings are asked for
once, in an order and in batches drawn from the grade, among made-up ones. Some of the very beginnings that were measured
are then asked for again, in other company and alone, and must get the logits that they got before.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from grader.testing.assertions import CheckFailure, assert_close, require

#: Asks a model what follows some beginnings of one length: int64 (N, t) to logits (N, V), float64.
Ask = Callable[[Tensor], Tensor]

#: Made-up beginnings in each request, so that even a request for one beginning has a batch around it.
COMPANY = 16
#: Beginnings asked for again, in each of so many requests.
ASKED_AGAIN, REQUESTS_AGAIN = 40, 3
#: Matrix products of another size add up in another order: 1e-6 in float32, relative to logits of up to some tens.
#: Dropout and batch statistics change logits by tenths.
SAME_LOGITS = 1e-3
#: No model of the names can be expected to be better, and none that learned from them alone has been: the transformer
#: published with makemore ends at 1.92 on held-out names. To know that no name occurs twice is worth 0.04 more.
NAMES_FLOOR_NATS = 1.7
#: The standard deviation of one character's loss is 1.2 to 1.4, of good models and of the process itself.
SPREAD_NATS = 1.5
#: Chance lets a mean of independent characters deviate by more than so many standard errors once in 10^9 grades.
STANDARD_ERRORS = 6.0


class KnownCorpus(Protocol):
    """What is known of a corpus; see `grader.corpus.Corpus`."""

    @property
    def name(self) -> str:
        """Which corpus it is."""
        ...

    @property
    def floor_nats(self) -> float | None:
        """Give its exact entropy per character, where that is known."""
        ...


class Losses(NamedTuple):
    """The loss of every predicted token, text by text."""

    nats: Tensor  # (M,), float64
    texts: Tensor  # (M,), int64: which text it is of
    places: Tensor  # (M,), int64: how many tokens of the text come before it

    @property
    def mean(self) -> float:
        """The mean loss of a token in nats."""
        return self.nats.mean().item()


def spell(words: Sequence[str], stoi: Mapping[str, int], end: str = ".") -> list[list[int]]:
    """Write words as tokens, each with its end."""
    return [[stoi[ch] for ch in word + end] for word in words]


def measure_losses(
    asks: Mapping[str, Ask], texts: Sequence[Sequence[int]], rng: Generator, *, first: int = 0, again: bool = True
) -> dict[str, Losses]:
    """Measure models on texts that the learner's process has never been given.

    Args:
        asks: The models by their names, as `ask_rows`, `ask_sequences` or `ask_contexts` make them. All models that
            live in one process belong in one call: after it, the texts are known there.
        texts: Token by token, each predicted from all before it.
        rng: The check's generator, which draws order, batches and company.
        first: The first place of a text that is predicted.
        again: Whether to ask again, and so to refuse a model whose logits depend on the batch or the time.

    Returns:
        The losses of each model, by its name.

    Raises:
        CheckFailure: If a beginning gets other logits when it is asked for again.
    """
    stages = [_Stage.make(texts, place) for place in range(first, max(map(len, texts)))]
    answers: dict[str, list[Tensor]] = {name: [] for name in asks}
    for stage in stages:
        for name, logits in _ask_stage(asks, stage, rng).items():
            answers[name].append(logits)
    if again:
        for name, ask in asks.items():
            _ask_again(name if len(asks) > 1 else "", ask, stages, answers[name], rng)
    which = torch.cat([stage.texts for stage in stages])
    places = torch.cat([torch.full_like(stage.texts, stage.place) for stage in stages])
    order = (which * (len(stages) + first) + places).argsort()
    return {
        name: Losses(
            torch.cat([stage.score(logits) for stage, logits in zip(stages, got, strict=True)])[order],
            which[order],
            places[order],
        )
        for name, got in answers.items()
    }


class _Stage(NamedTuple):
    """All tokens at one place of their texts: what is before them, and what they are."""

    place: int
    beginnings: Tensor  # (U, place), each once
    texts: Tensor  # (N,), the texts that go on here
    rows: Tensor  # (N,), the beginning of each
    targets: Tensor  # (N,)

    @classmethod
    def make(cls, texts: Sequence[Sequence[int]], place: int) -> "_Stage":
        numbers = [n for n, text in enumerate(texts) if len(text) > place]
        known: dict[tuple[int, ...], int] = {}
        rows = [known.setdefault(tuple(texts[n][:place]), len(known)) for n in numbers]
        beginnings = torch.tensor(list(known), dtype=torch.int64).reshape(len(known), place)
        return cls(
            place,
            beginnings,
            torch.tensor(numbers),
            torch.tensor(rows),
            torch.tensor([texts[n][place] for n in numbers]),
        )

    def score(self, logits: Tensor) -> Tensor:
        """Compute the loss of each token (N,) from the logits of the beginnings (U, V)."""
        return F.cross_entropy(logits[self.rows], self.targets, reduction="none")


def _ask_stage(asks: Mapping[str, Ask], stage: _Stage, rng: Generator) -> dict[str, Tensor]:
    """Ask each model for the logits (U, V) of a stage, in up to three batches of unequal size."""
    order = torch.randperm(len(stage.beginnings), generator=rng)
    cuts = torch.randint(0, len(order) + 1, (2,), generator=rng).sort().values.tolist()
    parts: list[Tensor] = [part for part in order.tensor_split(cuts) if len(part)]
    found: dict[str, list[Tensor]] = {name: [] for name in asks}
    for part in parts:
        for name, ask in asks.items():
            found[name].append(_ask_in_company(ask, stage.beginnings[part], rng))
    back = torch.cat(parts).argsort()
    return {name: torch.cat(logits)[back] for name, logits in found.items()}


def _ask_in_company(ask: Ask, beginnings: Tensor, rng: Generator) -> Tensor:
    """Ask for some beginnings among made-up ones; returns the logits of the former."""
    t = beginnings.shape[1]
    # Tokens as they occur at each place, so that no end is in the middle; put together again.
    made_up = beginnings[torch.randint(0, len(beginnings), (COMPANY, t), generator=rng), torch.arange(t)]
    order = torch.randperm(len(beginnings) + COMPANY, generator=rng)
    logits = ask(torch.cat([beginnings, made_up])[order])
    return logits[order.argsort()[: len(beginnings)]]


def _ask_again(name: str, ask: Ask, stages: Sequence[_Stage], answers: Sequence[Tensor], rng: Generator) -> None:
    """Ask for some of what was measured again, and require the same logits."""
    whose = f" of {name!r}" if name else ""
    for number in torch.randint(0, len(stages), (REQUESTS_AGAIN,), generator=rng).tolist():
        stage, before = stages[number], answers[number]
        some = torch.randperm(len(before), generator=rng)[:ASKED_AGAIN]
        for part, how in ((some, "in another batch"), (some[:1], "alone")):
            now = ask(stage.beginnings[part]) if how == "alone" else _ask_in_company(ask, stage.beginnings[part], rng)
            what = f"the logits{whose} after {stage.place} token{'s' * (stage.place != 1)}, asked for again {how},"
            assert_close(now, before[part], rtol=SAME_LOGITS, atol=SAME_LOGITS, what=what)


def _require_logits(logits: object, shape: tuple[int, ...], given: tuple[int, ...]) -> Tensor:
    """Require the form of an answer, and return it in float64."""
    good = isinstance(logits, Tensor) and tuple(logits.shape) == shape and logits.is_floating_point()
    require(
        good, f"for contexts of shape {given} the logits should be a floating point tensor of shape {shape}", got=logits
    )
    assert isinstance(logits, Tensor)
    bad = ~torch.isfinite(logits)
    if bad.any():
        row = int(bad.reshape(len(bad), -1).any(1).long().argmax())
        raise CheckFailure(f"{int(bad.sum())} of {logits.numel()} logits are not finite, first in row {row}")
    return logits.detach().double()


def ask_rows(model: Callable[[Tensor], object], block_size: int, V: int, fill: int = 0) -> Ask:
    """Ask a model of the last block_size tokens: contexts (N, block_size), filled with `fill` in front, to (N, V)."""

    def ask(beginnings: Tensor) -> Tensor:
        front = torch.full((len(beginnings), block_size), fill)
        X = torch.cat([front, beginnings], dim=1)[:, -block_size:].contiguous()
        return _require_logits(model(X), (len(X), V), tuple(X.shape))

    return ask


def ask_sequences(model: Callable[[Tensor], object], V: int, start: int | None = None) -> Ask:
    """Ask a model of whole sequences, (N, T) to (N, T, V), for what comes last; each begins with `start`, if given."""

    def ask(beginnings: Tensor) -> Tensor:
        front = torch.full((len(beginnings), 0 if start is None else 1), 0 if start is None else start)
        idx = torch.cat([front, beginnings], dim=1)
        return _require_logits(model(idx), (*idx.shape, V), tuple(idx.shape))[:, -1]

    return ask


def ask_contexts(probs: Callable[[str], Tensor], characters: str) -> Ask:
    """Ask a function of one text for the distribution (V,) of what follows, beginning by beginning."""

    def ask(beginnings: Tensor) -> Tensor:
        contexts = ["".join(characters[token] for token in row) for row in beginnings.tolist()]
        known = {context: probs(context) for context in dict.fromkeys(contexts)}
        return torch.stack([known[context] for context in contexts]).double().log()

    return ask


def assert_above_floor(losses: Losses, corpus: KnownCorpus, *, what: str) -> None:
    """Fail if a loss on new words of a corpus is lower than any model's can be that does not know them."""
    n, loss = len(losses.nats), losses.mean
    if corpus.floor_nats is None:
        floor = NAMES_FLOOR_NATS
        why = f"no model that has not seen the {corpus.name} it is asked about gets below {floor:g}"
    else:
        floor = corpus.floor_nats - STANDARD_ERRORS * SPREAD_NATS / math.sqrt(n)
        why = (
            f"the words have an entropy of {corpus.floor_nats:.4f} per character, and in {n} characters chance explains no "
            f"mean below {floor:.4f}"
        )
    if loss < floor:
        raise CheckFailure(f"{what} is {loss:.4f}: {why}", expected=f"from {floor:.4f} on")
