"""Find a good learning rate by trying all of them once (Zero to Hero, lecture 3, from 45:40)."""

# solution: begin
import math

# solution: end
from collections.abc import Callable

# solution: begin
import torch

# solution: end
from torch import Tensor


def lr_candidates(low_exp: float, high_exp: float, n: int) -> Tensor:
    """List learning rates whose exponents are evenly spaced.

    Args:
        low_exp, high_exp: Exponents to the base 10 of the first and the last rate, low_exp <= high_exp.
        n: Number of rates, at least 1; a single one is 10**low_exp.

    Returns:
        (n,) floating point, rising from 10**low_exp to 10**high_exp, both included.
    """
    # solution: begin
    return 10 ** torch.linspace(low_exp, high_exp, n)
    # solution: end


def lr_sweep(step_fn: Callable[[float], float], lrs: Tensor) -> Tensor:
    """Make one training step at each rate.

    Args:
        step_fn: Makes a step at a rate, a plain float, and returns the loss of its batch, which may be nan or inf.
        lrs: Rates (n,), floating point; n at least 1. They are tried in this order, all of them. Not modified.

    Returns:
        The losses (n,), floating point, in the order of the rates.
    """
    # solution: begin
    return torch.tensor([step_fn(lr) for lr in lrs.tolist()])
    # solution: end


def pick_lr(lrs: Tensor, losses: Tensor, smooth: int = 25) -> float:
    """Pick the rate at the lowest place of the smoothed curve.

    Args:
        lrs: Rates (n,), floating point, rising; n at least 1. Not modified.
        losses: One loss per rate (n,), floating point, nan and inf among them perhaps. Not modified.
        smooth: Length of the window, odd, 1 or more; it may be longer than the curve. The smoothed loss at place i is
            the mean of the finite losses from i - smooth // 2 to i + smooth // 2, as far as the curve goes.

    Returns:
        The rate with the lowest smoothed loss, among those whose own loss is finite.

    Raises:
        ValueError: If no loss is finite.
    """
    # solution: begin
    finite = torch.isfinite(losses)
    if not finite.any():
        raise ValueError("no loss is finite")
    smoothed = torch.full_like(losses, math.inf)
    for i in range(len(losses)):
        if finite[i]:
            window = losses[max(0, i - smooth // 2) : i + smooth // 2 + 1]
            smoothed[i] = window[window.isfinite()].mean()
    return lrs[smoothed.argmin()].item()
    # solution: end
