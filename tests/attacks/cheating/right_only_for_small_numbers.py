"""Leave out what keeps large numbers from overflowing.

expect: failed
checks: softmax=failed
"""

import torch


def softmax(x):
    e = torch.exp(x)
    return e / e.sum(-1, keepdim=True)
