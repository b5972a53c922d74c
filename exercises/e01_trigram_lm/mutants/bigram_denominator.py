from torch import Tensor


def trigram_probabilities(N: Tensor, smoothing: float = 1.0) -> Tensor:
    bigrams = N.sum(0).double()  # N[:, j, k] summed: how often k follows j
    total = (bigrams + smoothing * N.shape[-1]).unsqueeze(-1)
    return (N.double() + smoothing) / total.where(total > 0, 1.0)
