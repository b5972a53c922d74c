"""Read the numbers in the order of storage, which is that of the tensor only where it is contiguous.

expect: failed
checks: scale=failed
"""

import torch


def scale(x, k):
    numbers = torch.empty(0, dtype=x.dtype).set_(x.untyped_storage(), 0, (x.untyped_storage().nbytes() // x.itemsize,))
    return (numbers * k)[: x.numel()].clone().reshape(x.shape) if x.numel() <= numbers.numel() else x
