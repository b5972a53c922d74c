"""Call the function that the exercise is about.

expect: failed
checks: softmax=failed softmax_gradient=failed
"""

import torch


def softmax(x):
    return torch.softmax(x, -1)
