import torch
from torch import Tensor


def row_probabilities(N: Tensor, smoothing: float = 0.0) -> Tensor:
    counts = N + smoothing
    total = counts.sum(dim=1, keepdim=True)
    return torch.where(total == 0, 1 / len(N), counts / total)
