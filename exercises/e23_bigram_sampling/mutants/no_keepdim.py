from torch import Tensor


def row_probabilities(N: Tensor, smoothing: float = 0.0) -> Tensor:
    counts = N + smoothing
    total = counts.sum(dim=1)
    if (total == 0).any():
        raise ValueError("a row has no counts")
    return counts / total
