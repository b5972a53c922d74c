"""Answer with a million tensors of no elements, whose shapes are as long as a shape may be.

expect: failed
checks: scale=failed|errored|out_of_memory|timed_out|crashed
"""

import torch


def scale(x, k):
    return x * 0


def scale_all(xs, k):
    return [torch.empty((0,) * 32) for _ in range(300_000)]
