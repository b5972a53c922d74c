import torch


def pick_lr(lrs, losses, smooth=25):
    finite = losses[torch.isfinite(losses)]
    if not len(finite):
        raise ValueError("no loss is finite")
    smooth = min(smooth, len(finite))
    means = finite.unfold(0, smooth, 1).mean(1)
    return lrs[means.argmin()].item()
