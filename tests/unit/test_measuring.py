"""Measuring a model: the loss is exact, no question holds an answer, and what looks for one is refused."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from grader.corpus import Corpus
from grader.testing import (
    CheckFailure,
    Losses,
    ask_contexts,
    ask_rows,
    ask_sequences,
    assert_above_floor,
    measure_losses,
    spell,
)

ALPHABET = ".abcdef"
STOI = {ch: i for i, ch in enumerate(ALPHABET)}
V = len(ALPHABET)
WORDS = ["abc", "ab", "", "cafe", "bead", "abc", "faded", "f"]
TEXTS = spell(WORDS, STOI)
BLOCK = 3


def draw(seed: int = 1) -> Generator:
    return torch.Generator().manual_seed(seed)


def rows_of(text: list[int], fill: int = 0) -> list[list[int]]:
    padded = [fill] * BLOCK + text
    return [padded[i : i + BLOCK] for i in range(len(text))]


def add_up(X: Tensor) -> Tensor:
    """Give logits in which every place of a context counts."""
    W = torch.randn(BLOCK, V, V, generator=draw(7), dtype=torch.float64)
    return torch.stack([W[k][X[:, k]] for k in range(BLOCK)]).sum(0)


def record(model: Callable[[Tensor], Tensor], into: list[Tensor]) -> Callable[[Tensor], Tensor]:
    def recording(X: Tensor) -> Tensor:
        into.append(X.clone())
        return model(X)

    return recording


def measure(model: Callable[[Tensor], Any], **how: Any) -> Losses:
    return measure_losses({"model": ask_rows(model, BLOCK, V)}, TEXTS, draw(), **how)["model"]


def test_losses_of_rows_are_those_of_every_token_in_its_place() -> None:
    found = measure(add_up)
    X = torch.tensor([row for text in TEXTS for row in rows_of(text)])
    Y = torch.tensor([token for text in TEXTS for token in text])
    assert torch.allclose(found.nats, F.cross_entropy(add_up(X), Y, reduction="none"))
    assert found.texts.tolist() == [n for n, text in enumerate(TEXTS) for _ in text]
    assert found.places.tolist() == [i for text in TEXTS for i in range(len(text))]
    assert found.mean == pytest.approx(F.cross_entropy(add_up(X), Y).item())


def test_losses_of_sequences_are_those_of_their_last_positions() -> None:
    W = torch.randn(V, V, generator=draw(3), dtype=torch.float64)
    asks = {"model": ask_sequences(lambda idx: W[idx].cumsum(1), V, start=0)}
    found = measure_losses(asks, TEXTS, draw())["model"]
    expected = [
        F.cross_entropy(W[torch.tensor([[0, *text[:i]]])].sum(1), torch.tensor([text[i]])).item()
        for text in TEXTS
        for i in range(len(text))
    ]
    assert found.nats.tolist() == pytest.approx(expected)


def test_only_places_from_the_first_wanted_on_are_measured() -> None:
    asks = {"model": ask_sequences(lambda idx: torch.zeros(*idx.shape, V), V)}
    found = measure_losses(asks, TEXTS, draw(), first=2)["model"]
    assert found.places.tolist() == [i for text in TEXTS for i in range(2, len(text))]


def test_losses_of_a_function_of_contexts_are_those_of_its_distributions() -> None:
    def probs(context: str) -> Tensor:
        p = torch.ones(V, dtype=torch.float64)
        p[len(context) % V] += 2
        return p / p.sum()

    found = measure_losses({"probs": ask_contexts(probs, ALPHABET)}, TEXTS, draw())["probs"]
    expected = [-math.log(probs(ALPHABET[0] * i)[token].item()) for text in TEXTS for i, token in enumerate(text)]
    assert found.nats.tolist() == pytest.approx(expected)


def test_a_character_without_a_chance_costs_infinitely_much() -> None:
    never_a = torch.tensor([1.0, 0.0, *[1.0] * (V - 2)], dtype=torch.float64) / (V - 1)
    found = measure_losses({"probs": ask_contexts(lambda context: never_a, ALPHABET)}, TEXTS, draw())["probs"]
    assert int(found.nats.isinf().sum()) == sum(word.count("a") for word in WORDS)


@pytest.mark.parametrize("seed", range(5))
def test_no_question_so_far_holds_what_is_to_be_predicted(seed: int) -> None:
    asked: list[Tensor] = []
    asks = {"model": ask_sequences(record(lambda idx: torch.zeros(*idx.shape, V), asked), V, start=0)}
    distinct = spell(["abcdef", "bcdefa", "cdefab", "defabc", "efabcd", "fabcde"], STOI)
    measure_losses(asks, distinct, draw(seed), again=False)
    for text in distinct:
        for place in range(1, len(text)):
            before = [0, *text[:place]]
            first = next(n for n, idx in enumerate(asked) if before in idx.tolist())
            longer = [row for idx in asked[: first + 1] for row in idx.tolist() if len(row) > len(before)]
            assert longer == []


def test_beginnings_are_asked_for_once_and_in_another_order_with_another_seed() -> None:
    orders = []
    for seed in (1, 2):
        asked: list[Tensor] = []
        asks = {"m": ask_sequences(record(lambda idx: torch.zeros(*idx.shape, V), asked), V, start=0)}
        measure_losses(asks, TEXTS, draw(seed), again=False)
        orders.append([idx.tolist() for idx in asked])
    assert orders[0] != orders[1]
    # Six words go on after their first character, with a, c, b or f: four beginnings, and the company.
    second = [row for idx in orders[0] for row in idx if len(row) == 2]
    assert {tuple(row) for row in second} == {(0, STOI[ch]) for ch in "acbf"}


def test_models_of_one_process_are_asked_side_by_side() -> None:
    asked: list[tuple[str, int]] = []

    def make(name: str) -> Callable[[Tensor], Tensor]:
        def model(idx: Tensor) -> Tensor:
            asked.append((name, idx.shape[1]))
            return torch.zeros(*idx.shape, V)

        return model

    asks = {name: ask_sequences(make(name), V, start=0) for name in ("one", "other")}
    found = measure_losses(asks, TEXTS, draw(), again=False)
    assert [length for _, length in asked] == sorted(length for _, length in asked)
    assert {name for name, length in asked if length == 1} == {"one", "other"}
    assert found["one"].nats.tolist() == found["other"].nats.tolist()


def peek_below(X: Tensor) -> Tensor:
    """Predict the last token of the next row, where that row goes on."""
    logits = torch.zeros(len(X), V)
    for i in range(len(X) - 1):
        if X[i, 1:].tolist() == X[i + 1, :-1].tolist():
            logits[i, X[i + 1, -1]] = 9.0
    return logits


def test_a_model_that_peeks_at_the_next_row_gains_nothing() -> None:
    in_order = torch.tensor([row for text in TEXTS for row in rows_of(text)])
    Y = torch.tensor([token for text in TEXTS for token in text])
    assert F.cross_entropy(peek_below(in_order), Y).item() < 0.8  # what it gains where all rows are asked at once
    assert measure(peek_below, again=False).mean > math.log(V) - 0.1


@pytest.mark.parametrize("again", [True, False])
def test_a_model_whose_logits_depend_on_the_batch_is_refused_where_it_is_asked_again(again: bool) -> None:
    def in_training_mode(X: Tensor) -> Tensor:
        logits = add_up(X)
        return logits - logits.mean(0)

    if again:
        with pytest.raises(
            CheckFailure, match=r"the logits after \d+ tokens?, asked for again (alone|in another batch)"
        ):
            measure(in_training_mode)
    else:
        measure(in_training_mode, again=False)


def test_a_model_that_is_random_is_refused() -> None:
    with pytest.raises(CheckFailure, match="asked for again"):
        measure(lambda X: add_up(X) + torch.rand(len(X), V))


def test_logits_of_another_form_are_refused() -> None:
    with pytest.raises(CheckFailure) as caught:
        measure(lambda X: torch.zeros(len(X), V + 1))
    assert caught.value.headline == (
        f"for contexts of shape (17, {BLOCK}) the logits should be a floating point tensor of shape (17, {V})"
    )


def test_logits_that_are_not_finite_are_refused() -> None:
    with pytest.raises(CheckFailure, match=r"1 of \d+ logits are not finite, first in row 2"):
        measure(
            lambda X: torch.zeros(len(X), V).index_put((torch.tensor([2]), torch.tensor([1])), torch.tensor(math.nan))
        )


def corpus(name: Any, floor_nats: float | None) -> Corpus:
    return Corpus(name=name, words=("ab",), source="a test", floor_nats=floor_nats)


def losses(mean: float, n: int) -> Losses:
    return Losses(torch.full((n,), mean, dtype=torch.float64), torch.zeros(n), torch.zeros(n))


@pytest.mark.parametrize(
    ("known", "n", "lowest"),
    [(corpus("names", None), 22_000, 1.7), (corpus("embedded", 1.8965), 22_500, 1.8965 - 0.06)],
    ids=["names", "embedded"],
)
def test_a_loss_below_the_floor_is_refused_with_the_floor(known: Corpus, n: int, lowest: float) -> None:
    assert_above_floor(losses(lowest + 0.001, n), known, what="the dev loss")
    with pytest.raises(CheckFailure) as caught:
        assert_above_floor(losses(lowest - 0.001, n), known, what="the dev loss")
    assert caught.value.headline.startswith(f"the dev loss is {lowest - 0.001:.4f}: ")
    assert f"{lowest:.4f}".rstrip("0") in caught.value.headline
    assert caught.value.expected == f"from {lowest:.4f} on"
