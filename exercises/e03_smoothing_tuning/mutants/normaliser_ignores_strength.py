"""Leave the strength out of the total."""

from torch import Tensor


def trigram_nll(N: Tensor, strength: float, at: Tensor) -> float:
    i, j, k = at
    total = N.sum(-1)[i, j]
    p = (N[i, j, k] + strength) / total.where(total > 0, 1.0)
    return -p.log().mean().item()
