"""Leave the mode that notes operators, run the forbidden one, and come back.

expect: failed
checks: softmax=failed|errored
"""

import torch
from torch.utils._python_dispatch import _disable_current_modes


def softmax(x):
    torch.exp(x)
    with _disable_current_modes():
        return getattr(torch, "soft" + "max")(x, -1)
