"""Divide 0 by 0 in a context never seen, and take the nan for the minimum."""

import torch
from torch import Tensor


def trigram_nll(N: Tensor, strength: float, at: Tensor) -> float:
    i, j, k = at
    P = (N + strength) / (N + strength).sum(-1, keepdim=True)
    return -P[i, j, k].log().mean().item()


def choose_smoothing(sweep: list[dict[str, float]]) -> float:
    downwards = sorted(sweep, key=lambda row: -row["strength"])
    losses = torch.tensor([row["dev"] for row in downwards])
    if losses.isinf().all():
        raise ValueError("no strength has a finite dev loss")
    return downwards[int(losses.argmin())]["strength"]
