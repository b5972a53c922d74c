"""Layers in the manner of torch.nn: each can be called and lists its parameters."""

import torch
import torch.nn.functional as F
from torch import Tensor

# --- given ---


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
        mean, var = (x.mean(0), x.var(0, correction=0)) if self.training else (self.running_mean, self.running_var)
        if self.training:
            with torch.no_grad():
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * x.var(0)
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta

    def parameters(self) -> list[Tensor]:
        return [self.gamma, self.beta]


def train_step(model: "Sequential", X: Tensor, Y: Tensor, lr: float) -> float:
    """Take one step of gradient descent, as the lecture does: every parameter moves in place.

    Args:
        model: Gives logits (N, V) for X.
        X: Inputs (N, fan_in).
        Y: Classes (N,), int64.
        lr: The learning rate.

    Returns:
        The mean cross-entropy before the step, in nats.
    """
    parameters = model.parameters()
    for p in parameters:
        p.requires_grad_()
    loss = F.cross_entropy(model(X), Y)
    for p, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        p.data -= lr * gradient
    return loss.item()


# --- the exercise ---


class Linear:
    """The map x @ weight + bias."""

    def __init__(self, fan_in: int, fan_out: int, bias: bool = True, generator: torch.Generator | None = None) -> None:
        self.weight = torch.randn(fan_in, fan_out, generator=generator) / fan_in**0.5
        self.bias = torch.zeros(fan_out) if bias else None

    def __call__(self, x: Tensor) -> Tensor:
        """Apply the map to the last dimension."""
        out = x @ self.weight  # (..., fan_out)
        return out if self.bias is None else out + self.bias

    def parameters(self) -> list[Tensor]:
        """Return the weight, then the bias if there is one."""
        return [self.weight] if self.bias is None else [self.weight, self.bias]


class Tanh:
    """The hyperbolic tangent, element by element."""

    def __call__(self, x: Tensor) -> Tensor:
        """Return tanh of every element."""
        return torch.tanh(x)

    def parameters(self) -> list[Tensor]:
        """Return an empty list."""
        return []


class Sequential:
    """Layers one after the other."""

    def __init__(self, layers: list) -> None:
        self.layers = layers

    def __call__(self, x: Tensor) -> Tensor:
        """Send x through all layers."""
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self) -> list[Tensor]:
        """Return the parameters of all layers in their order."""
        return [p for layer in self.layers for p in layer.parameters()]

    def train(self, mode: bool = True) -> None:
        """Set `training` in every layer that has such a flag."""
        for layer in self.layers:
            if isinstance(layer, Sequential):
                layer.train(mode)
            elif hasattr(layer, "training"):
                layer.training = mode
