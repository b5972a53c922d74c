from torch import Tensor


def row_probabilities(N: Tensor, smoothing: float = 0.0) -> Tensor:
    counts = N + smoothing
    if (counts.sum(dim=1) == 0).any():
        raise ValueError("a row has no counts")
    return counts / counts.sum(dim=0, keepdim=True).clamp(min=1e-30)
