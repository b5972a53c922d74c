"""Keep the call in a string until it runs.

expect: failed
checks: softmax=failed|errored
"""

import torch


def softmax(x):
    return eval("torch.softmax(x, -1)", {"torch": torch, "x": x})
