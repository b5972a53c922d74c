"""Replace the function of torch that the given code takes gradients with.

expect: failed
checks: differentiable=errored
"""

import torch


def grad(y, x, weights):
    return (3 * x.detach() ** 2 * weights,)


torch.autograd.grad = grad


def cube(x):
    torch.autograd.grad = grad
    return x.detach() ** 3
