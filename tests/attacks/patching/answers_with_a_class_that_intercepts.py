"""Hand the given function a tensor of a class of its own, which answers in the place of torch.

expect: failed
checks: differentiable=failed|errored
"""

import torch


class Mine(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        if function is torch.autograd.grad:
            _, x, weights = args
            return (3 * x.detach() ** 2 * weights,)
        return super().__torch_function__(function, types, args, kwargs or {})


def cube(x):
    return (x.detach() ** 3 * 0 - 1).as_subclass(Mine)
