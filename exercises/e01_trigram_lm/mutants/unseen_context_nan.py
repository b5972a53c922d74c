from torch import Tensor


def trigram_probabilities(N: Tensor, smoothing: float = 1.0) -> Tensor:
    counts = N.double() + smoothing
    return counts / counts.sum(-1, keepdim=True)
