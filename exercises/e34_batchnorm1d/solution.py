"""Batch normalisation with running statistics, as a layer (lecture 4).

Source: "Building makemore Part 3: Activations & Gradients, BatchNorm", from 0:40:40;
Ioffe & Szegedy 2015, arXiv:1502.03167, algorithms 1 and 2.
"""

import torch
from torch import Tensor

# --- given: leave it as it is ------------------------------------------------------------------------


def take_gradients(layer: "BatchNorm1d", x: Tensor, weights: Tensor) -> list[Tensor]:
    """Differentiate (layer(x) * weights).sum() as a training step does: first by x, then by each parameter.

    Args:
        layer: The layer; whoever trains it asks its parameters for gradients, as in the lecture.
        x: A batch (N, dim).
        weights: What the outputs count for in the sum (N, dim).

    Returns:
        The gradients: (N, dim), then one in the shape of each of `layer.parameters()`.
    """
    leaves = [x.detach().clone(), *layer.parameters()]
    for leaf in leaves:
        leaf.requires_grad_()
    return list(torch.autograd.grad((layer(leaves[0]) * weights).sum(), leaves))


# --- yours -------------------------------------------------------------------------------------------


class BatchNorm1d:
    """Normalise each feature: by the batch while `training`, by the running statistics afterwards.

    Attributes:
        eps: Added to the variance before the root is taken.
        momentum: The share of a new batch in the running statistics.
        training: True at first; whoever uses the layer sets it to False for evaluation.
        gamma, beta: Scale and shift (dim,), ones and zeros at first. They are what is learned.
        running_mean, running_var: Buffers (dim,), zeros and ones at first. They are collected, not learned.
    """

    def __init__(self, dim: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        """Make the float32 tensors above, with `dim` features.

        Args:
            dim: The number of features.
            eps: See above.
            momentum: See above, between 0 and 1.
        """
        # solution: begin
        self.eps = eps
        self.momentum = momentum
        self.training = True
        self.gamma = torch.ones(dim)
        self.beta = torch.zeros(dim)
        self.running_mean = torch.zeros(dim)
        self.running_var = torch.ones(dim)
        # solution: end

    def __call__(self, x: Tensor) -> Tensor:
        """Normalise a batch feature by feature, then scale by gamma and shift by beta.

        While `training`, the mean and the *biased* variance (divided by N) of this batch normalise it, and the
        running statistics move towards the mean and the *unbiased* variance (divided by N - 1) of this batch:
        the new value is (1 - momentum) times the old one plus momentum times that of the batch. This is what
        torch does; the lecture divides by N - 1 in both places.

        Otherwise the running statistics normalise, and nothing changes.

        Args:
            x: A batch (N, dim), floating point; N is at least 2 while training, at least 1 otherwise.

        Returns:
            (N, dim). Gradients flow to x (through the statistics of the batch too), gamma and beta; the running
            statistics never belong to a graph. x stays unchanged.
        """
        # solution: begin
        if self.training:
            mean, var = x.mean(0), x.var(0, correction=0)  # (dim,): the biased variance normalises
            with torch.no_grad():
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * x.var(0)  # unbiased
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta  # (N, dim)
        # solution: end

    def parameters(self) -> list[Tensor]:
        """Return what is learned: [gamma, beta], each (dim,), the tensors themselves."""
        # solution: begin
        return [self.gamma, self.beta]
        # solution: end
