"""How saturated is a layer of tanh units, and which scale of its weights would help?"""

from torch import Tensor


def saturation(h: Tensor, threshold: float = 0.99) -> Tensor:
    """Tell for each unit for which share of the examples it is saturated."""
    return (h.abs() > threshold).to(h.dtype).mean(0)  # (N, H) -> (H,)


def dead_units(h: Tensor, threshold: float = 0.99) -> Tensor:
    """Tell which units are saturated for every example."""
    return (h.abs() > threshold).all(0)  # (N, H) -> (H,)


def unsaturate_scale(x: Tensor, W: Tensor, target_std: float = 1.0) -> float:
    """Find the factor that gives the inputs of tanh the spread you want."""
    return target_std / (x @ W).std().item()
