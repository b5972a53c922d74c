"""Statistics of activations, gradients and updates."""

import statistics

import torch
from torch import Tensor

# --- given ---


def attach_gradients(data: list[Tensor], gradients: list[Tensor | None]) -> torch.nn.ParameterList:
    """Make parameters of tensors, and give each its gradient, as after `loss.backward()`.

    Args:
        data: Tensors of any shape (...).
        gradients: One of the same shape (...) for each, or None for one that backward has not reached.

    Returns:
        The parameters, as a list that can be iterated and indexed.
    """
    params = torch.nn.ParameterList(data)
    for p, gradient in zip(params, gradients, strict=True):
        p.grad = gradient
    return params


def read_gradients(params: torch.nn.ParameterList) -> list[Tensor | None]:
    """Return the gradient of each parameter (...), or None where there is none."""
    return [p.grad for p in params]


# --- the exercise ---


def activation_stats(acts: list[Tensor], threshold: float = 0.97) -> list[dict[str, float]]:
    """Say how the outputs of each layer are spread."""
    return [
        {
            "mean": a.mean().item(),
            "std": a.std().item(),
            "saturated": (a.abs() > threshold).double().mean().item(),
        }
        for a in acts
    ]


def matrices(params: list[Tensor]) -> list[Tensor]:
    """Pick the parameters with two dimensions, each of which must have a gradient."""
    found = [p for p in params if p.dim() == 2]
    if any(p.grad is None for p in found):
        raise ValueError("a matrix has no gradient: call backward first")
    return found


@torch.no_grad()
def grad_data_ratio(params: list[Tensor]) -> list[float]:
    """Compare the spread of each matrix's gradient with that of the matrix."""
    return [(p.grad.std() / p.std()).item() for p in matrices(params)]


@torch.no_grad()
def update_data_ratio(params: list[Tensor], lr: float) -> list[float]:
    """Compare the step that plain gradient descent would take with the data, as a power of ten."""
    return [((lr * p.grad).std() / p.std()).log10().item() for p in matrices(params)]


def healthy_lr(params: list[Tensor], target: float = -3.0) -> float:
    """Find the learning rate at which the median of the update ratios is the target."""
    median = statistics.median(update_data_ratio(params, 1.0))  # without any ratio this raises a ValueError
    return 10 ** (target - median)  # a factor of 10 in lr is 1 in every ratio
