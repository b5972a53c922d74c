"""Instruments for a layer of tanh units: how saturated is it, and what would help? (lecture 4)

Source: "Building makemore Part 3: Activations & Gradients, BatchNorm", from 12:59.
"""

from torch import Tensor


def saturation(h: Tensor, threshold: float = 0.99) -> Tensor:
    """Tell for each unit for which share of the examples it is saturated.

    Args:
        h: Outputs of tanh (N, H), floating point, N at least 1.
        threshold: Beyond this distance from 0, at either end, an output counts as saturated.

    Returns:
        Shares from 0 to 1 (H,), in the dtype of h. h stays unchanged.
    """
    # solution: begin
    return (h.abs() > threshold).to(h.dtype).mean(0)  # (N, H) -> (H,)
    # solution: end


def dead_units(h: Tensor, threshold: float = 0.99) -> Tensor:
    """Tell which units are saturated for every example.

    Args:
        h: Outputs of tanh (N, H), floating point, N at least 1.
        threshold: As for `saturation`.

    Returns:
        Bool (H,). A unit that is at +1 for some examples and at -1 for all others is dead as well. h stays unchanged.
    """
    # solution: begin
    return (h.abs() > threshold).all(0)  # (N, H) -> (H,)
    # solution: end


def unsaturate_scale(x: Tensor, W: Tensor, target_std: float = 1.0) -> float:
    """Find the factor that gives the inputs of tanh the spread you want.

    Args:
        x: What goes into the layer (N, fan_in), floating point.
        W: Its weights (fan_in, H), same dtype; neither is changed.
        target_std: The standard deviation wanted, over all elements.

    Returns:
        A number s, above 0, such that x @ (s * W) has the standard deviation target_std.
    """
    # solution: begin
    return target_std / (x @ W).std().item()
    # solution: end
