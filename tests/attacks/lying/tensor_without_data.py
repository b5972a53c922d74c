"""Answer with tensors that have a shape and no numbers.

expect: failed
checks: scale=failed|timed_out|not_run softmax=failed|timed_out

Torch imports a second's worth of code for this, which a busy machine makes longer than the vault allows.
"""

import torch


def scale(x, k):
    return torch.empty(x.shape, dtype=x.dtype, device="meta")


def softmax(x):
    with torch._subclasses.fake_tensor.FakeTensorMode():
        return torch.empty(x.shape, dtype=x.dtype)
