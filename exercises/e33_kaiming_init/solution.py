"""Weights that keep the spread of activations, or of gradients, from layer to layer."""

import math

import torch
from torch import Tensor

# --- given ---

LEAKY_SLOPE = 0.01
ROWS = 1000


def activate(z: Tensor, nonlinearity: str) -> Tensor:
    """Apply 'linear' (which changes nothing), 'relu', 'leaky_relu' or 'tanh' to every number."""
    if nonlinearity == "leaky_relu":
        return torch.where(z > 0, z, LEAKY_SLOPE * z)
    return z if nonlinearity == "linear" else getattr(torch, nonlinearity)(z)


# --- the exercise ---


def gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the factor that makes up for what a non-linearity takes away."""
    slope = LEAKY_SLOPE if param is None else param
    gains = {"linear": 1.0, "relu": math.sqrt(2), "leaky_relu": math.sqrt(2 / (1 + slope**2)), "tanh": 5 / 3}
    if nonlinearity not in gains:
        raise ValueError(f"no gain is known for {nonlinearity!r}")
    return gains[nonlinearity]


def fan_in_out(shape: tuple[int, ...]) -> tuple[int, int]:
    """Count the connections at one output and at one input of a layer."""
    if len(shape) < 2:
        raise ValueError(f"weights have the sizes (out, in, *kernel), not {shape}")
    area = math.prod(shape[2:])  # 1 for a Linear
    return shape[1] * area, shape[0] * area


def kaiming_normal(
    shape: tuple[int, ...], nonlinearity: str, mode: str = "fan_in", generator: torch.Generator | None = None
) -> Tensor:
    """Draw the weights of a layer from a normal distribution of mean 0 that keeps the spread of what passes through."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode should be fan_in or fan_out, not {mode!r}")
    fan_in, fan_out = fan_in_out(shape)
    std = gain(nonlinearity) / math.sqrt(fan_in if mode == "fan_in" else fan_out)
    return torch.randn(shape, generator=generator) * std


def forward_std(depth: int, width: int, nonlinearity: str, generator: torch.Generator) -> list[float]:
    """Measure the spread of what each layer of a deep network hands to its non-linearity."""
    x = torch.randn(ROWS, width, generator=generator)
    stds = []
    for _ in range(depth):
        W = kaiming_normal((width, width), nonlinearity, generator=generator)
        z = x @ W.T  # (ROWS, width)
        stds.append(z.std().item())
        x = activate(z, nonlinearity)
    return stds
