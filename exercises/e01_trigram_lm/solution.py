"""A trigram language model by counting: the reference solution."""

import torch
from torch import Tensor


def triples(words: list[str], stoi: dict[str, int]) -> Tensor:
    """Return the indices (3, n) of every predicted character, the last row, and of the two before it."""
    first = "".join(f"..{w}"[:-1] for w in words)  # ..emm
    second = "".join(f".{w}" for w in words)  #      .emma
    third = "".join(f"{w}." for w in words)  #       emma.
    return torch.tensor([[stoi[ch] for ch in text] for text in (first, second, third)], dtype=torch.int64)


def trigram_counts(words: list[str], stoi: dict[str, int]) -> Tensor:
    V = len(stoi)
    i, j, k = triples(words, stoi)  # (n,) each
    N = torch.zeros(V, V, V, dtype=torch.int64)
    return N.index_put_((i, j, k), torch.ones_like(k), accumulate=True)  # N[i, j, k] += 1, repeats included


def trigram_probabilities(N: Tensor, smoothing: float = 1.0) -> Tensor:
    counts = N.double() + smoothing  # (V, V, V)
    total = counts.sum(-1, keepdim=True)  # (V, V, 1), the smoothing V times in it
    return counts / total.where(total > 0, 1.0)  # an unseen, unsmoothed context stays at 0


def trigram_nll(words: list[str], P: Tensor, stoi: dict[str, int]) -> float:
    i, j, k = triples(words, stoi)  # (n,) each
    return -P[i, j, k].log().mean().item()
