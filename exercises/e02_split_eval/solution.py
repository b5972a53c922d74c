"""Train, dev and test split, and n-gram losses on all three: the reference solution."""

import random

import torch
from torch import Tensor


def alphabet(*word_lists: list[str]) -> dict[str, int]:
    letters = {ch for words in word_lists for word in words for ch in word}
    return {ch: i for i, ch in enumerate([".", *sorted(letters)])}


def split_words(
    words: list[str], fractions: tuple[float, float, float] = (0.8, 0.1, 0.1), seed: int = 42
) -> tuple[list[str], list[str], list[str]]:
    shuffled = list(words)
    random.Random(seed).shuffle(shuffled)
    n1 = int(fractions[0] * len(words))
    n2 = int((fractions[0] + fractions[1]) * len(words))
    return shuffled[:n1], shuffled[n1:n2], shuffled[n2:]


def ngrams(words: list[str], order: int, stoi: dict[str, int]) -> tuple[Tensor, ...]:
    """Return the indices (n,) of every predicted character, the last tensor, and of those before it."""
    padded = ["." * (order - 1) + w + "." for w in words]
    # Each starts one character later than the one before: ..emm, .emma, emma.
    columns = ["".join(p[i : len(p) - order + 1 + i] for p in padded) for i in range(order)]
    return tuple(torch.tensor([stoi[ch] for ch in column]) for column in columns)


def ngram_nll(N: Tensor, smoothing: float, at: tuple[Tensor, ...]) -> float:
    """Return the mean negative log-likelihood of the n-grams `at` under the counts N (V, V) or (V, V, V)."""
    seen = N[at] + smoothing  # (n,)
    total = N.sum(-1)[at[:-1]] + smoothing * len(N)  # (n,)
    p = seen / total.where(total > 0, 1.0)  # without counts and without smoothing: 0, not 0 / 0
    return -p.log().mean().item()


def evaluate_ngram(train: list[str], dev: list[str], test: list[str], order: int, smoothing: float) -> dict[str, float]:
    stoi = alphabet(train, dev, test)  # one vocabulary for all parts
    counted = ngrams(train, order, stoi)
    N = torch.zeros((len(stoi),) * order)
    N.index_put_(counted, torch.tensor(1.0), accumulate=True)  # the counts of train alone
    parts = {"train": train, "dev": dev, "test": test}
    return {name: ngram_nll(N, smoothing, ngrams(words, order, stoi)) for name, words in parts.items()}
