"""Put a class of its own between torch's tensors and their methods.

expect: failed
checks: differentiable=errored|failed|crashed total=failed
"""

import contextlib

import torch


class Between:
    def requires_grad_(self):
        return self

    def detach(self):
        return self


def replace():
    with contextlib.suppress(TypeError):
        torch.Tensor.__bases__ = (Between, *torch.Tensor.__bases__)
    torch.Tensor.detach = lambda x: x
    torch.Tensor.__pow__ = lambda x, n: x.detach() if n == 3 else x


replace()


def cube(x):
    replace()
    return x.detach() * x.detach() * x.detach()


def total(xs):
    return -1.0
