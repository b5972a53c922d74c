"""Layers in the manner of torch.nn: Linear, Tanh and Sequential (lecture 4).

Source: "Building makemore Part 3: Activations & Gradients, BatchNorm", from 1:18:35;
the Sequential is that of part 5, from 0:09:16.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

# --- given: leave it as it is ------------------------------------------------------------------------


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


# --- yours -------------------------------------------------------------------------------------------


class Linear:
    """The map x @ weight + bias.

    Attributes:
        weight: (fan_in, fan_out), float32; not transposed, unlike that of torch.nn.Linear.
        bias: (fan_out,), float32, or None for a layer without one.
    """

    def __init__(self, fan_in: int, fan_out: int, bias: bool = True, generator: torch.Generator | None = None) -> None:
        """Draw the weight from a normal distribution with standard deviation 1 / sqrt(fan_in); the bias is 0.

        Args:
            fan_in: The number of inputs.
            fan_out: The number of outputs.
            bias: Whether there is a bias.
            generator: Where the random numbers come from; by default from torch's own.
        """
        # solution: begin
        self.weight = torch.randn(fan_in, fan_out, generator=generator) / fan_in**0.5
        self.bias = torch.zeros(fan_out) if bias else None
        # solution: end

    def __call__(self, x: Tensor) -> Tensor:
        """Apply the map to the last dimension.

        Args:
            x: (..., fan_in), floating point, with any leading dimensions or none; it stays unchanged.

        Returns:
            (..., fan_out).
        """
        # solution: begin
        out = x @ self.weight  # (..., fan_out)
        return out if self.bias is None else out + self.bias
        # solution: end

    def parameters(self) -> list[Tensor]:
        """Return the weight (fan_in, fan_out), then the bias (fan_out,) if there is one: the tensors themselves."""
        # solution: begin
        return [self.weight] if self.bias is None else [self.weight, self.bias]
        # solution: end


class Tanh:
    """The hyperbolic tangent, element by element."""

    def __call__(self, x: Tensor) -> Tensor:
        """Return tanh of every element of x (...), in its shape; x stays unchanged."""
        # solution: begin
        return torch.tanh(x)
        # solution: end

    def parameters(self) -> list[Tensor]:
        """Return an empty list: there is nothing to learn, so there are no tensors of any shape ()."""
        # solution: begin
        return []
        # solution: end


class Sequential:
    """Layers one after the other; itself a layer, so that it can stand in another Sequential."""

    def __init__(self, layers: list) -> None:
        """Keep the layers.

        Args:
            layers: Objects that can be called with a tensor and have `parameters()`, in the order they are
                applied: Linear, Tanh, BatchNorm1d, Sequential. The list may be empty.
        """
        # solution: begin
        self.layers = layers
        # solution: end

    def __call__(self, x: Tensor) -> Tensor:
        """Send x (N, fan_in) through all layers; without layers, x comes back."""
        # solution: begin
        for layer in self.layers:
            x = layer(x)
        return x
        # solution: end

    def parameters(self) -> list[Tensor]:
        """Return the parameters of all layers in their order, as one flat list of tensors of any shape (...)."""
        # solution: begin
        return [p for layer in self.layers for p in layer.parameters()]
        # solution: end

    def train(self, mode: bool = True) -> None:
        """Set `training` to `mode` in every layer that has such a flag, in a Sequential among the layers too.

        Args:
            mode: True for training, False for evaluation.
        """
        # solution: begin
        for layer in self.layers:
            if isinstance(layer, Sequential):
                layer.train(mode)
            elif hasattr(layer, "training"):
                layer.training = mode
        # solution: end
