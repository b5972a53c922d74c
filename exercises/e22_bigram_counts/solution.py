"""The bigram table: the reference solution."""

import torch
from torch import Tensor


def build_vocab(words: list[str]) -> tuple[dict[str, int], dict[int, str]]:
    """Number the characters of the words."""
    stoi = {ch: i for i, ch in enumerate([".", *sorted(set("".join(words)))])}
    return stoi, {i: ch for ch, i in stoi.items()}


def bigram_counts(words: list[str], stoi: dict[str, int]) -> Tensor:
    """Count how often each character follows each other one, the ends of the words included."""
    i = torch.tensor([stoi[ch] for w in words for ch in "." + w], dtype=torch.int64)  # (n,): .emma
    j = torch.tensor([stoi[ch] for w in words for ch in w + "."], dtype=torch.int64)  # (n,): emma.
    N = torch.zeros(len(stoi), len(stoi), dtype=torch.int64)
    return N.index_put_((i, j), torch.ones_like(i), accumulate=True)  # N[i, j] += 1, repeats included
