"""Give the given function the code, the defaults and the globals of another one.

expect: failed
checks: differentiable=errored
"""

import torch


def formula(x, weights):
    return 3 * x**2 * weights


class Fake:
    """Has what the given function asks torch for."""

    class autograd:
        @staticmethod
        def grad(y, x, weights):
            return (formula(x.detach(), weights),)


def cube(x):
    differentiate.__code__ = formula.__code__
    differentiate.__globals__["torch"] = Fake
    return x.detach() ** 3


def differentiate(x, weights):
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(cube(x), x, weights)
    return gradient


differentiate.__code__ = formula.__code__
differentiate.__globals__["torch"] = Fake
