import torch
from torch import Tensor


def trigram_counts(words: list[str], stoi: dict[str, int]) -> Tensor:
    V = len(stoi)
    padded = [f"..{w}." for w in words]
    seen = [p[n : n + 3] for p in padded for n in range(len(p) - 2)]
    N = torch.zeros(V, V, V, dtype=torch.int64)
    for triple in set(seen):
        i, j, k = (stoi[ch] for ch in triple)
        N[i, j, k] = seen.count(triple)
    return N
