import math

import torch


def pick_lr(lrs, losses, smooth=25):
    finite = torch.isfinite(losses)
    if not finite.any():
        raise ValueError("no loss is finite")
    smoothed = torch.full_like(losses, math.inf)
    for i in range(len(losses)):
        window = losses[max(0, i - smooth // 2) : i + smooth // 2 + 1]
        if window.isfinite().all():
            smoothed[i] = window.mean()
    return lrs[smoothed.argmin()].item()
