"""Batch normalisation for batches of sequences."""

import torch
from torch import Tensor

# --- given ---


def take_gradients(layer: "BatchNorm1d", x: Tensor, weights: Tensor) -> list[Tensor]:
    """Differentiate (layer(x) * weights).sum() by x, gamma and beta."""
    leaves = [x.detach().clone(), layer.gamma, layer.beta]
    for leaf in leaves:
        leaf.requires_grad_()
    return list(torch.autograd.grad((layer(leaves[0]) * weights).sum(), leaves))


# --- the exercise ---


class BatchNorm1d:
    """Normalise each channel: by the batch while `training`, by the running statistics afterwards."""

    def __init__(self, dim: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        self.eps = eps
        self.momentum = momentum
        self.training = True
        self.gamma = torch.ones(dim)
        self.beta = torch.zeros(dim)
        self.running_mean = torch.zeros(dim)
        self.running_var = torch.ones(dim)

    def __call__(self, x: Tensor) -> Tensor:
        """Normalise channel by channel, then scale by gamma and shift by beta."""
        if x.ndim not in (2, 3):
            raise ValueError(f"x should be (N, dim) or (N, T, dim), not {tuple(x.shape)}")
        dims = (0,) if x.ndim == 2 else (0, 1)  # all but the channels
        if self.training:
            mean, var = x.mean(dims), x.var(dims, correction=0)  # (dim,): the biased variance normalises
            with torch.no_grad():
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * x.var(dims)  # unbiased
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta  # the shape of x
