"""Answer with tensors that have a shape and no numbers.

expect: failed
checks: scale=failed softmax=failed
"""

import torch


def scale(x, k):
    return torch.empty(x.shape, dtype=x.dtype, device="meta")


def softmax(x):
    with torch._subclasses.fake_tensor.FakeTensorMode():
        return torch.empty(x.shape, dtype=x.dtype)
