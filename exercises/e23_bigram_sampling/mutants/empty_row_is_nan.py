from torch import Tensor


def row_probabilities(N: Tensor, smoothing: float = 0.0) -> Tensor:
    counts = N + smoothing
    return counts / counts.sum(dim=1, keepdim=True)
