"""Find a good learning rate by trying all of them once: the reference solution."""

import math
from collections.abc import Callable

import torch
from torch import Tensor


def lr_candidates(low_exp: float, high_exp: float, n: int) -> Tensor:
    """List learning rates whose exponents are evenly spaced."""
    return 10 ** torch.linspace(low_exp, high_exp, n)


def lr_sweep(step_fn: Callable[[float], float], lrs: Tensor) -> Tensor:
    """Make one training step at each rate."""
    return torch.tensor([step_fn(lr) for lr in lrs.tolist()])


def pick_lr(lrs: Tensor, losses: Tensor, smooth: int = 25) -> float:
    """Pick the rate at the lowest place of the smoothed curve."""
    finite = torch.isfinite(losses)
    if not finite.any():
        raise ValueError("no loss is finite")
    smoothed = torch.full_like(losses, math.inf)
    for i in range(len(losses)):
        if finite[i]:
            window = losses[max(0, i - smooth // 2) : i + smooth // 2 + 1]
            smoothed[i] = window[window.isfinite()].mean()
    return lrs[smoothed.argmin()].item()
