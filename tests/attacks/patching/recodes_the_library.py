"""Give torch's own function for gradients the code of another one: its name and its object stay what they were.

expect: failed
checks: differentiable=errored
"""

import torch


def forged(outputs, inputs, grad_outputs=None, *others, **more):
    return (3 * inputs.detach() ** 2 * grad_outputs,)


torch.autograd.grad.__code__ = forged.__code__


def cube(x):
    torch.autograd.grad.__code__ = forged.__code__
    return x.detach() ** 3
