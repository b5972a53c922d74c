"""Add the strength to the table itself, where the next strength finds it."""

from torch import Tensor


def trigram_nll(N: Tensor, strength: float, at: Tensor) -> float:
    i, j, k = at
    N += strength
    total = N.sum(-1)[i, j]
    p = N[i, j, k] / total.where(total > 0, 1.0)
    return -p.log().mean().item()
