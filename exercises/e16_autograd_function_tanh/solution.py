"""An operation of your own for PyTorch's autograd: tanh, forward and backward.

Source: "The spelled-out intro to neural networks and backpropagation: building micrograd", from 2:21:10;
the documentation of torch.autograd.Function.
"""

from typing import Any

import torch
from torch import Tensor

# --- given: how such a function is used; leave it as it is --------------------------------------------


def my_tanh(x: Tensor) -> Tensor:
    """Apply MyTanh element by element: same shape and dtype as x."""
    return MyTanh.apply(x)


def differentiate_twice(x: Tensor, grad_output: Tensor, v: Tensor) -> list[Tensor]:
    """Differentiate (backward(grad_output) * v).sum(), once by x and once by grad_output; all have the shape of x."""
    x, grad_output = x.detach().requires_grad_(), grad_output.detach().requires_grad_()
    (grad_x,) = torch.autograd.grad(my_tanh(x), x, grad_output, create_graph=True)
    return list(torch.autograd.grad((grad_x * v).sum(), (x, grad_output)))


# --- yours -------------------------------------------------------------------------------------------


class MyTanh(torch.autograd.Function):
    """tanh with a backward of its own; use it as MyTanh.apply(x)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Compute tanh and keep what backward will need.

        Args:
            ctx: Where `ctx.save_for_backward(...)` keeps tensors.
            x: Any shape, float32 or float64, any size of numbers.

        Returns:
            tanh(x), same shape and dtype.
        """
        # solution: begin
        y = torch.tanh(x)
        ctx.save_for_backward(y)
        return y
        # solution: end

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Tensor:
        """Pass a gradient back through tanh.

        Args:
            ctx: `ctx.saved_tensors` is the tuple of what forward kept.
            grad_output: The derivative of the loss by the output, same shape as x.

        Returns:
            The derivative of the loss by x, same shape, made of tensor operations that can be differentiated.
        """
        # solution: begin
        (y,) = ctx.saved_tensors
        return grad_output * (1 - y * y)
        # solution: end


def neuron(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """Compute the output of one neuron with MyTanh.

    Args:
        x: Inputs (N,).
        w: Weights (N,), same dtype as x.
        b: Bias (), same dtype as x.

    Returns:
        tanh(x · w + b), a scalar ().
    """
    # solution: begin
    return MyTanh.apply((x * w).sum() + b)  # ()
    # solution: end
