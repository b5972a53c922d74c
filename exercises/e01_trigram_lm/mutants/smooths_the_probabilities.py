from torch import Tensor


def trigram_probabilities(N: Tensor, smoothing: float = 1.0) -> Tensor:
    P = N.double() / N.sum(-1, keepdim=True).clamp(min=1)
    P = P + smoothing
    return P / P.sum(-1, keepdim=True).clamp(min=1e-300)
