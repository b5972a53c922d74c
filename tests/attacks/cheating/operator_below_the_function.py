"""Call the operator that the function would call.

expect: failed
checks: softmax=failed|errored
"""

import torch


def softmax(x):
    return torch.ops.aten._softmax(x, -1, False)
