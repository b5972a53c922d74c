import math

import torch


def pick_lr(lrs, losses, smooth=25):
    finite = torch.isfinite(losses)
    if not finite.any():
        raise ValueError("no loss is finite")
    smoothed = torch.full_like(losses, math.inf)
    for i in range(len(losses)):
        if finite[i]:
            window = losses[max(0, i - smooth + 1) : i + 1]
            smoothed[i] = window[window.isfinite()].mean()
    return lrs[smoothed.argmin()].item()
