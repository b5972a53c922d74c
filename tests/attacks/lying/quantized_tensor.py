"""Answer with a quantized tensor, whose numbers depend on who reads them.

expect: failed
checks: scale=failed
"""

import torch


def scale(x, k):
    return torch.quantize_per_tensor(x.float(), 0.1, 0, torch.qint8)
