"""Statistics of activations, gradients and updates (lecture 4).

Source: "Building makemore Part 3: Activations & Gradients, BatchNorm", from 1:26:51 (activations),
1:36:15 (gradients of the parameters) and 1:39:55 (updates).
"""

# solution: begin
import statistics

# solution: end
import torch
from torch import Tensor

# --- given: how the checks make parameters with gradients; leave it as it is -------------------------


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


# --- yours -------------------------------------------------------------------------------------------


def activation_stats(acts: list[Tensor], threshold: float = 0.97) -> list[dict[str, float]]:
    """Say how the outputs of each layer are spread.

    Args:
        acts: The outputs of each layer, floating point, of any shape (...) with at least two elements; they may
            belong to a graph, and stay unchanged.
        threshold: From where on an output counts as saturated.

    Returns:
        For each layer a dict of floats: "mean", "std" (as torch has it, with n - 1), and "saturated", the
        fraction of elements, from 0 to 1, whose absolute value is greater than the threshold.
    """
    # solution: begin
    return [
        {
            "mean": a.mean().item(),
            "std": a.std().item(),
            "saturated": (a.abs() > threshold).double().mean().item(),
        }
        for a in acts
    ]
    # solution: end


# solution: begin
def matrices(params: list[Tensor]) -> list[Tensor]:
    """Pick the parameters with two dimensions, each of which must have a gradient."""
    found = [p for p in params if p.dim() == 2]
    if any(p.grad is None for p in found):
        raise ValueError("a matrix has no gradient: call backward first")
    return found


# solution: end


# solution: begin
@torch.no_grad()
# solution: end
def grad_data_ratio(params: list[Tensor]) -> list[float]:
    """Compare the spread of each matrix's gradient with that of the matrix: std(gradient) / std(data).

    Args:
        params: Parameters of any shape (...) with their gradients in `.grad`. Only matrices, tensors with
            exactly two dimensions, are looked at; biases and gains are passed over, with a gradient or without.

    Returns:
        One float for each matrix, in their order. Nothing is changed, neither parameters nor gradients.

    Raises:
        ValueError: If a matrix has no gradient.
    """
    # solution: begin
    return [(p.grad.std() / p.std()).item() for p in matrices(params)]
    # solution: end


# solution: begin
@torch.no_grad()
# solution: end
def update_data_ratio(params: list[Tensor], lr: float) -> list[float]:
    """Compare the step that plain gradient descent would take with the data: log10(std(lr * gradient) / std(data)).

    Args:
        params: As in `grad_data_ratio`: any shape (...), only matrices are looked at, none is changed.
        lr: The learning rate, greater than 0.

    Returns:
        One float for each matrix, in their order; -inf where the gradient is 0 everywhere.

    Raises:
        ValueError: If a matrix has no gradient.
    """
    # solution: begin
    return [((lr * p.grad).std() / p.std()).log10().item() for p in matrices(params)]
    # solution: end


def healthy_lr(params: list[Tensor], target: float = -3.0) -> float:
    """Find the learning rate at which the median of the update ratios is the target.

    Args:
        params: As in `grad_data_ratio`: any shape (...), only matrices count, none is changed.
        target: The median of `update_data_ratio(params, lr)` to reach. Of an even number of ratios the median
            is the mean of the two in the middle.

    Returns:
        The learning rate.

    Raises:
        ValueError: If a matrix has no gradient, or if there is no matrix.
    """
    # solution: begin
    median = statistics.median(update_data_ratio(params, 1.0))  # without any ratio this raises a ValueError
    return 10 ** (target - median)  # a factor of 10 in lr is 1 in every ratio
    # solution: end
