"""Answer with an empty tensor whose other sizes multiply beyond 64 bits.

expect: failed
checks: scale=failed
"""

import torch


def scale(x, k):
    return torch.empty(0).as_strided((2**62, 0, 2**62), (1, 1, 1))
