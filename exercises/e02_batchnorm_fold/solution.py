"""Fold BatchNorm into the Linear before it (lecture 4, exercise E02).

Source: "Building makemore Part 3: Activations & Gradients, BatchNorm", from 1:46:04;
Ioffe & Szegedy 2015, arXiv:1502.03167, section 3.1.
"""

import torch
from torch import Tensor

# --- given: the layers of the lecture; leave them as they are ----------------------------------------


class Linear:
    """x @ weight + bias, with a weight of shape (fan_in, fan_out) and a bias of shape (fan_out,) or None."""

    def __init__(self, fan_in: int, fan_out: int, bias: bool = True) -> None:
        self.weight = torch.randn(fan_in, fan_out) / fan_in**0.5
        self.bias = torch.zeros(fan_out) if bias else None

    def __call__(self, x: Tensor) -> Tensor:
        out = x @ self.weight
        return out if self.bias is None else out + self.bias


class BatchNorm1d:
    """Normalise each feature: by the batch while `training`, by the running statistics afterwards.

    Everything has the shape (dim,). The normalisation of a batch uses the biased variance (divided by n);
    running_var collects the unbiased one (divided by n - 1), as in torch.
    """

    def __init__(self, dim: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        self.eps = eps
        self.momentum = momentum
        self.training = True
        self.gamma = torch.ones(dim)
        self.beta = torch.zeros(dim)
        self.running_mean = torch.zeros(dim)
        self.running_var = torch.ones(dim)

    def __call__(self, x: Tensor) -> Tensor:
        self.batch_mean, self.batch_var = x.mean(0), x.var(0, correction=0)  # kept for plots
        mean, var = (self.batch_mean, self.batch_var) if self.training else (self.running_mean, self.running_var)
        if self.training:
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * x.mean(0)
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * x.var(0)
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta


class Tanh:
    """The hyperbolic tangent, element by element."""

    def __call__(self, x: Tensor) -> Tensor:
        return torch.tanh(x)


# --- yours -------------------------------------------------------------------------------------------


def fold_linear_bn(
    W: Tensor,
    b: Tensor | None,
    gamma: Tensor,
    beta: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    eps: float = 1e-5,
) -> tuple[Tensor, Tensor]:
    """Merge a Linear and the BatchNorm after it into one Linear.

    Args:
        W: Weight of the Linear (fan_in, fan_out), floating point.
        b: Its bias (fan_out,), or None for a Linear without one.
        gamma, beta: Scale and shift of the BatchNorm (fan_out,).
        running_mean, running_var: Its running statistics (fan_out,); running_var may be close to 0.
        eps: What BatchNorm adds to the variance before taking the root.

    Returns:
        (W2, b2) with the shapes (fan_in, fan_out) and (fan_out,) and the dtype of W, such that
        x @ W2 + b2 is what BatchNorm gives for x @ W + b in evaluation mode. The arguments stay unchanged.
    """
    # solution: begin
    s = gamma / torch.sqrt(running_var + eps)  # (fan_out,)
    W2 = W * s  # (fan_in, fan_out): one factor per column
    b2 = beta - running_mean * s if b is None else beta + (b - running_mean) * s  # (fan_out,)
    return W2, b2
    # solution: end


def fold_mlp(layers: list) -> list:
    """Fold every BatchNorm1d of a network into the Linear before it.

    Args:
        layers: Linear, BatchNorm1d and Tanh objects in the order they are applied, such as
            [Linear, BatchNorm1d, Tanh] * 3. Each BatchNorm1d directly follows a Linear; a Linear that no
            BatchNorm1d follows may occur too.

    Returns:
        A new list without BatchNorm1d, [Linear, Tanh] * 3 for the example, that gives the outputs the old
        list gives in evaluation mode. The old layers stay unchanged, and none of the old Linear objects
        that was folded is used again.
    """
    # solution: begin
    folded: list = []
    for layer in layers:
        if isinstance(layer, BatchNorm1d):
            old = folded.pop()
            new = Linear(*old.weight.shape)
            new.weight, new.bias = fold_linear_bn(
                old.weight, old.bias, layer.gamma, layer.beta, layer.running_mean, layer.running_var, layer.eps
            )
            folded.append(new)
        else:
            folded.append(layer)
    return folded
    # solution: end
