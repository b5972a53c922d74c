"""From counts to probabilities to names: the reference solution."""

import torch
from torch import Tensor


def row_probabilities(N: Tensor, smoothing: float = 0.0) -> Tensor:
    """Turn a table of counts into one distribution per row, after adding fake counts."""
    counts = N + smoothing  # (V, V), not the caller's
    total = counts.sum(dim=1, keepdim=True)  # (V, 1): laid along the rows
    if (total == 0).any():
        raise ValueError("a row without counts has no distribution unless smoothing is above 0")
    return counts / total  # (V, V)


def sample_word(P: Tensor, itos: dict[int, str], generator: torch.Generator, max_len: int = 100) -> str:
    """Draw one word from a bigram model."""
    word, i = "", 0
    while len(word) < max_len:
        i = int(torch.multinomial(P[i], 1, generator=generator))
        if i == 0:
            break
        word += itos[i]
    return word
