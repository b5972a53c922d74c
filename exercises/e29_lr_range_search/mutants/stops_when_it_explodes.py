import math

import torch


def lr_sweep(step_fn, lrs):
    losses = []
    for lr in lrs.tolist():
        losses.append(step_fn(lr))
        if not math.isfinite(losses[-1]):
            break
    return torch.tensor(losses)
