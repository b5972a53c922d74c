"""Batch normalisation for batches of sequences (lecture 6).

Source: "Building makemore Part 5: Building a WaveNet", from 0:38:50;
Ioffe & Szegedy 2015, arXiv:1502.03167, section 3.2 for several positions that share their statistics.
"""

import torch
from torch import Tensor

# --- given: leave it as it is ------------------------------------------------------------------------


def take_gradients(layer: "BatchNorm1d", x: Tensor, weights: Tensor) -> list[Tensor]:
    """Differentiate (layer(x) * weights).sum() by x, gamma and beta.

    Args:
        layer: The layer.
        x: A batch (N, dim) or (N, T, dim).
        weights: What the outputs count for in the sum, in the shape of x.

    Returns:
        The three gradients: in the shape of x, then (dim,) twice.
    """
    leaves = [x.detach().clone(), layer.gamma, layer.beta]
    for leaf in leaves:
        leaf.requires_grad_()
    return list(torch.autograd.grad((layer(leaves[0]) * weights).sum(), leaves))


# --- yours -------------------------------------------------------------------------------------------


class BatchNorm1d:
    """Normalise each channel: by the batch while `training`, by the running statistics afterwards.

    Attributes:
        eps: Added to the variance before the root is taken.
        momentum: The share of a new batch in the running statistics.
        training: True at first; whoever uses the layer sets it to False for evaluation.
        gamma, beta: Scale and shift (dim,), ones and zeros at first.
        running_mean, running_var: Buffers (dim,), zeros and ones at first. They keep that shape whatever comes in.
    """

    def __init__(self, dim: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        """Make the float32 tensors above, with `dim` channels.

        Args:
            dim: The number of channels.
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
        """Normalise channel by channel, then scale by gamma and shift by beta.

        A channel's mean and variance are taken over everything but the channels: over the n = N vectors of a
        (N, dim) batch, over the n = N * T vectors of a (N, T, dim) one.

        While `training`, the mean and the *biased* variance (divided by n) of this batch normalise it, and the
        running statistics move towards its mean and its *unbiased* variance (divided by n - 1): the new value is
        (1 - momentum) times the old one plus momentum times that of the batch. This is what torch does; the lecture
        divides by n - 1 in both places. Otherwise the running statistics normalise, and nothing changes.

        Args:
            x: (N, dim) or (N, T, dim), channels last, floating point; n is at least 2 while training.

        Returns:
            The shape of x. Gradients flow to x (through the statistics of the batch too), gamma and beta; the
            running statistics never belong to a graph. x stays unchanged.

        Raises:
            ValueError: If x has neither two nor three dimensions; the message shows its shape.
        """
        # solution: begin
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
        # solution: end
