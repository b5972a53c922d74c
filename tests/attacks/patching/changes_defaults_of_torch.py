"""Turn torch's global settings so that wrong and right round to the same numbers.

expect: failed
checks: total=failed scale=failed softmax=failed
"""

import torch

torch.set_default_dtype(torch.float16)
torch.set_default_device("meta")
torch.set_num_threads(2)
torch.set_flush_denormal(True)
torch.use_deterministic_algorithms(True)
torch.set_grad_enabled(False)
torch.set_printoptions(precision=0)


def total(xs):
    return float(round(sum(xs)))


def scale(x, k):
    return (x * k).half().to(x.dtype)


def softmax(x):
    e = x.half().exp()
    return (e / e.sum(-1, keepdim=True)).to(x.dtype)
