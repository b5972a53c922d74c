from torch import Tensor


def trigram_probabilities(N: Tensor, smoothing: float = 1.0) -> Tensor:
    counts = N.double() + smoothing
    total = counts.sum(1, keepdim=True)
    return counts / total.where(total > 0, 1.0)
