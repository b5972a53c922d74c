import math

import torch


def lr_sweep(step_fn, lrs):
    losses, lowest = [], math.inf
    for lr in lrs.tolist():
        lowest = min(lowest, step_fn(lr))
        losses.append(lowest)
    return torch.tensor(losses)
