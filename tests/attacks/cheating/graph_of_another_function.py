"""Return the right numbers with a graph that leads somewhere else.

expect: failed
checks: softmax=passed softmax_gradient=failed
"""

import torch


class Softmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        e = torch.exp(x - x.amax(-1, keepdim=True))
        return e / e.sum(-1, keepdim=True)

    @staticmethod
    def backward(ctx, g):
        return g


def softmax(x):
    return Softmax.apply(x)
