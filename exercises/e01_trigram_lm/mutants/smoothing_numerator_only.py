from torch import Tensor


def trigram_probabilities(N: Tensor, smoothing: float = 1.0) -> Tensor:
    total = N.double().sum(-1, keepdim=True)
    return (N.double() + smoothing) / total.where(total > 0, 1.0)
