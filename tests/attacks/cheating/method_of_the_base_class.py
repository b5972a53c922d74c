"""Take the method from the class that tensors inherit it from.

expect: failed
checks: softmax=failed|errored
"""

import torch


def softmax(x):
    return next(vars(base)["soft" + "max"] for base in torch.Tensor.__mro__ if "soft" + "max" in vars(base))(x, -1)
