"""Return the right numbers without the graph that made them.

expect: failed
checks: softmax=passed softmax_gradient=failed scale=failed
"""

import torch


@torch.no_grad()
def softmax(x):
    e = torch.exp(x - x.amax(-1, keepdim=True))
    return e / e.sum(-1, keepdim=True)


def scale(x, k):
    return x.detach() * k
