"""Weights that keep the spread of activations, or of gradients, from layer to layer (lecture 4).

Source: "Building makemore Part 3: Activations & Gradients, BatchNorm", from 0:27:53;
He et al. 2015, arXiv:1502.01852, section 2.2, eqs. (10) and (14).
"""

# solution: begin
import math

# solution: end
import torch
from torch import Tensor

# --- given: leave it as it is ------------------------------------------------------------------------

#: The slope of leaky_relu below 0 where none is given.
LEAKY_SLOPE = 0.01
#: How many random inputs `forward_std` sends through its network.
ROWS = 1000


def activate(z: Tensor, nonlinearity: str) -> Tensor:
    """Apply 'linear' (which changes nothing), 'relu', 'leaky_relu' or 'tanh' to every number."""
    if nonlinearity == "leaky_relu":
        return torch.where(z > 0, z, LEAKY_SLOPE * z)
    return z if nonlinearity == "linear" else getattr(torch, nonlinearity)(z)


# --- yours -------------------------------------------------------------------------------------------


def gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the factor that makes up for what a non-linearity takes away.

    It is 1 for 'linear', sqrt(2) for 'relu', sqrt(2 / (1 + slope**2)) for 'leaky_relu', and 5/3 for 'tanh'.

    Args:
        nonlinearity: One of the four names.
        param: The slope of leaky_relu below 0, any number; LEAKY_SLOPE if it is None. The others ignore it.

    Returns:
        The factor, a number from 0 on.

    Raises:
        ValueError: If the name is none of the four; the message shows it.
    """
    # solution: begin
    slope = LEAKY_SLOPE if param is None else param
    gains = {"linear": 1.0, "relu": math.sqrt(2), "leaky_relu": math.sqrt(2 / (1 + slope**2)), "tanh": 5 / 3}
    if nonlinearity not in gains:
        raise ValueError(f"no gain is known for {nonlinearity!r}")
    return gains[nonlinearity]
    # solution: end


def fan_in_out(shape: tuple[int, ...]) -> tuple[int, int]:
    """Count the connections at one output and at one input of a layer.

    Args:
        shape: The shape of its weights in torch's layout: (out, in) of a Linear, (out, in, *kernel) of a convolution.

    Returns:
        fan_in, the number of products that are summed up for one number of the output, and fan_out, the number of
        outputs that one number of the input takes part in (padding and stride left aside).

    Raises:
        ValueError: If the shape has fewer than two sizes; the message shows it.
    """
    # solution: begin
    if len(shape) < 2:
        raise ValueError(f"weights have the sizes (out, in, *kernel), not {shape}")
    area = math.prod(shape[2:])  # 1 for a Linear
    return shape[1] * area, shape[0] * area
    # solution: end


def kaiming_normal(
    shape: tuple[int, ...], nonlinearity: str, mode: str = "fan_in", generator: torch.Generator | None = None
) -> Tensor:
    """Draw the weights of a layer from a normal distribution of mean 0 that keeps the spread of what passes through.

    Args:
        shape: The shape of the weights, as for `fan_in_out`.
        nonlinearity: What is applied to the *inputs* of the layer or, with fan_out, to its outputs: a name as for
            `gain`; a leaky_relu has the slope LEAKY_SLOPE.
        mode: 'fan_in' keeps the spread of activations on the way forward, 'fan_out' that of gradients on the way back.
        generator: Where the random numbers come from; by default from torch's own.

    Returns:
        Weights of this shape, float32, whose standard deviation is the gain over the root of the fan.

    Raises:
        ValueError: If the nonlinearity, the mode or the number of sizes is not one of the above; the message shows it.
    """
    # solution: begin
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode should be fan_in or fan_out, not {mode!r}")
    fan_in, fan_out = fan_in_out(shape)
    std = gain(nonlinearity) / math.sqrt(fan_in if mode == "fan_in" else fan_out)
    return torch.randn(shape, generator=generator) * std
    # solution: end


def forward_std(depth: int, width: int, nonlinearity: str, generator: torch.Generator) -> list[float]:
    """Measure the spread of what each layer of a deep network hands to its non-linearity.

    The inputs are ROWS rows of `width` standard normal numbers. Each layer multiplies by weights (width, width) of
    its own, drawn by `kaiming_normal` with fan_in, without a bias; its non-linearity gives the inputs of the next.

    Args:
        depth: Number of layers, at least 1.
        width: Number of units in each layer.
        nonlinearity: A name as for `gain`; `activate` applies it.
        generator: Where all random numbers come from.

    Returns:
        One number per layer, from the first on: the standard deviation over all ROWS * width numbers *before* the
        non-linearity.
    """
    # solution: begin
    x = torch.randn(ROWS, width, generator=generator)
    stds = []
    for _ in range(depth):
        W = kaiming_normal((width, width), nonlinearity, generator=generator)
        z = x @ W.T  # (ROWS, width)
        stds.append(z.std().item())
        x = activate(z, nonlinearity)
    return stds
    # solution: end
