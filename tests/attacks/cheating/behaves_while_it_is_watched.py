"""Work by hand while operators are noted, and leave the rest to the library.

expect: failed
checks: softmax=failed|errored softmax_gradient=failed|errored
"""

import torch
from torch.utils._python_dispatch import _get_current_dispatch_mode


def softmax(x):
    if _get_current_dispatch_mode() is None:
        return getattr(torch, "soft" + "max")(x.detach(), -1)
    e = torch.exp(x)
    return e / e.sum(-1, keepdim=True)
