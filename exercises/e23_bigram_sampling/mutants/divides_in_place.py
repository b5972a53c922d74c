from torch import Tensor


def row_probabilities(N: Tensor, smoothing: float = 0.0) -> Tensor:
    P = N if N.is_floating_point() else N.float()
    P += smoothing
    total = P.sum(dim=1, keepdim=True)
    if (total == 0).any():
        raise ValueError("a row has no counts")
    P /= total
    return P
