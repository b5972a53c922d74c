"""Let a layer of the same meaning do it.

expect: failed
checks: softmax=failed|errored
"""

import torch


def softmax(x):
    return torch.nn.Softmax(dim=-1)(x) * torch.ones(()).exp() / torch.e
