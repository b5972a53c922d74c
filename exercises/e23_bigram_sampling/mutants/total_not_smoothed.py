from torch import Tensor


def row_probabilities(N: Tensor, smoothing: float = 0.0) -> Tensor:
    total = N.sum(dim=1, keepdim=True)
    if smoothing == 0 and (total == 0).any():
        raise ValueError("a row has no counts")
    return (N + smoothing) / total.clamp(min=1)
