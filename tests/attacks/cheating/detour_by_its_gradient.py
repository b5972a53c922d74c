"""Differentiate the logarithm of the sum, which gives the softmax.

expect: failed
checks: softmax=failed|errored
"""

import torch


def softmax(x):
    return torch.func.grad(lambda x: torch.logsumexp(x, -1).sum())(x)
