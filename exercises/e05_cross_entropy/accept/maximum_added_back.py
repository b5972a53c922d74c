"""With logsumexp written out, a detached maximum on both sides, and gather."""

from torch import Tensor


def log_softmax(logits: Tensor, dim: int = -1) -> Tensor:
    largest = logits.detach().max(dim, keepdim=True).values
    return logits - (largest + (logits - largest).exp().sum(dim, keepdim=True).log())


def cross_entropy(logits: Tensor, targets: Tensor, reduction: str = "mean") -> Tensor:
    losses = -log_softmax(logits, 1).gather(1, targets[:, None]).squeeze(1)
    return {"mean": losses.mean(), "sum": losses.sum(), "none": losses}[reduction]
