"""Choosing the smoothing of a trigram model on held-out words: the reference solution."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor


def alphabet(*word_lists: list[str]) -> dict[str, int]:
    letters = {ch for words in word_lists for word in words for ch in word}
    return {ch: i for i, ch in enumerate([".", *sorted(letters)])}


def triples(words: list[str], stoi: dict[str, int]) -> Tensor:
    """Return the indices (3, n) of every predicted character, the last row, and of the two before it."""
    first = "".join(f"..{w}"[:-1] for w in words)  # ..emm
    second = "".join(f".{w}" for w in words)  #      .emma
    third = "".join(f"{w}." for w in words)  #       emma.
    return torch.tensor([[stoi[ch] for ch in text] for text in (first, second, third)], dtype=torch.int64)


def trigram_counts(at: Tensor, V: int) -> Tensor:
    N = torch.zeros(V, V, V, dtype=torch.float64)
    return N.index_put_(tuple(at), torch.ones(at.shape[1], dtype=N.dtype), accumulate=True)


def trigram_nll(N: Tensor, strength: float, at: Tensor) -> float:
    i, j, k = at  # (n,) each
    seen = N[i, j, k] + strength
    total = N.sum(-1)[i, j] + strength * N.shape[-1]
    p = seen / total.where(total > 0, 1.0)  # without counts and without smoothing: 0, not 0 / 0
    return -p.log().mean().item()


def smoothing_sweep(train: list[str], dev: list[str], strengths: Sequence[float]) -> list[dict[str, float]]:
    stoi = alphabet(train, dev)
    seen, unseen = triples(train, stoi), triples(dev, stoi)
    N = trigram_counts(seen, len(stoi))  # once: the counts know nothing of the strength
    return [{"strength": s, "train": trigram_nll(N, s, seen), "dev": trigram_nll(N, s, unseen)} for s in strengths]


def choose_smoothing(sweep: list[dict[str, float]]) -> float:
    finite = [row for row in sweep if math.isfinite(row["dev"])]
    if not finite:
        raise ValueError("no strength has a finite dev loss")
    return min(finite, key=lambda row: (row["dev"], -row["strength"]))["strength"]


def final_test_nll(train: list[str], test: list[str], strength: float) -> float:
    stoi = alphabet(train, test)
    N = trigram_counts(triples(train, stoi), len(stoi))
    return trigram_nll(N, strength, triples(test, stoi))
