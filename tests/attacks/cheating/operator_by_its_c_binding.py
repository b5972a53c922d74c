"""Call the binding that torch's own Python code uses.

expect: failed
checks: softmax=failed|errored
"""

import torch


def softmax(x):
    return torch._C._special.special_softmax(x, -1)
