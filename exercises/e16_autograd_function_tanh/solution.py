"""tanh as a torch.autograd.Function, and a neuron that uses it."""

from typing import Any

import torch
from torch import Tensor

# --- given ---


def my_tanh(x: Tensor) -> Tensor:
    """Apply MyTanh element by element."""
    return MyTanh.apply(x)


def differentiate_twice(x: Tensor, grad_output: Tensor, v: Tensor) -> list[Tensor]:
    """Differentiate (backward(grad_output) * v).sum(), once by x and once by grad_output."""
    x, grad_output = x.detach().requires_grad_(), grad_output.detach().requires_grad_()
    (grad_x,) = torch.autograd.grad(my_tanh(x), x, grad_output, create_graph=True)
    return list(torch.autograd.grad((grad_x * v).sum(), (x, grad_output)))


# --- the exercise ---


class MyTanh(torch.autograd.Function):
    """tanh with a backward of its own."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Compute tanh and keep it."""
        y = torch.tanh(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Tensor:
        """Pass a gradient back: dL/dx = dL/dy * (1 - y²)."""
        (y,) = ctx.saved_tensors
        return grad_output * (1 - y * y)


def neuron(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """Compute the output of one neuron with MyTanh."""
    return MyTanh.apply((x * w).sum() + b)  # ()
